-- recover_begin: may these facts be tried now? Called by recover for POST /api/recover/password, before the new password is
-- hashed; the facts are judged after that, so that right and wrong ones cost the same. Booked as failed until recover_finish
-- or recover_drop takes it back; kind and key name an own budget. Codes: ok, too_many_attempts.
create or replace function enroll.recover_begin(
  p_ref text, p_address bytea, p_device bytea, p_wechat bytea, p_guardian_index bytea, p_student_index bytea,
  out code text, out retry_after_s int, out kind text, out key bytea)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  booking record;
begin
  select * into booking from facts_book(p_address, p_device, p_wechat, p_guardian_index, p_student_index);
  code := case when booking.allowed then 'ok' else 'too_many_attempts' end;
  retry_after_s := booking.retry_after_s;
  kind := booking.kind;
  key := booking.key;
  if code <> 'ok' then
    perform audit_put(p_ref, 'recover_password', code);
  end if;
end $$;
grant execute on function enroll.recover_begin(text, bytea, bytea, bytea, bytea, bytea) to enroll_recover;
