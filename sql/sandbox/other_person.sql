-- other_person: somebody else with a well-formed number, for a face that is not the guardian's.
create function sandbox.other_person(p_not text) returns jsonb
language plpgsql immutable set search_path = sandbox, pg_temp as $$
begin
  return case when p_not = '441402198001010010'
    then jsonb_build_object('name', '陈明', 'id_no', '441402198101010026')
    else jsonb_build_object('name', '陈亮', 'id_no', '441402198001010010') end;
end $$;
