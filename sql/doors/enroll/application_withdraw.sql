-- application_withdraw: take a submitted (or returned) application back; it may be changed and submitted again, under the
-- same receipt number. Signed in, not while limited.
-- Codes: ok, not_signed_in, identity_check_required, key_reused, busy, not_found, student_taken, wrong_state.
create or replace function enroll.application_withdraw(
  p_session bytea, p_ref text, p_student uuid, p_key text, p_fingerprint bytea, out code text, out answer jsonb)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  me record;
  replay record;
  a application;
  v_caller bytea;
begin
  select * into me from signed_in(p_session, false, false);
  code := me.code;
  if code <> 'ok' then
    perform audit_put(p_ref, 'application_withdraw', code, me.guardian_id);
    return;
  end if;
  v_caller := uuid_send(me.guardian_id);
  select * into replay from idempotency_begin('withdraw ' || p_student, v_caller, p_key, p_fingerprint);
  if replay.state <> 'new' then
    code := case replay.state when 'replay' then 'ok' when 'in_progress' then 'busy' else replay.state end;
    answer := replay.answer;
    if code <> 'busy' then
      perform audit_put(p_ref, 'application_withdraw', case code when 'ok' then 'replayed' else code end, me.guardian_id, p_student);
    end if;
    return;
  end if;
  select * into me from signed_in_alone(p_session, false);
  select o.* into a from application o join student s on s.id = o.student_id
   where s.id = p_student and s.guardian_id = me.guardian_id and s.removed_at is null for no key update of o;
  code := case
    when me.code <> 'ok' then me.code
    when a.id is null then case when exists (select from student s where s.id = p_student and s.guardian_id = me.guardian_id
      and s.removed_at is null) then 'wrong_state' else 'not_found' end
    when a.status = 'student_taken' then 'student_taken'
    when a.status in ('submitted', 'returned', 'withdrawn') then 'ok'
    else 'wrong_state' end;
  if code = 'ok' then
    if a.status <> 'withdrawn' then
      update application o set status = 'withdrawn', updated_at = now() where o.id = a.id;
      insert into outbox (template, phone_id, detail)
      select 'application_withdrawn', p.id, a.receipt_no from phone p where p.guardian_id = me.guardian_id and p.until is null;
    end if;
    answer := jsonb_build_object('status', 'withdrawn', 'receipt_no', a.receipt_no);
    perform idempotency_finish('withdraw ' || p_student, v_caller, p_key, answer);
  else
    perform idempotency_drop('withdraw ' || p_student, v_caller, p_key);
  end if;
  perform audit_put(p_ref, 'application_withdraw', code, me.guardian_id, a.student_id);
end $$;
grant execute on function enroll.application_withdraw(bytea, text, uuid, text, bytea) to enroll_enroll;
