-- registered_children: the session's students as the register spells them, and whether it knows this guardian as theirs.
create function sandbox.registered_children(p_session session) returns table (name text, id_no text, is_ward boolean)
language plpgsql stable set search_path = sandbox, pg_temp as $$
begin
  return query
    select coalesce((select c->>'name' from jsonb_array_elements(f.children) c where c->>'id_no' = s.student->>'id_no'),
        s.student->>'name'),
      s.student->>'id_no',
      f.wards_linked is null or f.wards_linked ? (s.student->>'id_no')
    from jsonb_array_elements(p_session.students) with ordinality s(student, place)
    left join family f on f.guardian_id_no = p_session.guardian_id_no
    order by s.place;
end $$;
