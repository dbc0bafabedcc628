-- session_read: what the platform is told about a session. Called by GET /sandbox/space-api/v1/sessions/{id}. p_is_late shows
-- it as it was at its start (the fault "late"). Codes: ok, not_found.
create function sandbox.session_read(p_id uuid, p_is_late boolean, out code text, out body text)
language plpgsql stable set search_path = sandbox, pg_temp as $$
declare
  s session%rowtype;
begin
  code := 'not_found';
  select * into s from session where id = p_id;
  if not found then
    return;
  end if;
  code := 'ok';
  if p_is_late then
    body := json_build_object('session_id', s.id, 'state', s.state, 'status', 'created', 'wards', '[]'::json,
      'claimed', '[]'::json)::text;
    return;
  end if;
  body := json_strip_nulls(json_build_object('session_id', s.id, 'state', s.state, 'status', session_status(s),
    'subject', s.subject, 'wards', s.wards, 'claimed', s.claimed,
    'authorization', case when s.authorization_code is not null then json_build_object('code', s.authorization_code,
      'signed_at', s.signed_at, 'expires_at', s.signed_at + interval '180 days', 'scope', s.scope) end))::text;
end $$;
