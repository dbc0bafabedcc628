-- wechat_drop: the exchange failed, and the code is spent; whoever waits for its result is sent to the login page. Called by
-- wechat. Codes: ok.
create or replace function enroll.wechat_drop(p_ref text, p_wechat bytea, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  delete from wechat_visit where token_hash = p_wechat;
  perform audit_put(p_ref, 'wechat_callback', 'provider_unavailable');
  code := 'ok';
end $$;
grant execute on function enroll.wechat_drop(text, bytea) to enroll_wechat;
