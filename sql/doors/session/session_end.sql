-- session_end: sign out. Called by session for DELETE /api/session. What follows for the WeChat, session_stop says. A session
-- that has ended already is ended all the same, so that a repeat gets the same answer; therefore signed_in is not asked.
-- Codes: ok, not_signed_in (no such session ever).
create or replace function enroll.session_end(p_session bytea, p_ref text, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  s session;
begin
  perform from guardian g where g.id = (select o.guardian_id from session o where o.token_hash = p_session) for no key update;
  select * into s from session where token_hash = p_session;
  if not found then
    code := 'not_signed_in';
    perform audit_put(p_ref, 'sign_out', code);
    return;
  end if;
  code := 'ok';
  if s.ended_at is null then
    perform session_stop(s, 'sign_out');
  end if;
  perform audit_put(p_ref, 'sign_out', code, s.guardian_id);
end $$;
grant execute on function enroll.session_end(bytea, text) to enroll_session;
