-- license_logout: let every access token of the e-license system and of WeChat expire at once. Called by DELETE /sandbox/control/tokens. Codes: ok.
create function sandbox.license_logout(out code text)
language plpgsql set search_path = sandbox, pg_temp as $$
begin
  code := 'ok';
  update access_token set expires_at = now();
  update wechat_lent set expires_at = now() where kind = 'access_token';
end $$;
