-- wechat_token: the platform's access token for two hours; the same again while it holds, unless a new one is forced, which ends
-- the old. Called by POST …/cgi-bin/stable_token after the credentials were found right. Codes: ok.
create function sandbox.wechat_token(p_token text, p_is_forced boolean, out code text, out body text)
language plpgsql set search_path = sandbox, pg_temp as $$
declare
  w wechat_lent%rowtype;
begin
  code := 'ok';
  if p_is_forced then
    update wechat_lent set expires_at = now() where kind = 'access_token' and expires_at > now();
  end if;
  select * into w from wechat_lent where kind = 'access_token' and expires_at > now() order by made_at desc limit 1;
  if not found then
    insert into wechat_lent (value, kind, expires_at) values (p_token, 'access_token', now() + interval '2 hours') returning * into w;
  end if;
  body := json_build_object('access_token', w.value, 'expires_in', ceil(extract(epoch from w.expires_at - now()))::int)::text;
end $$;
