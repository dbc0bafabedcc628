-- register_code: send a code to the phone that somebody wants to register with. Called by register for POST /api/register/code.
-- Codes: ok, season_closed, too_many_attempts.
create or replace function enroll.register_code(
  p_ref text, p_address bytea, p_phone_index bytea, p_phone_code bytea, p_outbox_id uuid, p_phone bytea, p_token bytea,
  out code text, out retry_after_s int)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  if register_is_open() then
    select s.code, s.retry_after_s into code, retry_after_s
      from phone_code_send(p_ref, p_address, 'register', p_phone_index, p_phone_code, p_outbox_id, p_phone, p_token) s;
  else
    code := 'season_closed';
    perform audit_put(p_ref, 'phone_code', code, null, null, '{"purpose": "register"}');
  end if;
end $$;
grant execute on function enroll.register_code(text, bytea, bytea, bytea, uuid, bytea, bytea) to enroll_register;
