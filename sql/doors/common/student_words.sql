-- What a parent sees of a student, derived in one place from route and states. Called by doors alone.

create or replace function enroll.student_binding_status(s enroll.student) returns text
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return case
    when s.binding_status in ('bound', 'confirmed_by_hand', 'student_taken') then s.binding_status
    when s.route = 'materials' then 'not_required'
    when s.route = 'in_person' then 'none'
    else s.binding_status end;
end $$;

create or replace function enroll.student_authorization_status(s enroll.student) returns text
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return case
    when s.binding_status = 'student_taken' then 'student_taken'
    when s.authorization_status in ('authorized', 'confirmed_by_hand') then s.authorization_status
    when s.route = 'materials' then 'not_required'
    when s.route = 'in_person' then 'none'
    else s.authorization_status end;
end $$;

-- student_next: the one thing to do now.
create or replace function enroll.student_next(s enroll.student, p_application_status text) returns text
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return case
    when s.binding_status = 'student_taken' then 'done'
    when p_application_status in ('submitted', 'accepted', 'admitted', 'not_admitted', 'student_taken') then 'done'
    when s.route is null then 'route'
    when s.route <> 'licences' then 'enroll'
    when s.binding_status not in ('bound', 'confirmed_by_hand') then 'bind'
    when s.authorization_status not in ('authorized', 'confirmed_by_hand') then 'authorize'
    else 'enroll' end;
end $$;

-- student_json: one entry of "students" in GET /api/session and the answer of POST/PATCH /api/students.
create or replace function enroll.student_json(s enroll.student, p_is_limited boolean) returns jsonb
language plpgsql stable set search_path = enroll, pg_temp as $$
declare
  application_status text := (select a.status from application a where a.student_id = s.id);
begin
  return jsonb_build_object(
    'id', s.id, 'name', case when p_is_limited then s.name_mask else s.name end, 'id_no', s.id_no_mask,
    'register_place', s.register_place, 'route', s.route, 'next', student_next(s, application_status),
    'binding', jsonb_build_object('id', s.binding_id, 'status', student_binding_status(s)),
    'authorization', jsonb_build_object('id', s.authorization_id, 'status', student_authorization_status(s)),
    'application', jsonb_build_object('status', coalesce(application_status, 'none')));
end $$;
