-- recover_finish: the four facts set a new password. Called by recover for POST /api/recover/password, after the hash. Ends
-- every session, limits the account (see recover_limit) and opens one session here. p_undo, p_outbox_ids and p_outbox_tokens: the
-- link that undoes it (see change_tell). p_phones: what the password holds that may be a phone; the account's own one there makes
-- it weak, which stays booked. Codes: ok, bad_credentials, validation_failed.
create or replace function enroll.recover_finish(
  p_ref text, p_address bytea, p_wechat bytea, p_guardian_index bytea, p_guardian_name text, p_student_index bytea,
  p_student_name text, p_hash text, p_token_hash bytea, p_device bytea, p_device_name text, p_is_lost boolean,
  p_kind text, p_key bytea, p_phones bytea[], p_undo bytea, p_outbox_ids uuid[], p_outbox_tokens bytea[], out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  g guardian;
  v_link uuid;
begin
  perform facts_hold(p_kind, p_key, p_guardian_index, p_student_index);
  g := facts_guardian(p_guardian_index, p_guardian_name, p_student_index, p_student_name);
  if g.id is null then
    code := 'bad_credentials';
    perform address_failed(p_address);
    perform audit_put(p_ref, 'recover_password', code);
    return;
  end if;
  if exists (select from phone p where p.guardian_id = g.id and p.until is null and p.phone_index = any(p_phones)) then
    code := 'validation_failed';
    perform audit_put(p_ref, 'recover_password', code, g.id);
    return;
  end if;
  perform facts_take_back(p_kind, p_key, p_guardian_index, p_student_index);
  v_link := recover_limit(g, p_device, p_wechat, p_is_lost, 'password_recovered', p_undo, p_outbox_ids,
    p_outbox_tokens);
  update password set until = now() where guardian_id = g.id and until is null;
  insert into password (guardian_id, hash, via, device, since) values (g.id, p_hash, 'recover', p_device, clock_timestamp());
  perform session_open(g.id, p_token_hash, p_device, p_device_name, v_link);
  code := 'ok';
  perform audit_put(p_ref, 'recover_password', code, g.id, null, jsonb_build_object('limited', v_link is null));
end $$;
grant execute on function enroll.recover_finish(text, bytea, bytea, bytea, text, bytea, text, text, bytea, bytea, text, boolean,
  text, bytea, bytea[], bytea, uuid[], bytea[]) to enroll_recover;
