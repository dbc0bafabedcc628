-- Licences of one holder over the union of all unexpired, unrevoked signings of a guardian. Called by doors alone.

-- license_state: how far the p_type of a holder (p_student, null: the guardian) has come. state: fetched, fetching (signed,
-- not yet here), register_unavailable (we go on trying), license_unreadable, license_not_held, consent_withdrawn, none.
-- is_named: does any signing name this holder at all?
create or replace function enroll.license_state(
  p_guardian uuid, p_student uuid, p_type text, out state text, out signed_on date, out is_named boolean)
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  select x.state, x.signed_on into state, signed_on
    from (
      select coalesce(l.state, 'fetching') as state, (n.signed_at at time zone 'Asia/Shanghai')::date as signed_on,
             array_position(array['fetched', 'fetching', 'register_unavailable', 'license_unreadable', 'license_not_held',
               'consent_withdrawn'], coalesce(l.state, 'fetching')) as rank
        from signing n
        join license_request q on q.signing_id = n.id and q.student_id is not distinct from p_student and p_type = any(q.types)
        left join license l on l.request_id = q.id and l.type = p_type and l.erased_at is null
       where n.guardian_id = p_guardian and n.revoked_at is null and coalesce(n.expires_at > now(), true)) x
   order by x.rank, x.signed_on desc limit 1;
  state := coalesce(state, 'none');
  is_named := exists (
    select from signing n join license_request q on q.signing_id = n.id and q.student_id is not distinct from p_student
     where n.guardian_id = p_guardian and n.revoked_at is null and coalesce(n.expires_at > now(), true));
end $$;

-- license_cell_json: one cell of the matrix person x licence.
create or replace function enroll.license_cell_json(p_guardian uuid, p_student uuid, p_type text) returns jsonb
language plpgsql stable set search_path = enroll, pg_temp as $$
declare
  l record;
  cell text;
begin
  select * into l from license_state(p_guardian, p_student, p_type);
  cell := case
    when l.state in ('fetched', 'fetching', 'register_unavailable', 'license_unreadable') then 'signed'
    when l.state = 'license_not_held' then 'not_held'
    when p_type = 'real_estate' then 'not_needed'
    else 'missing' end;
  return jsonb_strip_nulls(jsonb_build_object('person', coalesce(p_student::text, 'guardian'), 'license', p_type, 'state', cell,
    'signed_on', case when cell in ('signed', 'not_held') then l.signed_on end));
end $$;

-- errand_cells_json: the guardian's and each student's licences; a real-estate certificate is never a must.
create or replace function enroll.errand_cells_json(e enroll.errand) returns jsonb
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return jsonb_build_array(license_cell_json(e.guardian_id, null, 'household_register'),
      license_cell_json(e.guardian_id, null, 'real_estate'))
    || coalesce((select jsonb_agg(license_cell_json(e.guardian_id, s.id, 'household_register') order by s.created_at, s.id)
      from errand_student es join student s on s.id = es.student_id and s.removed_at is null where es.errand_id = e.id), '[]');
end $$;

-- errand_licenses_json: what was fetched for the guardian and the errand's students, under any signing that still holds.
create or replace function enroll.errand_licenses_json(e enroll.errand) returns jsonb
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return coalesce((
    select jsonb_agg(jsonb_build_object('type', l.type, 'holder', coalesce(l.student_id::text, 'guardian'),
        'number', l.number_mask, 'issued_on', l.issued_on) order by l.student_id nulls first, l.type, l.fetched_at)
      from license l join signing n on n.id = l.signing_id
     where l.guardian_id = e.guardian_id and l.state = 'fetched' and n.revoked_at is null
       and coalesce(n.expires_at > now(), true)
       and (l.student_id is null or l.student_id in (select student_id from errand_student where errand_id = e.id))), '[]');
end $$;
