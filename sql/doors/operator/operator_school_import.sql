-- operator_school_import: the current season's schools, the whole list at once; a school that is no longer on it stays for
-- those who wished for it, but is not offered. Called by enrollctl. p_places: one text a school, places separated by ; or ；.
-- Codes: ok, not_found (no season), validation_failed (fault names the school's code); then nothing was imported.
create or replace function enroll.operator_school_import(
  p_codes text[], p_names text[], p_addresses text[], p_phones text[], p_places text[],
  out code text, out n_schools int, out n_places int, out n_withdrawn int, out fault text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  this_year int := (select max(s.year) from season s);
  i int;
  one uuid;
begin
  n_schools := 0; n_places := 0; n_withdrawn := 0;
  if this_year is null then
    code := 'not_found';
    perform audit_put('00000000', 'school_import', code);
    return;
  end if;
  select c.name into fault from unnest(p_codes) as c (name) group by c.name having count(*) > 1 limit 1;
  if found then
    code := 'validation_failed';
    perform audit_put('00000000', 'school_import', code);
    return;
  end if;
  begin
    update school s set is_offered = false where s.year = this_year and s.is_offered and s.code <> all (p_codes);
    get diagnostics n_withdrawn = row_count;
    for i in 1 .. cardinality(p_codes) loop
      fault := p_codes[i];
      insert into school as s (year, code, name, address, phone)
      values (this_year, p_codes[i], p_names[i], p_addresses[i], p_phones[i])
      on conflict on constraint school_year_code_key do update
        set name = excluded.name, address = excluded.address, phone = excluded.phone, is_offered = true
      returning id into one;
      delete from catchment where school_id = one;
      insert into catchment (school_id, place)
      select distinct one, place_fold(p) from regexp_split_to_table(p_places[i], '[;；]') as p where trim(p) <> '';
      n_places := n_places + (select count(*) from catchment where school_id = one);
      n_schools := n_schools + 1;
    end loop;
    fault := null;
    code := 'ok';
    update application a set catchment_school = catchment_of(a.year, application_address(a.id)) where a.year = this_year;
  exception
    when check_violation then code := 'validation_failed';
  end;
  perform audit_put('00000000', 'school_import', code, null, null, jsonb_build_object('schools', n_schools));
end $$;
grant execute on function enroll.operator_school_import(text[], text[], text[], text[], text[]) to enroll_operator;
