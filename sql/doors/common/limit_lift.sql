-- limit_lift: the owner is back. The limit falls, sessions of other browsers end, and a password and a phone that recoveries
-- from other browsers have set since the owner was last proven are void; the phone before them counts again if it is still
-- free (the one that ended last: numbers that were void before stay so). WeChats sign in by themselves again after the next
-- password only, but for those that the owner's browser is in: whoever linked his own with a stolen password is out, and no other
-- browser has a budget of its own to guess with. A closing
-- that somebody else may have asked for is off. p_device: the owner's browser. p_is_proven: by a face check or in person, not only by a WeChat known before; that
-- outranks whatever was changed earlier, so undo links are void too. Called by doors alone, with the guardian's row locked.
create or replace function enroll.limit_lift(g enroll.guardian, p_device bytea, p_is_proven boolean) returns void
language plpgsql set search_path = enroll, pg_temp as $$
declare
  v_last timestamptz := coalesce(g.settled_at, '-infinity');
begin
  update guardian
     set limited_since = null, limited_device = null, limited_wechat_id = null, closing_at = null,
         settled_at = case when p_is_proven then clock_timestamp() else settled_at end
   where id = g.id;
  if g.limited_since is not null then
    update phone set until = now()
     where guardian_id = g.id and until is null and via = 'recover' and since > v_last and device is distinct from p_device;
    if found then
      perform phone_reopen((select p.id from phone p
         where p.guardian_id = g.id and not (p.via = 'recover' and p.since > v_last and p.device is distinct from p_device)
         order by p.until desc, p.since desc limit 1));
    end if;
    update password set until = now()
     where guardian_id = g.id and until is null and via = 'recover' and since > v_last and device is distinct from p_device;
    if p_is_proven then
      update wechat w set is_automatic = false
       where w.guardian_id = g.id and w.unlinked_at is null and not exists (select from session s
         where s.wechat_id = w.id and s.guardian_id = g.id and s.device = p_device and s.ended_at is null);
      delete from device where guardian_id = g.id and device is distinct from p_device;
    end if;
    update session set ended_at = now(), ended_by = 'lifted'
     where guardian_id = g.id and ended_at is null and device is distinct from p_device;
  end if;
  -- A link that would bring back what is void now, the number of whoever changed it twice say, is void as well.
  update undo u set ended_at = now()
   where u.guardian_id = g.id and u.ended_at is null and (p_is_proven
     or exists (select from phone p where p.id = u.phone_id and p.via = 'recover' and p.since > v_last and p.device is distinct from p_device)
     or exists (select from password w where w.id = u.password_id and w.via = 'recover' and w.since > v_last
       and w.device is distinct from p_device));
  insert into device (guardian_id, device) select g.id, p_device where p_device is not null on conflict do nothing;
end $$;

-- phone_reopen: a number that has ended counts again, unless another family has it by now: then the account has none until
-- one is set.
create or replace function enroll.phone_reopen(p_phone uuid) returns void
language plpgsql set search_path = enroll, pg_temp as $$
begin
  update phone set until = null where id = p_phone;
exception when unique_violation then
  null;
end $$;
