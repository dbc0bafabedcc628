-- license_auth: which licences of one holder does an authorization code open? Called by POST …/license/auth.
-- A code answers each holder to the first request_id only; the same request_id again is answered alike, by the same auth codes.
-- Codes: ok; the answer's own errors are ACCESS_TOKEN_INVALID, AUTHORIZATION_CODE_INVALID, AUTHORIZATION_CODE_EXPIRED,
-- AUTHORIZATION_CODE_USED.
create function sandbox.license_auth(p_token text, p_holder text, p_request_id text, p_authorization_code text,
  p_page_size integer, p_page_index integer, out code text, out body text)
language plpgsql set search_path = sandbox, pg_temp as $$
declare
  s session%rowtype;
  first_request text;
begin
  code := 'ok';
  if not exists (select from access_token t where t.token = p_token and t.expires_at > now()) then
    body := license_failure('ACCESS_TOKEN_INVALID', 'access_token无效或已过期');
    return;
  end if;
  select * into s from session where authorization_code = p_authorization_code;
  if not found then
    body := license_failure('AUTHORIZATION_CODE_INVALID', '授权码无效');
    return;
  elsif s.signed_at + interval '180 days' < now() then
    body := license_failure('AUTHORIZATION_CODE_EXPIRED', '授权已到期，请重新签署');
    return;
  end if;
  insert into license_request values (p_authorization_code, p_holder, p_request_id)
    on conflict (authorization_code, holder_id_no) do update set request_id = license_request.request_id
    returning request_id into first_request;
  if first_request <> p_request_id then
    body := license_failure('AUTHORIZATION_CODE_USED', '授权码已使用');
    return;
  end if;
  insert into license_grant (auth_code, session_id, type, holder_id_no)
    select to_char(now() at time zone 'Asia/Shanghai', 'YYYYMMDDHH24MISS') || upper(substr(md5(gen_random_uuid()::text), 1, 14)),
      s.id, i->>'type', p_holder
    from jsonb_array_elements(s.scope) i where i->>'holder_id_no' = p_holder
    on conflict do nothing;
  body := (
    with granted as (
      select g.auth_code, license_face(s, g.type, g.holder_id_no) as face, count(*) over () as total,
          row_number() over (order by g.type) as place
        from license_grant g where g.session_id = s.id and g.holder_id_no = p_holder),
    page as (
      select * from granted where place > p_page_size * (p_page_index - 1) and place <= p_page_size * p_page_index)
    select json_build_object('ack_code', 'SUCCESS', 'errors', '[]'::json,
      'auth_codes', coalesce((select json_agg(p.auth_code order by p.place) from page p), '[]'),
      'total_count', coalesce((select max(g.total) from granted g), 0),
      'data', coalesce((select json_agg(p.face || jsonb_build_object('auth_code', p.auth_code) order by p.place) from page p),
        '[]')))::text;
end $$;
