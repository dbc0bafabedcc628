-- student_add: a further child. Called by bind for POST /api/students; not while limited. Whether a child is taken can be
-- guessed at here as at registration, so each try is booked on the child, and all but student_taken take their booking back.
-- Codes: created, replayed (already one's own, in answer), not_signed_in, identity_check_required, student_taken (proven
-- by another family), wrong_state (the account has nineteen: a proof locks all of them, and a receipt names all), too_many_attempts,
-- validation_failed (is_same: the guardian's own number).
create or replace function enroll.student_add(
  p_session bytea, p_ref text, p_id uuid, p_name text, p_name_mask text, p_id_no bytea, p_id_no_index bytea, p_id_no_mask text,
  p_birth_date text, p_is_female boolean, out code text, out answer jsonb, out is_same boolean, out retry_after_s bigint)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
  g guardian;
  s student;
  is_allowed boolean;
begin
  select * into who from signed_in(p_session, false, false);
  if who.code = 'ok' then
    select b.allowed, b.retry_after_s into is_allowed, retry_after_s from guess_book('child', p_id_no_index, 20) b;
    select * into who from signed_in_alone(p_session, false);
  end if;
  code := who.code;
  if code <> 'ok' then
    if is_allowed then
      perform guess_take_back('child', p_id_no_index);
    end if;
    perform audit_put(p_ref, 'student_add', code, who.guardian_id);
    return;
  end if;
  perform child_lock(array[who.guardian_id], p_id_no_index);
  select * into g from guardian where id = who.guardian_id;
  select * into s from student where guardian_id = g.id and id_no_index = p_id_no_index and removed_at is null;
  if s.id is not null then
    code := 'replayed';
    answer := student_json(s, false);
  elsif g.id_no_index = p_id_no_index then
    code := 'validation_failed';
    is_same := true;
  elsif (select count(*) >= 19 from student o where o.guardian_id = g.id and o.removed_at is null) then
    code := 'wrong_state';
  elsif not is_allowed then
    code := 'too_many_attempts';
  elsif student_is_taken(p_id_no_index, g.id) then
    code := 'student_taken';
  else
    insert into student (id, guardian_id, name, name_mask, id_no, id_no_index, id_no_mask, birth_date, is_female)
    values (p_id, g.id, p_name, p_name_mask, p_id_no, p_id_no_index, p_id_no_mask, p_birth_date::date, p_is_female)
    returning * into s;
    insert into consent (guardian_id, student_id, version) values (g.id, s.id, coalesce(consent_version(), '0'));
    code := 'created';
    answer := student_json(s, false);
  end if;
  if is_allowed and code <> 'student_taken' then
    perform guess_take_back('child', p_id_no_index);
  end if;
  perform audit_put(p_ref, 'student_add', code, g.id, s.id);
end $$;
grant execute on function enroll.student_add(bytea, text, uuid, text, text, bytea, bytea, text, text, boolean) to enroll_bind;

-- student_is_taken: has another family proven this child?
create or replace function enroll.student_is_taken(p_id_no_index bytea, p_guardian uuid) returns boolean
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return exists (select from student s where s.id_no_index = p_id_no_index and s.proven_at is not null
    and s.removed_at is null and s.guardian_id <> p_guardian);
end $$;
