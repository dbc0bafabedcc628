-- wechat_authorize: a browser sets out for WeChat. Called by wechat for GET /api/wechat/authorize. The visit holds the state
-- and where to go afterwards, for ten minutes; some visits long over are swept on the way. Codes: ok.
create or replace function enroll.wechat_authorize(
  p_ref text, p_token_hash bytea, p_state_hash bytea, p_next text, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  delete from wechat_visit where token_hash in (
    select v.token_hash from wechat_visit v where v.expires_at < now() - interval '10 minutes' order by v.expires_at limit 20
       for update skip locked);
  insert into wechat_visit (token_hash, state_hash, next_path, expires_at)
  values (p_token_hash, p_state_hash, p_next, now() + interval '10 minutes');
  code := 'ok';
  perform audit_put(p_ref, 'wechat_authorize', code);
end $$;
grant execute on function enroll.wechat_authorize(text, bytea, bytea, text) to enroll_wechat;
