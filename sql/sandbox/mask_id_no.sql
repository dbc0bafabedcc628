-- mask_id_no: first and last character only.
create function sandbox.mask_id_no(p_id_no text) returns text
language plpgsql immutable set search_path = sandbox, pg_temp as $$
begin
  return left(p_id_no, 1) || repeat('*', 16) || right(p_id_no, 1);
end $$;
