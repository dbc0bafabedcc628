-- session_open_for: lock the session for a step that needs it to be in one of p_statuses. Returns ok, not_found, wrong_state.
create function sandbox.session_open_for(p_id uuid, p_statuses text[]) returns text
language plpgsql set search_path = sandbox, pg_temp as $$
declare
  s session%rowtype;
begin
  select * into s from session t where t.id = p_id for update;
  return case when not found then 'not_found' when session_status(s) = any (p_statuses) then 'ok' else 'wrong_state' end;
end $$;
