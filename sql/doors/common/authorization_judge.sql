-- Authorization: a signing becomes requests, and the union of signings decides. Called by doors alone.

-- signing_put: record what was signed, for the receipt as well, and one request a holder for what we asked for; whose other
-- licences alone were signed was named all the same, and has nothing to fetch. A holder is found by number among the guardian and all the account's
-- students, so that one signing settles every child in its scope.
create or replace function enroll.signing_put(
  p_ref text, e enroll.errand, g enroll.guardian, p_signing uuid, p_code bytea, p_signed_at timestamptz, p_expires_at timestamptz,
  p_scope_types text[], p_scope_holders bytea[]) returns void
language plpgsql set search_path = enroll, pg_temp as $$
declare
  v_consent record;
begin
  select * into v_consent from signing_consent(e);
  insert into signing (id, errand_id, guardian_id, code, signed_at, expires_at, receipt_no, persons, consent_kind, consent_slug,
    consent_version)
  values (p_signing, e.id, g.id, p_code, p_signed_at, signing_end(p_signed_at, p_expires_at), signing_number(),
    signing_persons(g, p_scope_types, p_scope_holders), case when v_consent.slug is not null then 'consent' end, v_consent.slug,
    v_consent.version)
  on conflict (errand_id) do nothing;
  if not found then
    return;
  end if;
  perform audit_put(p_ref, 'authorize_sign', 'ok', g.id, null, jsonb_build_object('errand', e.id));
  insert into license_request (signing_id, student_id, types, status)
  select p_signing, h.student_id,
         coalesce(array_agg(distinct u.type) filter (where u.type in ('household_register', 'real_estate')), '{}'),
         case when bool_or(u.type in ('household_register', 'real_estate')) then 'due' else 'done' end
    from unnest(p_scope_types, p_scope_holders) u(type, holder)
    join (select g.id_no_index as number, null::uuid as student_id
          union all
          select s.id_no_index, s.id from student s where s.guardian_id = g.id and s.removed_at is null) h on h.number = u.holder
   group by h.student_id;
end $$;

-- authorization_judge: is the errand over? It is when the space has its final word and nothing is left to fetch. Every bound
-- student of the account is judged, for a signing may settle one who was not in the errand.
drop function if exists enroll.authorization_judge(text, enroll.errand);
create or replace function enroll.authorization_judge(p_ref text, e enroll.errand) returns boolean
language plpgsql set search_path = enroll, pg_temp as $$
declare
  s student;
  v_missing text[];
  is_over boolean := e.provider_status in ('completed', 'denied', 'expired') and not exists (
    select from license_request q join signing n on n.id = q.signing_id where n.errand_id = e.id and q.status = 'due');
begin
  for s in select x.* from student x where x.guardian_id = e.guardian_id and x.removed_at is null
            and x.binding_status in ('bound', 'confirmed_by_hand') order by x.id loop
    v_missing := authorization_missing(e, s.id);
    if v_missing = '{}' and s.authorization_status not in ('authorized', 'confirmed_by_hand') then
      perform audit_put(p_ref, 'authorize', 'authorized', e.guardian_id, s.id, jsonb_build_object('errand', e.id));
    elsif v_missing <> '{}' and is_over and e.status = 'pending' then
      perform audit_put(p_ref, 'authorize', 'incomplete', e.guardian_id, s.id,
        jsonb_build_object('errand', e.id, 'missing', v_missing));
    end if;
    perform authorization_show(e, s, v_missing, is_over);
  end loop;
  return is_over;
end $$;

-- authorization_show: write one student's result, in the errand and, where it is his to decide, on the student. While
-- something is under way only "we go on trying" is said.
create or replace function enroll.authorization_show(e enroll.errand, s enroll.student, p_missing text[], p_is_over boolean)
returns void
language plpgsql set search_path = enroll, pg_temp as $$
declare
  v_status text := case when p_missing = '{}' then 'authorized' when p_is_over then 'incomplete' else 'pending' end;
begin
  update errand_student
     set status = v_status,
         missing = case when p_is_over then array_replace(p_missing, 'fetching', 'register_unavailable') else
           array(select c from unnest(p_missing) c where c = 'register_unavailable') end
   where errand_id = e.id and student_id = s.id;
  if v_status = 'authorized' then
    update student set authorization_status = v_status, authorization_id = e.id
     where id = s.id and authorization_status not in ('authorized', 'confirmed_by_hand');
  elsif v_status = 'incomplete' and exists (select from errand_student where errand_id = e.id and student_id = s.id) then
    update student
       set authorization_id = e.id,
           authorization_status = case when e.provider_status = 'expired' then 'expired' else 'incomplete' end
     where id = s.id and authorization_status in ('none', 'pending', 'incomplete', 'expired', 'revoked');
  end if;
end $$;

-- authorization_missing: what keeps a student from being authorized over the union of all signings; empty if nothing does.
create or replace function enroll.authorization_missing(e enroll.errand, p_student uuid) returns text[]
language plpgsql stable set search_path = enroll, pg_temp as $$
declare
  v_guardian record;
  v_child record;
begin
  select * into v_guardian from license_state(e.guardian_id, null, 'household_register');
  select * into v_child from license_state(e.guardian_id, p_student, 'household_register');
  if v_guardian.state = 'fetched' and v_child.state = 'fetched' then
    return '{}';
  elsif e.provider_status in ('denied', 'expired') then
    return array[e.provider_status];
  elsif e.provider_status = 'completed' and e.verified_at is not null and not e.subject_is_guardian then
    return '{other_person}';
  elsif e.provider_status = 'completed' and e.subject_level < 2 then
    return '{not_verified}';
  elsif not v_guardian.is_named and not v_child.is_named then
    return '{not_signed}';
  end if;
  return array(select distinct c from unnest(array[
    case when not v_child.is_named then 'student_not_added' end,
    case when v_child.is_named then license_missing(v_child.state) end,
    license_missing(v_guardian.state)]) c where c is not null order by c desc);
end $$;

-- license_missing: the code for a household register that has not arrived.
create or replace function enroll.license_missing(p_state text) returns text
language plpgsql immutable set search_path = enroll, pg_temp as $$
begin
  return case p_state when 'fetched' then null when 'fetching' then 'fetching' when 'none' then 'household_register_not_ticked'
    else p_state end;
end $$;
