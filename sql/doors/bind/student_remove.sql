-- student_remove: a child entered by mistake. Called by bind for DELETE /api/students/{id} while nothing is submitted; not
-- while limited. A draft goes with it, and so does what was fetched about the child. Repeated by its owner: the same answer.
-- Codes: ok, not_signed_in, identity_check_required, not_found, wrong_state (submitted).
create or replace function enroll.student_remove(p_session bytea, p_ref text, p_student uuid, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
  s student;
begin
  select * into who from signed_in(p_session, false);
  code := who.code;
  if code <> 'ok' then
    perform audit_put(p_ref, 'student_remove', code, who.guardian_id);
    return;
  end if;
  perform from guardian g where g.id = who.guardian_id for no key update;
  select * into s from student where id = p_student and guardian_id = who.guardian_id for update;
  if not found then
    code := 'not_found';
  elsif student_is_submitted(s.id) then
    code := 'wrong_state';
  elsif s.removed_at is null then
    update student set removed_at = now() where id = s.id;
    update application set status = 'withdrawn', updated_at = now() where student_id = s.id and status in ('draft', 'returned');
    perform student_forget(p_ref, s.id);
  end if;
  perform audit_put(p_ref, 'student_remove', code, who.guardian_id, s.id);
end $$;
grant execute on function enroll.student_remove(bytea, text, uuid) to enroll_bind;
