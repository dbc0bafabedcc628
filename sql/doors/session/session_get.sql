-- session_get: who is signed in? Called by session for GET /api/session; limited accounts may, and see masks. p_wechat is the
-- browser's visit, for wechat_here. Codes: ok (in answer), not_signed_in.
drop function if exists enroll.session_get(bytea, text);
create or replace function enroll.session_get(
  p_session bytea, p_ref text, p_wechat bytea default null, out code text, out answer jsonb)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
begin
  select * into who from signed_in(p_session, true);
  code := who.code;
  if code = 'ok' then
    answer := session_json(who.guardian_id, who.session_id, p_wechat);
  end if;
end $$;
grant execute on function enroll.session_get(bytea, text, bytea) to enroll_session;
