-- page_link: 关联被监护人 by name and number. Called by POST /sandbox/space/{id}/link. The child must be one whom the platform
-- named and whom the register knows as this guardian's. Codes: ok, not_found, wrong_state; body says what was found:
-- linked (with the child's key), unknown (nobody of that name and number), not_ward.
create function sandbox.page_link(p_id uuid, p_name text, p_id_no text, out code text, out body text)
language plpgsql set search_path = sandbox, pg_temp as $$
declare
  s session%rowtype;
  child record;
begin
  code := session_open_for(p_id, array['identified']);
  select * into s from session where id = p_id;
  if code <> 'ok' then
    return;
  end if;
  select c.*, (select x->>'name' from jsonb_array_elements(s.students) x where x->>'id_no' = c.id_no) as given_name
    into child from registered_children(s) c where c.id_no = p_id_no;
  if child.id_no is null or p_name not in (child.name, child.given_name) or s.subject->>'id_no' <> s.guardian_id_no then
    body := json_build_object('result', 'unknown')::text;
  elsif not child.is_ward then
    body := json_build_object('result', 'not_ward')::text;
  else
    if not exists (select from jsonb_array_elements(s.wards) w where w->>'id_no' = p_id_no) then
      update session set wards = wards || jsonb_build_object('name', child.name, 'id_no', p_id_no) where id = p_id;
    end if;
    body := json_build_object('result', 'linked', 'key', (select p.key from people(s) p where p.id_no = p_id_no))::text;
  end if;
end $$;
