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
-- next time. One that cannot be erased stops no other: it leaves its SQLSTATE in the audit trail, which enrollctl check looks at,
-- and is tried again in an hour. n: erased; failed: the SQLSTATE of the last that could not be, null without one.
drop function if exists enroll.account_sweep();
create function enroll.account_sweep(out n int, out failed text)
language plpgsql set search_path = enroll, pg_temp as $$
declare
  v_guardians uuid[];
  v_guardian uuid;
  v_outcome text;
begin
  n := 0;
  v_guardians := array(
    select x.id from guardian x where x.closing_at <= now() order by x.closing_at limit 20 for update skip locked);
  perform child_lock(v_guardians);
  foreach v_guardian in array v_guardians loop
    if account_is_kept(v_guardian) then
      update guardian set closing_at = null where id = v_guardian;
      continue;
    end if;
    v_outcome := 'ok';
    begin
      perform account_erase(v_guardian);
      n := n + 1;
    exception when others then
      v_outcome := sqlstate;
      failed := sqlstate;
      update guardian set closing_at = now() + interval '1 hour' where id = v_guardian;
    end;
    perform audit_put('00000000', 'account_erase', v_outcome, v_guardian);
  end loop;
end $$;
