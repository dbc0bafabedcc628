-- people: the guardian and the students of a session with the keys by which the pages name them.
create function sandbox.people(p_session session)
returns table (place bigint, key text, name text, id_no text, is_linked boolean)
language plpgsql stable set search_path = sandbox, pg_temp as $$
begin
  return query select 0::bigint, 'guardian', coalesce(p_session.subject->>'name', p_session.guardian_name),
    coalesce(p_session.subject->>'id_no', p_session.guardian_id_no), true;
  return query select c.place, c.place::text, c.name, c.id_no,
      exists (select from jsonb_array_elements(p_session.wards) w where w->>'id_no' = c.id_no)
    from (select row_number() over () as place, r.* from registered_children(p_session) r) c;
end $$;
