-- Binding: who is bound, what is missing, and whose child it is. Called by errand_judge alone, with the children locked
-- (child_lock): two families may prove one child at the same instant, one after the other. Rivals' students and applications are
-- written under that lock alone.

create or replace function enroll.binding_judge(p_ref text, e enroll.errand, g enroll.guardian) returns void
language plpgsql set search_path = enroll, pg_temp as $$
declare
  es record;
  v_missing text[];
begin
  for es in select x.*, s.binding_status from errand_student x join student s on s.id = x.student_id and s.removed_at is null
             where x.errand_id = e.id order by x.student_id loop
    v_missing := binding_missing(e, g, es.is_ward, es.claimed);
    -- Who has lost the child stays so until it is free again (student_free), and is told once.
    if v_missing = '{}' and (es.binding_status = 'student_taken' or not student_prove(p_ref, es.student_id, e.id)) then
      v_missing := '{student_taken}';
    end if;
    update errand_student set missing = v_missing, status = case when v_missing = '{}' then 'bound' else 'incomplete' end
     where errand_id = e.id and student_id = es.student_id;
    -- A newer incomplete never hides an older bound.
    if v_missing <> '{}' then
      update student
         set binding_id = e.id, binding_status = case when e.provider_status = 'expired' then 'expired' else 'incomplete' end
       where id = es.student_id and binding_status in ('none', 'pending', 'incomplete', 'expired');
    end if;
    perform audit_put(p_ref, 'bind', case when v_missing = '{}' then 'bound' else 'incomplete' end, e.guardian_id,
      es.student_id, jsonb_build_object('errand', e.id, 'missing', v_missing));
  end loop;
end $$;

-- binding_missing: what keeps a student from being bound; empty if nothing does.
create or replace function enroll.binding_missing(e enroll.errand, g enroll.guardian, p_is_ward boolean, p_claimed text[])
returns text[]
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  if e.provider_status <> 'completed' then
    return array[e.provider_status];
  elsif e.verified_at is null then
    return '{not_verified}';
  elsif not e.subject_is_guardian then
    return '{other_person}';
  end if;
  return array_remove(array[
    case when e.subject_level < 2 then 'not_verified' end,
    case when not coalesce(name_same(e.subject_name, g.name), false) then 'name_differs' end,
    case when not p_is_ward then 'ward_not_linked' end,
    case when not 'household_register' = any(p_claimed) then 'household_register_not_claimed' end,
    case when not 'identity_credential' = any(p_claimed) then 'identity_credential_not_claimed' end], null);
end $$;

-- student_prove: the child is this family's, unless another has proven it first (false). By a binding, or by hand (p_errand
-- null). Rivals who have not lose their entry and their application; both sides are told, the operator by the audit trail.
drop function if exists enroll.student_prove(text, enroll.errand, uuid);
create or replace function enroll.student_prove(p_ref text, p_student uuid, p_errand uuid) returns boolean
language plpgsql set search_path = enroll, pg_temp as $$
declare
  s student;
  r student;
  has_rival boolean := false;
begin
  begin
    update student
       set binding_status = case when binding_status = 'confirmed_by_hand' or p_errand is null and binding_status <> 'bound'
             then 'confirmed_by_hand' else 'bound' end,
           binding_id = coalesce(p_errand, binding_id), proven_at = coalesce(proven_at, now())
     where id = p_student returning * into s;
  exception when unique_violation then
    select * into s from student where id = p_student;
    if p_errand is not null then
      perform student_lose(p_ref, s);
    end if;
    return false;
  end;
  for r in select * from student x where x.id_no_index = s.id_no_index and x.id <> s.id and x.removed_at is null
            and x.binding_status <> 'student_taken' order by x.id loop
    perform student_lose(p_ref, r);
    has_rival := true;
  end loop;
  if has_rival then
    insert into outbox (template, phone_id) select 'student_proven', p.id from phone p
     where p.guardian_id = s.guardian_id and p.until is null;
  end if;
  return true;
end $$;

-- student_free: the family that had proven this child has let go of it. Whoever lost it may prove it now, and is told; his
-- application goes on where it was, but what was submitted has to be submitted anew. Called with the children locked.
create or replace function enroll.student_free(p_ref text, s enroll.student) returns void
language plpgsql set search_path = enroll, pg_temp as $$
declare
  r student;
begin
  for r in select * from student x where x.id_no_index = s.id_no_index and x.id <> s.id and x.removed_at is null
            and x.binding_status = 'student_taken' order by x.id loop
    update student set binding_status = 'none', binding_id = null where id = r.id;
    update application set status = case when submitted_at is null then 'draft' else 'withdrawn' end, updated_at = now()
     where student_id = r.id and status = 'student_taken';
    insert into outbox (template, phone_id) select 'student_free', p.id from phone p
     where p.guardian_id = r.guardian_id and p.until is null;
    perform audit_put(p_ref, 'student_free', 'ok', r.guardian_id, r.id);
  end loop;
end $$;

-- student_lose: another family has proven this child.
create or replace function enroll.student_lose(p_ref text, s enroll.student) returns void
language plpgsql set search_path = enroll, pg_temp as $$
declare
  v_status text := (select a.status from application a where a.student_id = s.id);
begin
  update student set binding_status = 'student_taken', proven_at = null where id = s.id;
  update application set status = 'student_taken', updated_at = now()
   where student_id = s.id and status in ('draft', 'submitted', 'returned');
  insert into outbox (template, phone_id) select 'student_taken', p.id from phone p
   where p.guardian_id = s.guardian_id and p.until is null;
  perform audit_put(p_ref, 'student_taken', 'ok', s.guardian_id, s.id, jsonb_build_object('application', v_status));
end $$;
