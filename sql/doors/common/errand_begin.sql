-- errand_begin: before the launch. Called by bind and license for POST /api/bindings and /api/authorizations; limited
-- accounts may. Commits our row with its state before the provider is called. One row a person, the guardian first, with
-- the sealed numbers that the launch needs; a refusal is one row with its code alone.
-- Codes: ok (launch now), replayed (this browser's pending one for the same students, in answer), in_progress (being
-- launched at this moment: ask again), not_signed_in, not_found, student_taken, wrong_state (authorize before bound),
-- too_many_attempts (errand_pause).
create or replace function enroll.errand_begin(
  p_session bytea, p_ref text, p_device bytea, p_errand uuid, p_state_hash bytea, p_code_hash bytea, p_student_ids uuid[])
returns table (code text, answer jsonb, person_id uuid, name text, id_no bytea, is_guardian boolean, retry_after_s int)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
  v_purpose text := errand_purpose();
  v_students uuid[];
  v_open errand;
begin
  select * into who from signed_in_alone(p_session, true);
  if who.code = 'ok' then
    select * into code, v_students from errand_students(who.guardian_id, v_purpose, p_student_ids);
  else
    code := who.code;
  end if;
  if code <> 'ok' then
    perform audit_put(p_ref, v_purpose || '_begin', code, who.guardian_id);
    return next;
    return;
  end if;

  select * into v_open from errand e
   where e.guardian_id = who.guardian_id and e.purpose = v_purpose and e.device = p_device
     and (e.status = 'pending' and e.provider_status in ('created', 'identified') and e.expires_at > now()
       or e.status = 'launching' and e.created_at > now() - interval '15 seconds')
     and v_students = array(select es.student_id from errand_student es where es.errand_id = e.id order by es.student_id)
   order by e.created_at desc limit 1;
  if found then
    code := case v_open.status when 'pending' then 'replayed' else 'in_progress' end;
    answer := errand_launch_json(v_open);
    -- Who is told to ask again in a moment has not been answered yet.
    if code = 'replayed' then
      perform audit_put(p_ref, v_purpose || '_begin', code, who.guardian_id, null, jsonb_build_object('errand', v_open.id));
    end if;
    return next;
    return;
  end if;

  retry_after_s := errand_pause(who.guardian_id, p_device);
  if retry_after_s > 0 then
    code := 'too_many_attempts';
    perform audit_put(p_ref, v_purpose || '_begin', code, who.guardian_id);
    return next;
    return;
  end if;
  -- A launch that was killed in the middle is over.
  update errand e set status = 'failed'
   where e.guardian_id = who.guardian_id and e.purpose = v_purpose and e.status = 'launching'
     and e.created_at < now() - interval '15 seconds';
  insert into errand (id, purpose, guardian_id, device, state_hash, code_hash)
  values (p_errand, v_purpose, who.guardian_id, p_device, p_state_hash, p_code_hash);
  insert into errand_student (errand_id, student_id) select p_errand, unnest(v_students);
  perform audit_put(p_ref, v_purpose || '_begin', 'ok', who.guardian_id, null,
    jsonb_build_object('errand', p_errand, 'students', cardinality(v_students)));
  return query
    select 'ok', null::jsonb, g.id, g.name, g.id_no, true, 0 from guardian g where g.id = who.guardian_id
    union all
    (select 'ok', null::jsonb, s.id, s.name, s.id_no, false, 0 from student s where s.id = any(v_students) order by s.id);
end $$;
grant execute on function enroll.errand_begin(bytea, text, bytea, uuid, bytea, bytea, uuid[]) to enroll_bind, enroll_license;

-- errand_pause: a launch costs the province a session, and all other families a place in the asking. In how many seconds may this
-- browser launch again? One that the account knows has forty an hour to itself; all others share forty, so that no stranger uses up
-- the owner's.
create or replace function enroll.errand_pause(p_guardian uuid, p_device bytea) returns int
language plpgsql stable set search_path = enroll, pg_temp as $$
declare
  v_is_known boolean := exists (select from device d where d.guardian_id = p_guardian and d.device = p_device);
begin
  return coalesce((
    select greatest(1, ceil(extract(epoch from e.created_at + interval '1 hour' - now())))::int
      from errand e
     where e.guardian_id = p_guardian and e.created_at > now() - interval '1 hour' and e.status <> 'failed'
       and case when v_is_known then e.device = p_device
         else not exists (select from device d where d.guardian_id = p_guardian and d.device = e.device) end
     order by e.created_at desc offset 39 limit 1), 0);
end $$;

-- errand_students: whom the errand is for. Without a choice: to bind, all unbound on route licences, and if there are none
-- the guardian alone; to authorize, all bound.
create or replace function enroll.errand_students(
  p_guardian uuid, p_purpose text, p_student_ids uuid[], out code text, out students uuid[])
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  select coalesce(array_agg(s.id order by s.id), '{}') into students from student s
   where s.guardian_id = p_guardian and s.removed_at is null
     and case when p_student_ids is not null then s.id = any(p_student_ids)
       when p_purpose = 'bind' then s.route = 'licences'
         and s.binding_status not in ('bound', 'confirmed_by_hand', 'student_taken')
       else s.binding_status in ('bound', 'confirmed_by_hand') end;
  code := case
    when cardinality(students) < (select count(distinct i) from unnest(p_student_ids) i) then 'not_found'
    when exists (select from student s where s.id = any(students) and s.binding_status = 'student_taken') then 'student_taken'
    when p_purpose = 'authorize' and (students = '{}' or exists (select from student s where s.id = any(students)
      and s.binding_status not in ('bound', 'confirmed_by_hand'))) then 'wrong_state'
    else 'ok' end;
end $$;
