-- student_change: register place, route, corrected name or number, or the register's spelling. Called by bind for PATCH
-- /api/students/{id}; every parameter of a change may be null. Limited accounts may all but name and number. A register
-- place leads to a route, p_route overrides it. The register's spelling of guardian and student comes from that student's
-- last result in the digital space and is judged again at once, without a new face check.
-- Codes: ok, not_signed_in, identity_check_required, not_found, student_taken, wrong_state (submitted; name or number of a
-- bound child; no result to take a name from), too_many_attempts, validation_failed (is_same: the guardian's own number).
create or replace function enroll.student_change(
  p_session bytea, p_ref text, p_student uuid, p_register_place text, p_route text, p_name text, p_name_mask text,
  p_id_no bytea, p_id_no_index bytea, p_id_no_mask text, p_birth_date text, p_is_female boolean, p_take_register_name boolean,
  out code text, out answer jsonb, out is_same boolean, out retry_after_s bigint)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
  s student;
  v_is_correction boolean := p_name is not null or p_id_no is not null;
  is_allowed boolean;
  is_guess boolean; -- another family's child was hit
begin
  select * into who from signed_in(p_session, not v_is_correction, false);
  if who.code = 'ok' and p_id_no_index is not null then
    select b.allowed, b.retry_after_s into is_allowed, retry_after_s from guess_book('child', p_id_no_index, 20) b;
  end if;
  select * into who from signed_in_alone(p_session, not v_is_correction);
  code := who.code;
  if code <> 'ok' then
    if is_allowed then
      perform guess_take_back('child', p_id_no_index);
    end if;
    perform audit_put(p_ref, 'student_change', code, who.guardian_id);
    return;
  end if;
  perform child_lock(array[who.guardian_id], p_id_no_index);
  select * into s from student where id = p_student and guardian_id = who.guardian_id and removed_at is null for no key update;
  if not found then
    code := 'not_found';
  elsif s.binding_status = 'student_taken' then
    code := 'student_taken';
  elsif student_is_submitted(s.id) or v_is_correction and s.binding_status in ('bound', 'confirmed_by_hand') then
    code := 'wrong_state';
  else
    if v_is_correction then
      select c.code, c.is_same, c.is_guess into code, is_same, is_guess from student_correct(p_ref, s, is_allowed, p_name, p_name_mask,
        p_id_no, p_id_no_index, p_id_no_mask, p_birth_date, p_is_female) c;
    end if;
    if code = 'ok' and p_take_register_name then
      code := student_take_register_name(p_ref, s);
    end if;
    if code = 'ok' then
      update student
         set register_place = coalesce(p_register_place, register_place),
             route = coalesce(p_route, case p_register_place when 'guangdong' then 'licences' else
               case when p_register_place is not null then 'materials' end end, route)
       where id = s.id returning * into s;
      answer := student_json(s, who.is_limited and exists (
        select from guardian g where g.id = who.guardian_id and g.limited_since is not null));
    end if;
  end if;
  if is_allowed and is_guess is not true then
    perform guess_take_back('child', p_id_no_index);
  end if;
  perform audit_put(p_ref, 'student_change', code, who.guardian_id, s.id, jsonb_strip_nulls(jsonb_build_object(
    'register_place', p_register_place, 'route', p_route, 'corrected', v_is_correction, 'taken_over', p_take_register_name)));
end $$;
grant execute on function enroll.student_change(bytea, text, uuid, text, text, text, text, bytea, bytea, text, text, boolean,
  boolean) to enroll_bind;

-- student_is_submitted: is an application of this child on its way or decided?
create or replace function enroll.student_is_submitted(p_student uuid) returns boolean
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return exists (select from application a where a.student_id = p_student
    and a.status in ('submitted', 'accepted', 'admitted', 'not_admitted'));
end $$;

-- student_correct: another name, another number. A number that changes begins the binding anew, and whether it is taken is
-- guessed at as by a further child (student_add), and booked alike: p_is_allowed says whether that may be tried; is_guess, that
-- it was another family's child.
drop function if exists enroll.student_correct(text, enroll.student, text, text, bytea, bytea, text, text, boolean);
create or replace function enroll.student_correct(
  p_ref text, s enroll.student, p_is_allowed boolean, p_name text, p_name_mask text, p_id_no bytea, p_id_no_index bytea,
  p_id_no_mask text, p_birth_date text, p_is_female boolean, out code text, out is_same boolean, out is_guess boolean)
language plpgsql set search_path = enroll, pg_temp as $$
declare
  is_other boolean := p_id_no is not null and p_id_no_index is distinct from s.id_no_index;
begin
  is_same := exists (select from guardian g where g.id = s.guardian_id and g.id_no_index = p_id_no_index);
  code := case
    when is_same then 'validation_failed'
    when exists (select from student o where o.guardian_id = s.guardian_id and o.id_no_index = p_id_no_index and o.id <> s.id
      and o.removed_at is null) then 'student_taken'
    when is_other and not p_is_allowed then 'too_many_attempts'
    else 'ok' end;
  if code = 'ok' and is_other and student_is_taken(p_id_no_index, s.guardian_id) then
    code := 'student_taken';
    is_guess := true;
  end if;
  if code <> 'ok' then
    return;
  end if;
  update student set name = coalesce(p_name, name), name_mask = coalesce(p_name_mask, name_mask) where id = s.id;
  if is_other then
    perform student_forget(p_ref, s.id);
    update student
       set id_no = p_id_no, id_no_index = p_id_no_index, id_no_mask = p_id_no_mask, birth_date = p_birth_date::date,
           is_female = p_is_female, binding_status = 'none', binding_id = null, authorization_status = 'none',
           authorization_id = null
     where id = s.id;
    update application set child_index = p_id_no_index where student_id = s.id;
  end if;
end $$;

-- student_take_register_name: both spellings were shown; from now on the register's is ours.
create or replace function enroll.student_take_register_name(p_ref text, s enroll.student) returns text
language plpgsql set search_path = enroll, pg_temp as $$
declare
  e errand;
begin
  select x.* into e from errand x join errand_student es on es.errand_id = x.id and es.student_id = s.id
   where x.purpose = 'bind' and x.provider_status = 'completed' and x.subject_name is not null
   order by x.finished_at desc nulls last limit 1;
  if not found then
    return 'wrong_state';
  end if;
  update guardian set name = e.subject_name, name_mask = e.subject_name_mask where id = s.guardian_id;
  update student t set name = es.register_name, name_mask = es.register_name_mask from errand_student es
   where es.errand_id = e.id and es.student_id = t.id and t.id = s.id and es.register_name is not null;
  perform errand_judge(p_ref, e.id);
  return 'ok';
end $$;
