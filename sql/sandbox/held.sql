-- held: the licences that the guardian and the students of a session hold. Anybody's guardian holds a household register, an
-- identity credential and a real-estate certificate, anybody's child the first two and a birth certificate; a family that was
-- made on purpose holds what its list says.
create function sandbox.held(p_session session) returns table (type text, holder_id_no text)
language plpgsql stable set search_path = sandbox, pg_temp as $$
declare
  listed jsonb;
begin
  select f.licenses into listed from family f where f.guardian_id_no = p_session.guardian_id_no;
  if listed is not null then
    return query select l->>'type', l->>'holder_id_no' from jsonb_array_elements(listed) l
      where l->>'holder_id_no' = p_session.guardian_id_no
         or exists (select from jsonb_array_elements(p_session.students) s where s->>'id_no' = l->>'holder_id_no');
    return;
  end if;
  return query
    select t, p_session.guardian_id_no from unnest(array['household_register', 'identity_credential', 'real_estate']) t
    union all
    select t, s->>'id_no' from jsonb_array_elements(p_session.students) s,
      unnest(array['household_register', 'identity_credential', 'birth_certificate']) t;
end $$;
