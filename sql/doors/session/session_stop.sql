-- session_stop: end one session. The WeChat that it was made in stops signing in by itself until the next sign-in by password
-- there; who typed longer than a visit lasts was signed in without his WeChat being known, then it is the one that this
-- browser was signed in with before. The WeChat p_keep, in which the parent is at this moment, goes on. Called by session's
-- doors alone.
create or replace function enroll.session_stop(s enroll.session, p_by text, p_keep uuid default null) returns void
language plpgsql set search_path = enroll, pg_temp as $$
begin
  update wechat w set is_automatic = false
   where w.guardian_id = s.guardian_id and w.unlinked_at is null and w.id is distinct from p_keep
     and (w.id = s.wechat_id or s.wechat_id is null
       and exists (select from session o where o.wechat_id = w.id and o.guardian_id = s.guardian_id and o.device = s.device));
  update session set ended_at = now(), ended_by = p_by where id = s.id and ended_at is null;
end $$;

-- session_is_live: would signed_in let it in?
create or replace function enroll.session_is_live(s enroll.session) returns boolean
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return s.ended_at is null and s.last_seen_at > now() - interval '30 minutes' and s.created_at > now() - interval '12 hours';
end $$;
