-- recover_code: send a code to the new phone of an account that is not signed in. Called by recover for POST /api/recover/code.
-- Codes: ok, too_many_attempts.
create or replace function enroll.recover_code(
  p_ref text, p_address bytea, p_phone_index bytea, p_phone_code bytea, p_outbox_id uuid, p_phone bytea, p_token bytea,
  out code text, out retry_after_s int)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  select s.code, s.retry_after_s into code, retry_after_s
    from phone_code_send(p_ref, p_address, 'recover', p_phone_index, p_phone_code, p_outbox_id, p_phone, p_token) s;
end $$;
grant execute on function enroll.recover_code(text, bytea, bytea, bytea, uuid, bytea, bytea) to enroll_recover;
