-- What the doors of an application share. Called by doors alone.

-- application_is_verified_in_person: papers are shown at school, or the family is confirmed at the desk.
create or replace function enroll.application_is_verified_in_person(s enroll.student) returns boolean
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return coalesce(s.route in ('materials', 'in_person'), false);
end $$;

-- application_problem: one entry of "problems".
create or replace function enroll.application_problem(p_section text, p_field text, p_code text) returns jsonb
language plpgsql immutable set search_path = enroll, pg_temp as $$
begin
  return jsonb_build_object('section', p_section, 'field', p_field, 'code', p_code);
end $$;

-- application_code_problems: values that must stand in a list which only the database knows.
create or replace function enroll.application_code_problems(s enroll.student, p_application uuid, p_year int) returns jsonb
language plpgsql stable set search_path = enroll, pg_temp as $$
declare
  problems jsonb := '[]';
  one application_section;
begin
  for one in select * from application_section where application_id = p_application loop
    if one.section = 'student' and one.data ->> 'ethnicity' <> ''
       and not exists (select from ethnicity e where e.code = one.data ->> 'ethnicity') then
      problems := problems || application_problem('student', 'ethnicity', 'format');
    elsif one.section = 'household' and one.data ->> 'relation_to_head' <> ''
       and not exists (select from relation r where r.code = one.data ->> 'relation_to_head') then
      problems := problems || application_problem('household', 'relation_to_head', 'format');
    elsif one.section = 'wishes' then
      if exists (select from jsonb_array_elements_text(one.data -> 'schools') w
                  where not exists (select from school c where c.id = w::uuid and c.year = p_year and c.is_offered)) then
        problems := problems || application_problem('wishes', 'schools', 'format');
      end if;
      if exists (select from jsonb_array_elements_text(one.data -> 'together_with') w where not exists
                  (select from student o where o.id = w::uuid and o.guardian_id = s.guardian_id and o.id <> s.id
                      and o.removed_at is null)) then
        problems := problems || application_problem('wishes', 'together_with', 'format');
      end if;
    end if;
  end loop;
  return problems;
end $$;

-- application_guardian_problems: the numbers and phones of the guardians, which stand sealed.
create or replace function enroll.application_guardian_problems(s enroll.student, p_application uuid) returns jsonb
language plpgsql stable set search_path = enroll, pg_temp as $$
declare
  problems jsonb := '[]';
  g application_guardian;
  field text;
  holder_index bytea := (select id_no_index from guardian where id = s.guardian_id);
begin
  for g in select * from application_guardian where application_id = p_application order by position loop
    field := (g.position - 1)::text || '.';
    if not g.is_holder and g.id_no is null then
      problems := problems || application_problem('guardians', field || 'id_no', 'required');
    elsif g.id_no_problem is not null then
      problems := problems || application_problem('guardians', field || 'id_no', g.id_no_problem);
    elsif coalesce(g.id_no_index = s.id_no_index, false) or exists (
        select from application_guardian o where o.application_id = p_application and o.position < g.position
          and coalesce(o.id_no_index, holder_index) = coalesce(g.id_no_index, holder_index)) then
      problems := problems || application_problem('guardians', field || 'id_no', 'same_as');
    end if;
    if not g.is_holder and g.phone is null then
      problems := problems || application_problem('guardians', field || 'phone', 'required');
    elsif g.phone_problem is not null then
      problems := problems || application_problem('guardians', field || 'phone', g.phone_problem);
    end if;
  end loop;
  return problems;
end $$;

-- application_problems: all that stands between this application and its submission, in the order of the form. p_blank: what
-- a section lacks that was never saved, by section; C knows the fields. Whatever C says, such a section stands in the way.
create or replace function enroll.application_problems(s enroll.student, a enroll.application, p_year int, p_blank jsonb)
returns jsonb
language plpgsql stable set search_path = enroll, pg_temp as $$
declare
  problems jsonb := '[]';
  y season;
  name text;
  stored jsonb;
begin
  if s.route is null then
    problems := problems || application_problem('route', 'route', 'required');
  elsif s.route = 'licences' and s.binding_status not in ('bound', 'confirmed_by_hand') then
    problems := problems || application_problem('binding', 'student', 'required');
  elsif s.route = 'licences' and s.authorization_status not in ('authorized', 'confirmed_by_hand') then
    problems := problems || application_problem('authorization', 'household_register', 'required');
  end if;
  select * into y from season o where o.year = p_year;
  if s.birth_date not between y.birth_from and y.birth_to then
    problems := problems || application_problem('student', 'birth_date', 'birth_date');
  end if;
  foreach name in array array['student', 'household', 'residence', 'guardians', 'wishes'] loop
    select c.problems into stored from application_section c where c.application_id = a.id and c.section = name;
    problems := problems || coalesce(stored, nullif(p_blank -> name, '[]'), application_problem(name, name, 'required'));
  end loop;
  return problems || application_code_problems(s, a.id, p_year) || application_guardian_problems(s, a.id);
end $$;

-- application_guardians: the guardians as their owner sees them: names of the holder from the account, numbers masked.
create or replace function enroll.application_guardians(s enroll.student, a enroll.application) returns jsonb
language plpgsql stable set search_path = enroll, pg_temp as $$
declare
  holder guardian;
  holder_phone text := (select phone_mask from phone where guardian_id = s.guardian_id and until is null);
  entries jsonb := (select data from application_section where application_id = a.id and section = 'guardians');
  shown jsonb := '[]';
  g application_guardian;
begin
  select * into holder from guardian where id = s.guardian_id;
  -- Never saved: the account holder stands there already, as a reference.
  if entries is null then
    return jsonb_build_array(jsonb_build_object('relation', '', 'name', holder.name, 'id_no', holder.id_no_mask,
      'phone', holder_phone, 'holder', true));
  end if;
  for g in select * from application_guardian where application_id = a.id order by position loop
    shown := shown || jsonb_build_array((entries -> (g.position - 1)) || case when g.is_holder
      then jsonb_build_object('name', holder.name, 'id_no', holder.id_no_mask, 'phone', coalesce(g.phone_mask, holder_phone),
        'holder', true)
      else jsonb_strip_nulls(jsonb_build_object('id_no', g.id_no_mask, 'phone', g.phone_mask)) end);
  end loop;
  return shown;
end $$;

-- application_sections: what was saved, empty where nothing was.
create or replace function enroll.application_sections(s enroll.student, a enroll.application) returns jsonb
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return '{"student":{},"household":{},"residence":{},"wishes":{}}'::jsonb
    || coalesce((select jsonb_object_agg(c.section, c.data) from application_section c where c.application_id = a.id), '{}')
    || jsonb_build_object('guardians', application_guardians(s, a));
end $$;
