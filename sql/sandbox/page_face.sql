-- page_face: the button under the camera. Called by POST /sandbox/space/{id}/face. Codes: ok, not_found, wrong_state.
create function sandbox.page_face(p_id uuid, out code text, out is_recognized boolean)
language plpgsql set search_path = sandbox, pg_temp as $$
declare
  s session%rowtype;
begin
  code := session_open_for(p_id, array['created', 'identified']);
  select * into s from session where id = p_id;
  if code = 'ok' then
    is_recognized := s.status = 'identified' or session_identify(p_id);
  end if;
end $$;
