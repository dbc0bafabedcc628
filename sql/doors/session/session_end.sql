-- session_end: sign out. Called by session for DELETE /api/session. The WeChat that the session was made in stops signing in
-- by itself until the next sign-in by password there. Who typed longer than a visit lasts was signed in without his WeChat
-- being known; then it is the one that this browser was signed in with before. A session that has ended already is ended all
-- the same, so that a repeat gets the same answer; therefore signed_in is not asked.
-- Codes: ok, not_signed_in (no such session ever).
create or replace function enroll.session_end(p_session bytea, p_ref text, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  s session;
begin
  select * into s from session where token_hash = p_session;
  if not found then
    code := 'not_signed_in';
    return;
  end if;
  code := 'ok';
  if s.ended_at is null then
    update wechat w set is_automatic = false
     where w.guardian_id = s.guardian_id and w.unlinked_at is null
       and (w.id = s.wechat_id or s.wechat_id is null
         and exists (select from session o where o.wechat_id = w.id and o.guardian_id = s.guardian_id and o.device = s.device));
    update session set ended_at = now(), ended_by = 'sign_out' where id = s.id and ended_at is null;
    perform audit_put(p_ref, 'sign_out', code, s.guardian_id);
  end if;
end $$;
grant execute on function enroll.session_end(bytea, text) to enroll_session;
