-- session_finish: the password was judged. Called by session for POST /api/session, right or wrong, so that every attempt
-- leaves its row. Right: opens the session, links the WeChat just seen, stores the hash anew if it was outdated (p_rehash) and
-- takes the booking back. p_hash is the hash that was judged: if it is not the current one any more, the attempt is void.
-- Codes: ok (in answer as GET), bad_credentials.
create or replace function enroll.session_finish(
  p_ref text, p_address bytea, p_wechat bytea, p_phone_index bytea, p_is_right boolean, p_hash text, p_rehash text,
  p_token_hash bytea, p_device bytea, p_device_name text, p_move_wechat boolean, p_kind text, p_key bytea,
  out code text, out answer jsonb)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  g guardian;
  v_link uuid;
  v_session uuid;
begin
  select * into g from guardian
   where id = (select p.guardian_id from phone p where p.phone_index = p_phone_index and p.until is null);
  if p_is_right then
    perform guess_take_back(p_kind, p_key);
    select * into g from guardian where id = g.id for no key update;
    p_is_right := exists (select from password w where w.guardian_id = g.id and w.hash = p_hash and w.until is null);
  end if;
  if p_is_right is not true then
    code := 'bad_credentials';
    perform address_failed(p_address);
    perform audit_put(p_ref, 'sign_in', code, g.id);
    return;
  end if;

  perform session_rehash(g.id, p_rehash);
  v_link := wechat_link(p_ref, g, p_wechat, coalesce(p_move_wechat, false));
  v_session := session_open(g.id, p_token_hash, p_device, p_device_name, v_link);
  answer := session_json(g.id, v_session, p_wechat);
  code := 'ok';
  perform audit_put(p_ref, 'sign_in', code, g.id);
end $$;
grant execute on function enroll.session_finish(text, bytea, bytea, bytea, boolean, text, text, bytea, bytea, text, boolean,
  text, bytea) to enroll_session;

-- session_rehash: the same password under today's parameters. It keeps its origin and date, so that lifting a limit still
-- knows whose it is.
create or replace function enroll.session_rehash(p_guardian uuid, p_rehash text) returns void
language plpgsql set search_path = enroll, pg_temp as $$
declare
  old password;
begin
  if p_rehash is null then
    return;
  end if;
  update password set until = now() where guardian_id = p_guardian and until is null returning * into old;
  insert into password (guardian_id, hash, via, device, since) values (p_guardian, p_rehash, old.via, old.device, old.since);
end $$;
