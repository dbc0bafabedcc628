-- account_password: the old password was judged. Called by session for PUT /api/account/password, right or wrong. Right: the
-- owner is told, with the link that undoes it (change_tell); the new password counts, every other session ends. p_old_hash is
-- the hash that was judged, null where none counted (account_begin); if it is not the current one any more, the attempt is
-- void. Codes: ok, not_signed_in, identity_check_required, bad_credentials.
create or replace function enroll.account_password(
  p_session bytea, p_ref text, p_is_right boolean, p_old_hash text, p_hash text, p_undo bytea, p_outbox_ids uuid[],
  p_outbox_tokens bytea[], out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
begin
  select * into who from account_judge(p_session, false, p_is_right, p_old_hash, null);
  code := who.code;
  if code = 'ok' then
    perform change_tell(who.guardian_id, 'password_changed', p_undo, p_outbox_ids, p_outbox_tokens);
    update password set until = now() where guardian_id = who.guardian_id and until is null;
    insert into password (guardian_id, hash, via, device, since)
    values (who.guardian_id, p_hash, 'account', who.device, clock_timestamp());
    perform account_end_others(who.guardian_id, who.session_id);
  end if;
  perform audit_put(p_ref, 'account_password', code, who.guardian_id);
end $$;
grant execute on function enroll.account_password(bytea, text, boolean, text, text, bytea, uuid[], bytea[]) to enroll_session;

-- account_judge: who asks, and was everything right that he must know? If so the booking of account_begin is taken back. Looked
-- at under the guardian's row: somebody may have changed it while the password was hashed.
-- Codes: ok, not_signed_in, identity_check_required, bad_credentials.
create or replace function enroll.account_judge(
  p_session bytea, p_is_phone boolean, p_is_right boolean, p_old_hash text, p_old_phone_index bytea,
  out code text, out guardian_id uuid, out session_id uuid, out device bytea)
language plpgsql set search_path = enroll, pg_temp as $$
declare
  budget record;
begin
  select s.guardian_id, s.device into guardian_id, device from signed_in(p_session, false, false) s;
  select * into budget from account_budget(guardian_id, device);
  perform guess_hold(budget.kind, budget.key);
  select s.code, s.guardian_id, s.session_id, s.device into code, guardian_id, session_id, device from signed_in_alone(p_session, false) s;
  if code <> 'ok' then
    return;
  end if;
  if account_is_right(guardian_id, p_is_phone, p_is_right, p_old_hash, p_old_phone_index) then
    perform guess_take_back(budget.kind, budget.key);
  else
    code := 'bad_credentials';
  end if;
end $$;

-- account_is_right: is the hash that was judged still the one that counts, and the password right? To set a new password where
-- none counts, none is needed. For the phone also: is the old number the current one, or not given and not needed?
create or replace function enroll.account_is_right(
  p_guardian uuid, p_is_phone boolean, p_is_right boolean, p_old_hash text, p_old_phone_index bytea) returns boolean
language plpgsql stable set search_path = enroll, pg_temp as $$
declare
  v_hash text := (select w.hash from password w where w.guardian_id = p_guardian and w.until is null);
begin
  if v_hash is distinct from p_old_hash or p_is_right is not true and (p_is_phone or v_hash is not null) then
    return false;
  elsif not p_is_phone then
    return true;
  elsif p_old_phone_index is null then
    return v_hash is not null and not account_is_old_phone_needed(p_guardian);
  end if;
  return v_hash is not null and exists (
    select from phone p where p.guardian_id = p_guardian and p.phone_index = p_old_phone_index and p.until is null);
end $$;

-- account_end_others: every session but this one ends, and other WeChats sign in by themselves only after the next password:
-- whoever knew the old one may have linked his.
create or replace function enroll.account_end_others(p_guardian uuid, p_session_id uuid) returns void
language plpgsql set search_path = enroll, pg_temp as $$
begin
  update wechat set is_automatic = false
   where guardian_id = p_guardian and unlinked_at is null
     and id is distinct from (select s.wechat_id from session s where s.id = p_session_id);
  update session set ended_at = now(), ended_by = 'account' where guardian_id = p_guardian and id <> p_session_id and ended_at is null;
end $$;
