-- school_list: the season's schools; with an address, the catchment's own school first. Public; the address is not kept.
-- Codes: ok.
create or replace function enroll.school_list(p_ref text, p_address text, out code text, out answer jsonb)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  this_year int := (select max(year) from season);
  own uuid := case when p_address is not null then catchment_of(this_year, p_address) end;
begin
  code := 'ok';
  select jsonb_build_object('schools', coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'code', s.code, 'name', s.name,
      'address', s.address, 'phone', s.phone, 'in_catchment', coalesce(s.id = own, false))
      order by s.id = own desc nulls last, s.code), '[]'))
    into answer from school s where s.year = this_year and s.is_offered;
end $$;
grant execute on function enroll.school_list(text, text) to enroll_enroll;
