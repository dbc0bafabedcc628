-- application_submit: hand the application in. One door, one transaction; pressed five times it is one application with one
-- receipt number. Signed in, not while limited. p_blank: see application_problems.
-- Codes: ok, not_signed_in, identity_check_required, key_reused, busy, not_found, student_taken, wrong_state,
-- season_closed, validation_failed (problems says what).
create or replace function enroll.application_submit(
  p_session bytea, p_ref text, p_student uuid, p_key text, p_fingerprint bytea, p_blank jsonb,
  out code text, out answer jsonb, out problems jsonb)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  me record;
  replay record;
  v_caller bytea;
begin
  select * into me from signed_in(p_session, false, false);
  code := me.code;
  if code <> 'ok' then
    perform audit_put(p_ref, 'application_submit', code, me.guardian_id);
    return;
  end if;
  v_caller := uuid_send(me.guardian_id);
  select * into replay from idempotency_begin('submit ' || p_student, v_caller, p_key, p_fingerprint);
  if replay.state <> 'new' then
    code := case replay.state when 'replay' then 'ok' when 'in_progress' then 'busy' else replay.state end;
    answer := replay.answer;
    if code <> 'busy' then
      perform audit_put(p_ref, 'application_submit', case code when 'ok' then 'replayed' else code end, me.guardian_id, p_student);
    end if;
    return;
  end if;
  -- As the doors that change or remove a student do: nothing of the family changes while this decides.
  select * into me from signed_in_alone(p_session, false);
  code := me.code;
  if code = 'ok' then
    select o.code, o.answer, o.problems into code, answer, problems
      from application_hand_in(me.guardian_id, p_student, p_blank) o;
  end if;
  if code = 'ok' then
    perform idempotency_finish('submit ' || p_student, v_caller, p_key, answer);
  else
    perform idempotency_drop('submit ' || p_student, v_caller, p_key);
  end if;
  perform audit_put(p_ref, 'application_submit', code, me.guardian_id, p_student);
end $$;
grant execute on function enroll.application_submit(bytea, text, uuid, text, bytea, jsonb) to enroll_enroll;

-- application_hand_in: may it be submitted, and if so it is. Called by application_submit, with the
-- guardian's row locked.
create or replace function enroll.application_hand_in(
  p_guardian uuid, p_student uuid, p_blank jsonb, out code text, out answer jsonb, out problems jsonb)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  s student;
  a application;
  y season;
begin
  -- A proof of the same child elsewhere comes before this or after it (binding_judge).
  perform child_lock(array[p_guardian]);
  select * into s from student o where o.id = p_student and o.guardian_id = p_guardian and o.removed_at is null;
  if not found then
    code := 'not_found';
    return;
  end if;
  select * into a from application o where o.student_id = s.id for no key update;
  select * into y from season order by year desc limit 1;
  if a.status = 'submitted' then
    code := 'ok';
    answer := jsonb_build_object('status', a.status, 'receipt_no', a.receipt_no);
    return;
  end if;
  code := case
    when s.binding_status = 'student_taken' or a.status = 'student_taken' or exists (select from student o
      where o.id_no_index = s.id_no_index and o.proven_at is not null and o.removed_at is null and o.id <> s.id) then 'student_taken'
    when a.status in ('accepted', 'admitted', 'not_admitted') then 'wrong_state'
    when y.year is null or season_state(y) <> 'open' then 'season_closed'
    else 'ok' end;
  if code <> 'ok' then
    return;
  end if;
  problems := application_problems(s, a, y.year, p_blank);
  if jsonb_array_length(problems) > 0 then
    code := 'validation_failed';
    return;
  end if;

  -- One child, one submitted application, whoever hands it in: the unique index decides, not this door.
  begin
    update application o set status = 'submitted', year = y.year, submitted_at = now(), updated_at = now(),
        verify_in_person = application_is_verified_in_person(s), receipt_no = coalesce(o.receipt_no, receipt_new(y.year))
     where o.id = a.id returning * into a;
  exception when unique_violation then
    code := 'student_taken';
    return;
  end;
  insert into outbox (template, phone_id, detail)
  select 'application_submitted', p.id, a.receipt_no from phone p where p.guardian_id = p_guardian and p.until is null;
  answer := jsonb_build_object('status', a.status, 'receipt_no', a.receipt_no);
end $$;

-- receipt_new: a receipt number that can be read out on the telephone and says nothing about who came first.
create or replace function enroll.receipt_new(p_year int) returns text
language plpgsql volatile set search_path = enroll, pg_temp as $$
declare
  digits text;
  receipt text;
begin
  loop
    digits := lpad((('x' || substr(md5(gen_random_uuid()::text), 1, 8))::bit(32)::bigint % 100000000)::text, 8, '0');
    receipt := p_year || '-' || substr(digits, 1, 4) || '-' || substr(digits, 5, 4);
    if not exists (select from application where receipt_no = receipt) then
      return receipt;
    end if;
  end loop;
end $$;
