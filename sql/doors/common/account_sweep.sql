-- Closing an account: who is told, what stands against it, and the erasing. Called by doors alone.

-- closing_tell: the phone and the linked WeChats hear that the account will be erased, or is kept.
create or replace function enroll.closing_tell(p_guardian uuid, p_template text) returns void
language plpgsql set search_path = enroll, pg_temp as $$
begin
  insert into outbox (template, phone_id) select p_template, p.id from phone p where p.guardian_id = p_guardian and p.until is null;
  insert into outbox (template, wechat_id) select p_template, w.id from wechat w where w.guardian_id = p_guardian and w.unlinked_at is null;
end $$;

-- account_is_kept: does the district hold an application that must be kept?
create or replace function enroll.account_is_kept(p_guardian uuid) returns boolean
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return exists (select from application a
    where a.guardian_id = p_guardian and a.status in ('submitted', 'accepted', 'admitted', 'not_admitted'));
end $$;

-- account_sweep: erase the accounts whose time has come, a few at once; one that is in use at this moment has its turn the
-- next time. Returns how many.
create or replace function enroll.account_sweep() returns int
language plpgsql set search_path = enroll, pg_temp as $$
declare
  g guardian;
  n int := 0;
begin
  for g in select * from guardian x where x.closing_at <= now() order by x.closing_at limit 20 for update skip locked loop
    if account_is_kept(g.id) then
      update guardian set closing_at = null where id = g.id;
      continue;
    end if;
    perform account_erase(g.id);
    perform audit_put('00000000', 'account_erase', 'ok', g.id);
    n := n + 1;
  end loop;
  return n;
end $$;
