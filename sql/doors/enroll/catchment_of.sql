-- Where an address belongs. Called by doors alone.

-- place_fold: an address or a place as it is compared: no blanks, full-width digits and brackets to ASCII.
create or replace function enroll.place_fold(p_text text) returns text
language plpgsql immutable set search_path = enroll, pg_temp as $$
begin
  return translate(regexp_replace(p_text, '[[:space:]　]', '', 'g'), '０１２３４５６７８９（）－', '0123456789()-');
end $$;

-- catchment_of: the school whose catchment p_address lies in; the longest place that it contains decides; null if none.
create or replace function enroll.catchment_of(p_year int, p_address text) returns uuid
language plpgsql stable set search_path = enroll, pg_temp as $$
declare
  folded text := place_fold(p_address);
  found_school uuid;
begin
  select s.id into found_school from catchment c join school s on s.id = c.school_id
   where s.year = p_year and s.is_offered and position(c.place in folded) > 0
   order by char_length(c.place) desc, s.code limit 1;
  return found_school;
end $$;

-- application_address: where the child lives, as far as the application says; null if it does not.
create or replace function enroll.application_address(p_application uuid) returns text
language plpgsql stable set search_path = enroll, pg_temp as $$
declare
  residence jsonb := (select data from application_section where application_id = p_application and section = 'residence');
  household jsonb := (select data from application_section where application_id = p_application and section = 'household');
begin
  if coalesce(residence ->> 'same_as_household', 'false') = 'true' or coalesce(residence ->> 'address', '') = '' then
    return nullif(household ->> 'address', '');
  end if;
  return residence ->> 'address';
end $$;
