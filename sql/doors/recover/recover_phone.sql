-- recover_phone: the four facts and the current number set a new number. Called by recover for POST /api/recover/phone. Ends
-- every session, limits the account (see recover_limit) and opens none. p_device is what the browser brought, p_new_device
-- what it will bring from now on. A wrong old number is as wrong as any fact, and counts; the new number is booked like a guess
-- at a phone, since a refusal tells that it has an account. p_undo, p_outbox_ids and p_outbox_tokens: the link that undoes it
-- (see change_tell). p_phone_code: the code that proves the new number, null where none is asked for; it is judged first.
-- Codes: ok, validation_failed (the code), too_many_attempts, bad_credentials, phone_taken.
drop function if exists enroll.recover_phone(text, bytea, bytea, bytea, bytea, text, bytea, text, bytea, uuid, bytea, bytea,
  text, bytea, boolean);
create or replace function enroll.recover_phone(
  p_ref text, p_address bytea, p_device bytea, p_wechat bytea, p_guardian_index bytea, p_guardian_name text,
  p_student_index bytea, p_student_name text, p_old_phone_index bytea, p_phone_id uuid, p_phone bytea, p_phone_index bytea,
  p_phone_mask text, p_new_device bytea, p_is_lost boolean, p_undo bytea, p_outbox_ids uuid[],
  p_outbox_tokens bytea[], p_phone_code bytea default null, out code text, out retry_after_s int)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  g guardian;
  facts record;
  booking record;
begin
  if not phone_code_judge('recover', p_phone_index, p_phone_code) then
    code := 'validation_failed';
    perform audit_put(p_ref, 'recover_phone', code);
    return;
  end if;
  select * into booking from guess_book('phone', p_phone_index, 20);
  if booking.allowed then
    select * into facts from facts_book(p_address, p_device, p_wechat, p_guardian_index, p_student_index);
    if not facts.allowed then
      perform guess_take_back('phone', p_phone_index);
      booking := facts;
    end if;
  end if;
  if not booking.allowed then
    code := 'too_many_attempts';
    retry_after_s := booking.retry_after_s;
    perform audit_put(p_ref, 'recover_phone', code);
    return;
  end if;

  g := facts_guardian(p_guardian_index, p_guardian_name, p_student_index, p_student_name, p_old_phone_index);
  if g.id is null then
    code := 'bad_credentials';
    perform guess_take_back('phone', p_phone_index);
    perform address_failed(p_address);
    perform audit_put(p_ref, 'recover_phone', code);
    return;
  end if;
  perform facts_take_back(facts.kind, facts.key, p_guardian_index, p_student_index);
  code := recover_replace(g, p_phone_id, p_phone, p_phone_index, p_phone_mask, p_new_device, p_wechat, p_is_lost, p_undo,
    p_outbox_ids, p_outbox_tokens, p_phone_code);
  if code = 'ok' then
    perform guess_take_back('phone', p_phone_index);
  else
    perform address_failed(p_address);
  end if;
  perform audit_put(p_ref, 'recover_phone', code, g.id);
end $$;
grant execute on function enroll.recover_phone(text, bytea, bytea, bytea, bytea, text, bytea, text, bytea, uuid, bytea, bytea,
  text, bytea, boolean, bytea, uuid[], bytea[], bytea) to enroll_recover;

-- recover_replace: the owner is told, the current number ends, the new one begins, which uses up its code; nothing happens if
-- somebody has the new one. Codes: ok, phone_taken.
drop function if exists enroll.phone_replace(enroll.guardian, uuid, bytea, bytea, text, bytea, bytea, boolean);
create or replace function enroll.recover_replace(
  g enroll.guardian, p_phone_id uuid, p_phone bytea, p_phone_index bytea, p_phone_mask text, p_device bytea, p_wechat bytea,
  p_is_lost boolean, p_undo bytea, p_outbox_ids uuid[], p_outbox_tokens bytea[], p_phone_code bytea) returns text
language plpgsql set search_path = enroll, pg_temp as $$
declare
  refused_by text;
begin
  perform phone_code_use('recover', p_phone_index, p_phone_code);
  perform recover_limit(g, p_device, p_wechat, p_is_lost, 'phone_changed', p_undo, p_outbox_ids, p_outbox_tokens);
  update phone set until = now() where guardian_id = g.id and until is null;
  insert into phone (id, guardian_id, phone, phone_index, phone_mask, via, device, since)
  values (p_phone_id, g.id, p_phone, p_phone_index, p_phone_mask, 'recover', p_device, clock_timestamp());
  return 'ok';
exception when unique_violation then
  get stacked diagnostics refused_by = constraint_name;
  return refused_by;
end $$;
