-- people_licenses: [{key,type}] as the pages send it, to [{type,holder_id_no}] of what is really held.
create function sandbox.people_licenses(p_session session, p_items jsonb) returns jsonb
language plpgsql stable set search_path = sandbox, pg_temp as $$
begin
  return (select coalesce(jsonb_agg(distinct jsonb_build_object('type', h.type, 'holder_id_no', h.holder_id_no)), '[]')
    from jsonb_array_elements(p_items) i
    join people(p_session) p on p.key = i->>'key'
    join held(p_session) h on h.holder_id_no = p.id_no and h.type = i->>'type');
end $$;
