-- account_code: send a code to the new phone of whoever is signed in. Called by session for POST /api/account/code.
-- Codes: ok, not_signed_in, identity_check_required, too_many_attempts.
create or replace function enroll.account_code(
  p_session bytea, p_ref text, p_address bytea, p_phone_index bytea, p_phone_code bytea, p_outbox_id uuid, p_phone bytea,
  p_token bytea, out code text, out retry_after_s int)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
begin
  select * into who from signed_in(p_session, false, false);
  code := who.code;
  if code = 'ok' then
    select s.code, s.retry_after_s into code, retry_after_s
      from phone_code_send(p_ref, p_address, 'account', p_phone_index, p_phone_code, p_outbox_id, p_phone, p_token, who.guardian_id) s;
  else
    perform audit_put(p_ref, 'phone_code', code, who.guardian_id, null, '{"purpose": "account"}');
  end if;
end $$;
grant execute on function enroll.account_code(bytea, text, bytea, bytea, bytea, uuid, bytea, bytea) to enroll_session;
