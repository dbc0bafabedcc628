-- session_drop: the password was not judged (busy), so the booking of session_begin is taken back. Called by session.
-- Codes: ok.
create or replace function enroll.session_drop(p_ref text, p_kind text, p_key bytea, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  perform guess_take_back(p_kind, p_key);
  perform audit_put(p_ref, 'sign_in', 'busy');
  code := 'ok';
end $$;
grant execute on function enroll.session_drop(text, text, bytea) to enroll_session;
