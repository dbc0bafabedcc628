-- account_phone: the password was judged. Called by session for PUT /api/account/phone, right or wrong. Right, and the old
-- number too where it is needed: the owner is told at the old number (change_tell), the new one counts, every other session
-- ends. A wrong old number is as wrong as a password. The new number is booked like a guess at a phone, since a refusal tells
-- that it has an account. p_phone_code: the code that proves the new number, null where none is asked for; it is judged first.
-- Codes: ok, not_signed_in, identity_check_required, validation_failed (the code), bad_credentials, too_many_attempts, phone_taken.
create or replace function enroll.account_phone(
  p_session bytea, p_ref text, p_is_right boolean, p_old_hash text, p_old_phone_index bytea, p_phone_id uuid, p_phone bytea,
  p_phone_index bytea, p_phone_mask text, p_undo bytea, p_outbox_ids uuid[], p_outbox_tokens bytea[],
  p_phone_code bytea default null, out code text, out retry_after_s int)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
  booking record;
begin
  select s.code, s.guardian_id into who from signed_in(p_session, false, false) s;
  if who.code = 'ok' and not phone_code_judge('account', p_phone_index, p_phone_code) then
    code := 'validation_failed';
    perform audit_put(p_ref, 'account_phone', code, who.guardian_id);
    return;
  end if;
  select * into booking from guess_book('phone', coalesce(p_phone_index, ''), 20);
  if booking.allowed then
    select * into who from account_judge(p_session, true, p_is_right, p_old_hash, p_old_phone_index);
    code := who.code;
    if code = 'ok' then
      code := account_replace(who.guardian_id, who.session_id, who.device, p_phone_id, p_phone, p_phone_index, p_phone_mask, p_undo,
        p_outbox_ids, p_outbox_tokens, p_phone_code);
    end if;
    if code <> 'phone_taken' then
      perform guess_take_back('phone', coalesce(p_phone_index, ''));
    end if;
  else
    code := case who.code when 'ok' then 'too_many_attempts' else who.code end;
    retry_after_s := booking.retry_after_s;
  end if;
  perform audit_put(p_ref, 'account_phone', code, who.guardian_id);
end $$;
grant execute on function enroll.account_phone(bytea, text, boolean, text, bytea, uuid, bytea, bytea, text, bytea, uuid[], bytea[], bytea)
  to enroll_session;

-- account_replace: tells, ends the current number and begins the new one, which uses up its code; nothing happens if somebody has
-- the new one. Codes: ok, phone_taken.
create or replace function enroll.account_replace(
  p_guardian uuid, p_session_id uuid, p_device bytea, p_phone_id uuid, p_phone bytea, p_phone_index bytea, p_phone_mask text,
  p_undo bytea, p_outbox_ids uuid[], p_outbox_tokens bytea[], p_phone_code bytea) returns text
language plpgsql set search_path = enroll, pg_temp as $$
declare
  refused_by text;
begin
  perform phone_code_use('account', p_phone_index, p_phone_code);
  perform change_tell(p_guardian, 'phone_changed', p_undo, p_outbox_ids, p_outbox_tokens);
  update phone set until = now() where guardian_id = p_guardian and until is null;
  insert into phone (id, guardian_id, phone, phone_index, phone_mask, via, device, since)
  values (p_phone_id, p_guardian, p_phone, p_phone_index, p_phone_mask, 'account', p_device, clock_timestamp());
  perform account_end_others(p_guardian, p_session_id);
  return 'ok';
exception when unique_violation then
  get stacked diagnostics refused_by = constraint_name;
  return refused_by;
end $$;
