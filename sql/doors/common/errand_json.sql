-- What a parent sees of an errand; C puts the words to the codes and keys. Called by doors alone.

-- errand_launch_json: the answer of POST /api/bindings and /api/authorizations.
create or replace function enroll.errand_launch_json(e enroll.errand) returns jsonb
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return jsonb_build_object('id', e.id, 'status', e.status, 'launch_url', e.launch_url,
    'expires_at', to_char(e.expires_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS.MS"+08:00"'));
end $$;

-- errand_missing_json: what one student lacks; name_differs shows both spellings.
create or replace function enroll.errand_missing_json(e enroll.errand, g enroll.guardian, p_missing text[], p_is_limited boolean)
returns jsonb
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return coalesce((
    select jsonb_agg(case when m.code <> 'name_differs' then jsonb_build_object('code', m.code)
      else jsonb_strip_nulls(jsonb_build_object('code', m.code,
        'typed', case when p_is_limited then g.name_mask else g.name end,
        'register', case when p_is_limited then e.subject_name_mask else e.subject_name end)) end order by m.n)
      from unnest(p_missing) with ordinality m(code, n)), '[]');
end $$;

-- errand_students_json: every student of the errand. What an older errand has reached is not hidden by this one.
create or replace function enroll.errand_students_json(e enroll.errand, g enroll.guardian, p_is_limited boolean) returns jsonb
language plpgsql stable set search_path = enroll, pg_temp as $$
declare
  reached text := case e.purpose when 'bind' then 'bound' else 'authorized' end;
begin
  return coalesce((
    select jsonb_agg(jsonb_build_object('id', s.id, 'name', case when p_is_limited then s.name_mask else s.name end,
        'status', case when r.is_reached then reached else es.status end,
        'missing', errand_missing_json(e, g, case when r.is_reached then '{}' else es.missing end, p_is_limited))
        order by s.created_at, s.id)
      from errand_student es
      join student s on s.id = es.student_id and s.removed_at is null
      cross join lateral (select case e.purpose when 'bind' then s.binding_status else s.authorization_status end
        in ('bound', 'authorized', 'confirmed_by_hand') as is_reached) r
     where es.errand_id = e.id), '[]');
end $$;

-- errand_steps_json: how far the family has come, in the order in which it is walked.
create or replace function enroll.errand_steps_json(e enroll.errand) returns jsonb
language plpgsql stable set search_path = enroll, pg_temp as $$
declare
  is_linked boolean; is_claimed boolean; is_reached boolean; is_signed boolean; is_fetched boolean;
  is_verified boolean := e.subject_is_guardian and e.subject_level >= 2;
begin
  select coalesce(bool_and(es.is_ward), true),
         coalesce(bool_and(es.claimed @> array['household_register', 'identity_credential']), true),
         coalesce(bool_and(es.status in ('bound', 'authorized')), true)
    into is_linked, is_claimed, is_reached
    from errand_student es where es.errand_id = e.id;
  if e.purpose = 'bind' then
    return jsonb_build_array(
      jsonb_build_object('key', 'verify', 'done', is_verified),
      jsonb_build_object('key', 'link', 'done', is_verified and is_linked),
      jsonb_build_object('key', 'claim', 'done', is_verified and is_claimed),
      jsonb_build_object('key', 'bound', 'done', e.status = 'completed' and is_verified and is_reached));
  end if;
  select exists (select from signing n where n.errand_id = e.id) into is_signed;
  is_fetched := is_signed and not exists (
    select from license_request q join signing n on n.id = q.signing_id where n.errand_id = e.id and q.status = 'due');
  return jsonb_build_array(
    jsonb_build_object('key', 'verify', 'done', is_verified),
    jsonb_build_object('key', 'sign', 'done', is_signed),
    jsonb_build_object('key', 'fetch', 'done', is_fetched),
    jsonb_build_object('key', 'authorized', 'done', e.status = 'completed' and is_reached));
end $$;

-- errand_is_behind: is somebody due for seconds, because the province is down or too many wait? Then pages ask more rarely.
create or replace function enroll.errand_is_behind() returns boolean
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return exists (select from errand e where e.status = 'pending' and e.next_at < now() - interval '5 seconds');
end $$;

-- errand_json: the answer of GET and of the return. poll_after_ms: fast for the first 15 s of waiting, 0 when final.
create or replace function enroll.errand_json(e enroll.errand, p_is_limited boolean) returns jsonb
language plpgsql stable set search_path = enroll, pg_temp as $$
declare
  g guardian;
  answer jsonb;
begin
  select * into g from guardian where id = e.guardian_id;
  answer := jsonb_build_object('id', e.id,
    'status', case e.status when 'launching' then 'pending' when 'failed' then 'expired' else e.status end,
    'students', errand_students_json(e, g, p_is_limited), 'steps', errand_steps_json(e),
    'poll_after_ms', case when e.status not in ('launching', 'pending') then 0
      when e.waiting_since > now() - interval '15 seconds' then 500
      when errand_is_behind() then 5000 else 2000 end);
  if e.purpose = 'authorize' then
    answer := answer || jsonb_build_object('cells', errand_cells_json(e), 'licenses', errand_licenses_json(e))
      || coalesce((select jsonb_build_object('signed_at', beijing_time(n.signed_at), 'expires_at', beijing_time(n.expires_at))
        from signing n where n.errand_id = e.id), '{}');
  end if;
  if e.status in ('completed', 'denied') then
    answer := answer || jsonb_strip_nulls(jsonb_build_object('door', errand_door(e, g)));
  end if;
  return answer;
end $$;
