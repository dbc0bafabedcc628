-- register_begin: may this registration go on to the hash? Called by register for POST /api/register, before the password is
-- hashed. Writes nothing but the idempotency row that register_finish or register_drop ends, and the counter of a fact that
-- proved to be taken. p_phone_code: the code that proves the phone, null where none is asked for; without the right one nothing is
-- told about anybody. Codes: ok (go on), replayed (done before, in answer), busy (the same key is at work: ask again), key_reused,
-- season_closed, validation_failed (the code), too_many_attempts, phone_taken, guardian_taken, student_taken.
create or replace function enroll.register_begin(
  p_ref text, p_address bytea, p_key text, p_fingerprint bytea, p_phone_index bytea, p_guardian_index bytea,
  p_student_index bytea, p_phone_code bytea default null, out code text, out retry_after_s int, out answer jsonb)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  i record;
begin
  -- Answered before? A repeat is the same answer, whatever has changed since, and no attempt of its own.
  select * into i from idempotency_begin('register', '', p_key, p_fingerprint);
  if i.state <> 'new' then
    code := case i.state when 'replay' then 'replayed' when 'in_progress' then 'busy' else i.state end;
    retry_after_s := 1;
    answer := i.answer;
    -- Who is told to ask again in a moment has not been answered yet.
    if code <> 'busy' then
      perform audit_put(p_ref, 'register', code);
    end if;
    return;
  end if;
  if not register_is_open() then
    code := 'season_closed';
  elsif not phone_code_judge('register', p_phone_index, p_phone_code) then
    code := 'validation_failed';
  else
    select * into code, retry_after_s
      from register_try(p_address, p_phone_index, p_guardian_index, p_student_index);
  end if;
  if code <> 'ok' then
    perform idempotency_drop('register', '', p_key);
    perform audit_put(p_ref, 'register', code);
  end if;
end $$;
grant execute on function enroll.register_begin(text, bytea, text, bytea, bytea, bytea, bytea, bytea) to enroll_register;
