-- mask_name: 林*雨, 林*, as the state's app shows a name.
create function sandbox.mask_name(p_name text) returns text
language plpgsql immutable set search_path = sandbox, pg_temp as $$
begin
  return case when char_length(p_name) > 2
    then left(p_name, 1) || repeat('*', char_length(p_name) - 2) || right(p_name, 1)
    else left(p_name, 1) || '*' end;
end $$;
