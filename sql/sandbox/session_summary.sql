-- session_summary: status and return_url for programs. Called by GET /sandbox/control/sessions/{id}. Codes: ok, not_found.
create function sandbox.session_summary(p_id uuid, out code text, out body text)
language plpgsql stable set search_path = sandbox, pg_temp as $$
begin
  code := 'ok';
  select json_build_object('status', session_status(s), 'return_url', s.return_url)::text into body
    from session s where s.id = p_id;
  if not found then
    code := 'not_found';
  end if;
end $$;
