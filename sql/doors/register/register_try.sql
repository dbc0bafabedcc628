-- Whether anything stands in the way of a registration, in the contract's order. Called by register's doors alone.

-- register_is_open: accounts are made from register_from on until the season closes.
create or replace function enroll.register_is_open() returns boolean
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return coalesce((select season_state(s) in ('registration', 'open') from season s order by s.year desc limit 1), false);
end $$;

-- register_look: the first fact that is taken, and under which counter it is guessed at; code ok if none is.
create or replace function enroll.register_look(
  p_phone_index bytea, p_guardian_index bytea, p_student_index bytea, out code text, out kind text, out key bytea)
language plpgsql set search_path = enroll, pg_temp as $$
begin
  if exists (select from phone p where p.phone_index = p_phone_index and p.until is null) then
    code := 'phone_taken'; kind := 'phone'; key := p_phone_index;
  elsif exists (select from guardian g where g.id_no_index = p_guardian_index) then
    code := 'guardian_taken'; kind := 'guardian'; key := p_guardian_index;
  elsif exists (select from student s where s.id_no_index = p_student_index and s.proven_at is not null
      and s.removed_at is null) then
    code := 'student_taken'; kind := 'child'; key := p_student_index;
  else
    code := 'ok';
  end if;
end $$;

-- register_try: books each fact before looking whether it is taken; only the one that is keeps its booking.
-- Codes: ok, too_many_attempts, phone_taken, guardian_taken, student_taken.
create or replace function enroll.register_try(
  p_address bytea, p_phone_index bytea, p_guardian_index bytea, p_student_index bytea, out code text, out retry_after_s int)
language plpgsql set search_path = enroll, pg_temp as $$
declare
  fact record;
  booking record;
  taken record;
begin
  select 'too_many_attempts', a.retry_after_s into code, retry_after_s from address_check(p_address) a where not a.allowed;
  if found then
    return;
  end if;
  for fact in
    select * from (values (1, 'phone', p_phone_index), (2, 'guardian', p_guardian_index), (3, 'child', p_student_index))
      as f (place, kind, key) order by place
  loop
    select * into booking from guess_book(fact.kind, fact.key, 20);
    if not booking.allowed then
      code := 'too_many_attempts';
      retry_after_s := booking.retry_after_s;
      return;
    end if;
    select * into taken from register_look(p_phone_index, p_guardian_index, p_student_index);
    if taken.kind = fact.kind then
      perform address_failed(p_address);
      code := taken.code;
      return;
    end if;
    perform guess_take_back(fact.kind, fact.key);
  end loop;
  code := 'ok';
end $$;
