-- wechat_exchange: a code for an openid, once, within five minutes. Called by GET …/sns/oauth2/access_token. Codes: ok; the
-- answer is WeChat's own: 40163 for a used code, 40029 for any other that is not good.
create function sandbox.wechat_exchange(p_code text, p_token text, p_refresh text, out code text, out body text)
language plpgsql set search_path = sandbox, pg_temp as $$
declare
  w wechat_code%rowtype;
begin
  code := 'ok';
  select * into w from wechat_code t where t.code = p_code for update;
  if w.code is null or w.made_at < now() - interval '5 minutes' then
    body := json_build_object('errcode', 40029, 'errmsg', 'invalid code')::text;
  elsif w.used_at is not null then
    body := json_build_object('errcode', 40163, 'errmsg', 'code been used')::text;
  else
    update wechat_code t set used_at = now() where t.code = p_code;
    body := json_strip_nulls(json_build_object('access_token', p_token, 'expires_in', 7200, 'refresh_token', p_refresh,
      'openid', w.openid, 'scope', 'snsapi_base', 'is_snapshotuser', case when w.is_snapshot then 1 end))::text;
  end if;
end $$;
