-- recover_undo: 这不是我. Called by recover for POST /api/recover/undo; whoever holds the token may, it needs no session. The
-- state before that change is back: phone, password, linked WeChats; later changes and their links are void, every session
-- ends, and the account is limited, so that neither side has won before a face check. Who had the phone until now and the
-- WeChats are told. Codes: ok, not_found (unknown, used, void or older than 72 hours; nobody learns which).
create or replace function enroll.recover_undo(p_ref text, p_token_hash bytea, p_device bytea, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  u undo;
begin
  -- Under the guardian's lock the token is looked at again: of two at once one is late.
  perform from guardian g where g.id = (select o.guardian_id from undo o where o.token_hash = p_token_hash) for no key update;
  select * into u from undo where token_hash = p_token_hash and ended_at is null and expires_at > now();
  if not found then
    code := 'not_found';
    perform audit_put(p_ref, 'recover_undo', code);
    return;
  end if;
  insert into outbox (template, phone_id)
  select 'change_undone', p.id from phone p where p.guardian_id = u.guardian_id and p.until is null and p.id is distinct from u.phone_id;
  insert into outbox (template, wechat_id)
  select 'change_undone', w.id from wechat w where w.id = any (u.links) and w.guardian_id = u.guardian_id;

  update guardian set limited_since = coalesce(limited_since, now()), limited_device = p_device, closing_at = null
   where id = u.guardian_id;
  update phone set until = now() where guardian_id = u.guardian_id and until is null and id is distinct from u.phone_id;
  perform phone_reopen(u.phone_id);
  update password set until = now() where guardian_id = u.guardian_id and until is null and id is distinct from u.password_id;
  update password set until = null where id = u.password_id;
  perform undo_links(u);
  update session set ended_at = now(), ended_by = 'undo' where guardian_id = u.guardian_id and ended_at is null;
  update undo set ended_at = now() where guardian_id = u.guardian_id and id >= u.id and ended_at is null;
  code := 'ok';
  perform audit_put(p_ref, 'recover_undo', code, u.guardian_id, null, jsonb_build_object('undo', u.id, 'made_at', u.made_at));
end $$;
grant execute on function enroll.recover_undo(text, bytea, bytea) to enroll_recover;

-- undo_links: the WeChats of before are linked again, unless another account has one by now; those linked since are not. In the
-- order of the openids, for which another account may be asking at this moment.
create or replace function enroll.undo_links(u enroll.undo) returns void
language plpgsql set search_path = enroll, pg_temp as $$
declare
  v_link uuid;
begin
  update wechat set unlinked_at = now()
   where guardian_id = u.guardian_id and unlinked_at is null and id <> all (u.links);
  for v_link in select w.id from wechat w where w.id = any (u.links) and w.guardian_id = u.guardian_id order by w.openid_index loop
    begin
      update wechat set unlinked_at = null, is_automatic = id = any (u.automatic) where id = v_link;
    exception when unique_violation then
      null; -- signs in another account by now
    end;
  end loop;
end $$;
