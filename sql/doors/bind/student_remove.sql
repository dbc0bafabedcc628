-- student_remove: a child entered by mistake. Called by bind for DELETE /api/students/{id} while nothing is submitted; not
-- while limited. What was written and fetched about the child goes with it, and
-- rivals who had lost it may prove it (student_free). Repeated by its owner: the same answer.
-- Codes: ok, not_signed_in, identity_check_required, not_found, wrong_state (submitted).
create or replace function enroll.student_remove(p_session bytea, p_ref text, p_student uuid, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
  s student;
begin
  select * into who from signed_in_alone(p_session, false);
  code := who.code;
  if code <> 'ok' then
    perform audit_put(p_ref, 'student_remove', code, who.guardian_id);
    return;
  end if;
  perform child_lock(array[who.guardian_id]);
  select * into s from student where id = p_student and guardian_id = who.guardian_id for no key update;
  if not found then
    code := 'not_found';
  elsif student_is_submitted(s.id) then
    code := 'wrong_state';
  elsif s.removed_at is null then
    update student set removed_at = now() where id = s.id;
    perform student_forget(p_ref, s.id);
    delete from application where student_id = s.id;
    if s.proven_at is not null then
      perform student_free(p_ref, s);
    end if;
  end if;
  perform audit_put(p_ref, 'student_remove', code, who.guardian_id, s.id);
end $$;
grant execute on function enroll.student_remove(bytea, text, uuid) to enroll_bind;
