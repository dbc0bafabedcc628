-- recover_limit: what follows from every recovery. All sessions end; the current phone and the linked WeChats are told; the
-- account is limited until a face check, unless the recovery was made in a WeChat linked before it, which lifts at once.
-- p_is_lost: the old phone is not in the owner's hands, so older links stop signing in. Returns the link that the recovery
-- was made in, or null. Called by recover's doors alone, with the guardian's row locked.
create or replace function enroll.recover_limit(
  g enroll.guardian, p_device bytea, p_wechat bytea, p_is_lost boolean, p_template text) returns uuid
language plpgsql set search_path = enroll, pg_temp as $$
declare
  v_link uuid := wechat_here(g.id, p_wechat);
begin
  if v_link is null then
    update guardian set limited_since = coalesce(limited_since, now()), limited_device = p_device where id = g.id;
  elsif g.limited_since is not null then
    perform recover_void(g, p_device);
    update guardian set limited_since = null, limited_device = null, limited_wechat_id = null where id = g.id;
  end if;
  insert into outbox (template, phone_id)
  select p_template, p.id from phone p where p.guardian_id = g.id and p.until is null;
  insert into outbox (template, wechat_id)
  select p_template, w.id from wechat w where w.guardian_id = g.id and w.unlinked_at is null;
  if p_is_lost then
    update wechat set is_automatic = false
     where guardian_id = g.id and unlinked_at is null and id is distinct from v_link;
  end if;
  update session set ended_at = now(), ended_by = 'recover' where guardian_id = g.id and ended_at is null;
  return v_link;
end $$;

-- recover_void: the owner has come back in a known WeChat; a phone and a password that recoveries from other browsers have
-- set since the last face check are void, and the phone before them counts again if it is still free.
create or replace function enroll.recover_void(g enroll.guardian, p_device bytea) returns void
language plpgsql set search_path = enroll, pg_temp as $$
declare
  v_proven timestamptz := coalesce(g.proven_at, '-infinity');
begin
  update phone set until = now()
   where guardian_id = g.id and until is null and via = 'recover' and since > v_proven and device is distinct from p_device;
  if found then
    begin
      update phone set until = null
       where id = (select p.id from phone p where p.guardian_id = g.id and (p.via <> 'recover' or p.device = p_device)
         and not exists (select from phone o where o.phone_index = p.phone_index and o.until is null)
         order by p.since desc limit 1);
    exception when unique_violation then
      null; -- given to another family at this moment: the account has no number until one is set
    end;
  end if;
  update password set until = now()
   where guardian_id = g.id and until is null and via = 'recover' and since > v_proven and device is distinct from p_device;
end $$;
