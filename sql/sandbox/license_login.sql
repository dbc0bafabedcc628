-- license_login: remember a fresh access token for ten minutes. Called by POST …/security/login after the credentials were
-- found right. Codes: ok.
create function sandbox.license_login(p_token text, out code text, out body text)
language plpgsql set search_path = sandbox, pg_temp as $$
begin
  code := 'ok';
  insert into access_token values (p_token, now() + interval '10 minutes');
  body := json_build_object('ack_code', 'SUCCESS', 'access_token', p_token, 'errors', '[]'::json)::text;
end $$;
