-- session_create: the platform opens a session for a parent. Called by POST /sandbox/space-api/v1/sessions. Codes: ok.
create function sandbox.session_create(p_public_url text, p_purpose text, p_state text, p_return_url text, p_notify_url text,
  p_guardian_name text, p_guardian_id_no text, p_students jsonb, p_licenses jsonb, out code text, out body text)
language plpgsql set search_path = sandbox, pg_temp as $$
declare
  s session%rowtype;
begin
  code := 'ok';
  insert into session (purpose, state, return_url, notify_url, guardian_name, guardian_id_no, students, licenses)
    values (p_purpose, p_state, p_return_url, p_notify_url, p_guardian_name, p_guardian_id_no,
      coalesce(p_students, '[]'), coalesce(p_licenses, '[]'))
    returning * into s;
  body := json_build_object('session_id', s.id, 'launch_url', p_public_url || '/sandbox/space/' || s.id,
    'expires_at', s.expires_at)::text;
end $$;
