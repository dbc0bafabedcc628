-- register_drop: the hash could not be made (busy); the same key may be used again at once. Called by register. Codes: ok.
create or replace function enroll.register_drop(p_ref text, p_key text, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  perform idempotency_drop('register', '', p_key);
  perform audit_put(p_ref, 'register', 'busy');
  code := 'ok';
end $$;
grant execute on function enroll.register_drop(text, text) to enroll_register;
