-- holder_name: whose number is this, as the register spells the name?
create function sandbox.holder_name(p_session session, p_holder text) returns text
language plpgsql stable set search_path = sandbox, pg_temp as $$
begin
  return (select p.name from people(p_session) p where p.id_no = p_holder);
end $$;
