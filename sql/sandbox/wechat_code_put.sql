-- wechat_code_put: remember the one-time code that goes into the redirect. Codes: ok.
create function sandbox.wechat_code_put(p_code text, p_openid text, p_is_snapshot boolean, out code text)
language plpgsql set search_path = sandbox, pg_temp as $$
begin
  code := 'ok';
  insert into wechat_code (code, openid, is_snapshot) values (p_code, p_openid, p_is_snapshot);
end $$;
