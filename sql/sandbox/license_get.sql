-- license_get: one licence, by its auth code. Called by GET …/license/get_license, and by …/archive for what it prints.
-- Codes: ok; the answer's own errors are ACCESS_TOKEN_INVALID and AUTH_CODE_INVALID.
create function sandbox.license_get(p_token text, p_auth_code text, out code text, out body text, out license_code text,
  out name text)
language plpgsql stable set search_path = sandbox, pg_temp as $$
declare
  g license_grant%rowtype;
  s session%rowtype;
  face jsonb;
begin
  code := 'ok';
  if not exists (select from access_token t where t.token = p_token and t.expires_at > now()) then
    body := license_failure('ACCESS_TOKEN_INVALID', 'access_token无效或已过期');
    return;
  end if;
  select * into g from license_grant t where t.auth_code = p_auth_code;
  if not found then
    body := license_failure('AUTH_CODE_INVALID', '用证码无效');
    return;
  end if;
  select * into s from session where id = g.session_id;
  face := license_face(s, g.type, g.holder_id_no);
  license_code := face->>'license_code';
  name := face->>'name';
  body := json_build_object('ack_code', 'SUCCESS', 'errors', '[]'::json, 'data', face
    || jsonb_build_object('auth_code', g.auth_code, 'data_fields', single_quoted(license_fields(s, g.type, g.holder_id_no))))::text;
end $$;
