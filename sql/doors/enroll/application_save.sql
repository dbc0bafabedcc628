-- application_save: one section, whole, saved before it is judged; what C found wrong in it comes along. Signed in.
-- p_version: what the parent had read. The same save again (its answer was lost) is answered alike. For the section
-- guardians the arrays hold one element an entry: sealed number and phone with index, mask and problem; null or '' keeps
-- what is stored, entries matched by order; a number that is the account holder's becomes a reference. p_sources: the fields
-- that read as a licence does.
-- Codes: ok, not_signed_in, identity_check_required, not_found, student_taken, wrong_state, season_closed, version_conflict.
create or replace function enroll.application_save(
  p_session bytea, p_ref text, p_student uuid, p_section text, p_version int, p_fingerprint bytea, p_data jsonb,
  p_problems jsonb, p_blank jsonb, p_ids uuid[], p_id_nos bytea[], p_id_no_indexes bytea[], p_id_no_masks text[],
  p_id_no_problems text[], p_phones bytea[], p_phone_indexes bytea[], p_phone_masks text[], p_phone_problems text[],
  p_sources text[] default '{}', out code text, out version int, out problems jsonb)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  me record;
  s student;
  a application;
  i int;
begin
  select * into me from signed_in_alone(p_session, false);
  code := me.code;
  if code <> 'ok' then
    perform audit_put(p_ref, 'application_save', code, me.guardian_id, null, jsonb_build_object('section', p_section));
    return;
  end if;
  code := application_edit(me.guardian_id, p_student, p_version);
  select * into s from student o where o.id = p_student and o.guardian_id = me.guardian_id;
  select * into a from application o where o.student_id = s.id;

  -- Sent again because the answer was lost: nothing is written twice.
  if code = 'version_conflict' and exists (select from application_section c where c.application_id = a.id
       and c.section = p_section and c.version = a.version and a.version = p_version + 1 and c.fingerprint = p_fingerprint) then
    code := 'ok';
  elsif code = 'ok' then
    update application o set version = o.version + 1, updated_at = now() where o.id = a.id returning * into a;
    insert into application_section as c (application_id, section, data, problems, version, fingerprint, sources)
    values (a.id, p_section, p_data, p_problems, a.version, p_fingerprint, coalesce(p_sources, '{}'))
    on conflict (application_id, section) do update set data = excluded.data, problems = excluded.problems,
      version = excluded.version, fingerprint = excluded.fingerprint, sources = excluded.sources, saved_at = now();
    if p_section = 'guardians' then
      for i in 1 .. coalesce(cardinality(p_ids), 0) loop
        perform application_guardian_put(s, a.id, i, p_ids[i], p_data -> (i - 1) ->> 'name', p_id_nos[i], p_id_no_indexes[i],
          p_id_no_masks[i], p_id_no_problems[i], p_phones[i], p_phone_indexes[i], p_phone_masks[i], p_phone_problems[i]);
      end loop;
      delete from application_guardian g where g.application_id = a.id and g.position > coalesce(cardinality(p_ids), 0);
    elsif p_section in ('household', 'residence') then
      update application o set catchment_school = catchment_of(o.year, application_address(o.id)) where o.id = a.id;
    end if;
  end if;
  version := a.version;
  if code = 'ok' then
    problems := application_problems(s, a, a.year, p_blank);
  end if;
  perform audit_put(p_ref, 'application_save', code, me.guardian_id, s.id, jsonb_build_object('section', p_section));
end $$;
grant execute on function enroll.application_save(bytea, text, uuid, text, int, bytea, jsonb, jsonb, jsonb, uuid[], bytea[],
  bytea[], text[], text[], bytea[], bytea[], text[], text[], text[]) to enroll_enroll;

-- application_edit: the application to be written to, locked; made if it was never saved. Called by doors alone.
-- Codes: ok, not_found, student_taken, wrong_state, season_closed, version_conflict.
create or replace function enroll.application_edit(p_guardian uuid, p_student uuid, p_version int) returns text
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  s student;
  a application;
  y season;
begin
  select * into s from student o where o.id = p_student and o.guardian_id = p_guardian and o.removed_at is null;
  if not found then
    return 'not_found';
  end if;
  select * into y from season order by year desc limit 1;
  if not found or season_state(y) = 'before' then
    return 'season_closed';
  end if;
  if p_version = 0 then
    insert into application (student_id, guardian_id, child_index, year)
    values (s.id, p_guardian, s.id_no_index, y.year) on conflict (student_id) do nothing;
  end if;
  select * into a from application o where o.student_id = s.id for no key update;
  return case
    when s.binding_status = 'student_taken' or a.status = 'student_taken' then 'student_taken'
    when a.id is null then 'version_conflict'
    when a.status not in ('draft', 'returned', 'withdrawn') then 'wrong_state'
    when a.version <> p_version then 'version_conflict'
    else 'ok' end;
end $$;

-- application_guardian_put: one guardian of the section. Called by application_save.
create or replace function enroll.application_guardian_put(
  s enroll.student, p_application uuid, p_position int, p_id uuid, p_name text, p_id_no bytea, p_id_no_index bytea,
  p_id_no_mask text, p_id_no_problem text, p_phone bytea, p_phone_index bytea, p_phone_mask text, p_phone_problem text)
returns void
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  holder guardian;
  g application_guardian;
  is_new boolean;
begin
  select * into holder from guardian where id = s.guardian_id;
  select * into g from application_guardian o where o.application_id = p_application and o.position = p_position;
  is_new := not found;
  g.id := p_id;

  -- Whose number? A new one, the account holder's, or the one that stood there (at first the holder's, in the first place).
  if p_id_no is not null then
    g.is_holder := p_id_no_index = holder.id_no_index;
    g.id_no := p_id_no; g.id_no_index := p_id_no_index; g.id_no_mask := p_id_no_mask;
    g.id_no_problem := nullif(p_id_no_problem, '');
  else
    g.is_holder := (coalesce(g.is_holder, false) or is_new and p_position = 1)
      and name_same(coalesce(p_name, holder.name), holder.name);
  end if;
  if g.is_holder then
    g.id_no := null; g.id_no_index := null; g.id_no_mask := null; g.id_no_problem := null;
  end if;

  if p_phone is not null then
    g.phone := p_phone; g.phone_mask := p_phone_mask; g.phone_problem := nullif(p_phone_problem, '');
  end if;
  if g.is_holder and p_phone_index = (select phone_index from phone where guardian_id = holder.id and until is null) then
    g.phone := null; g.phone_mask := null; g.phone_problem := null;
  end if;

  delete from application_guardian o where o.application_id = p_application and o.position = p_position;
  insert into application_guardian (id, application_id, position, is_holder, id_no, id_no_index, id_no_mask, id_no_problem,
    phone, phone_mask, phone_problem)
  values (g.id, p_application, p_position, g.is_holder, g.id_no, g.id_no_index, g.id_no_mask, g.id_no_problem,
    g.phone, g.phone_mask, g.phone_problem);
end $$;
