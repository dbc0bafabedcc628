-- single_quoted: an object of strings as the e-license system writes it: JSON with apostrophes for quotation marks, those
-- inside escaped by a backslash.
create function sandbox.single_quoted(p_fields json) returns text
language plpgsql immutable set search_path = sandbox, pg_temp as $$
begin
  return (select '{' || string_agg(format('''%s'':''%s''', f.key, replace(replace(f.value, '\', '\\'), '''', '\''')), ',') || '}'
    from json_each_text(p_fields) f);
end $$;
