-- operator_check: what the database knows about the health of the platform. Called by enrollctl check. Codes: ok.
-- season: before, registration, open, closed or null; ages in seconds, null where there is nothing to be old. overdue_s: how long
-- a message has been due that nobody took; mute_s, n_mute: since when, and in how many attempts, nothing was delivered that this
-- run of the courier has tried; n_waiting: messages to be tried again; n_failed: given up in the last seven days, and the last one;
-- n_unerased: accounts that could not be erased in the last day and are still there, and the last SQLSTATE.
drop function if exists enroll.operator_check();
create or replace function enroll.operator_check(
  out code text, out season text, out n_schools int, out n_guides int, out n_policies int, out n_consents int,
  out heartbeat_age_s int, out unchained_age_s int, out overdue_s int, out mute_s int, out n_mute int, out n_waiting int,
  out n_failed int, out last_failed text, out n_unerased int, out last_unerased text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  s season;
begin
  code := 'ok';
  select * into s from season order by year desc limit 1;
  if found then
    season := season_state(s);
  end if;
  n_schools := (select count(*) from school where year = s.year and is_offered);
  n_guides := (select count(*) from content where kind = 'guide');
  n_policies := (select count(*) from content where kind = 'policy');
  n_consents := (select count(*) from content where kind = 'consent');
  heartbeat_age_s := (select extract(epoch from now() - at) from heartbeat where name = 'courier');
  unchained_age_s := (select extract(epoch from now() - a.at) from audit a
                       where a.id > coalesce((select max(audit_id) from audit_chain), 0) order by a.id limit 1);
  overdue_s := (select extract(epoch from now() - min(o.next_at)) from outbox o
                 where o.delivered_at is null and o.failed is null and o.next_at < now());
  -- Only what this run of the courier has tried: an outage before it is history.
  select count(*), extract(epoch from now() - min(d.at)) into n_mute, mute_s
    from delivery d
   where d.outcome not in ('delivered', 'lost', 'not_makeable', 'not_follower', 'http_410')
     and d.at > now() - interval '2 hours' -- an outage that goes on has tried again since: an hour apart at most
     and d.at > greatest((select h.started_at from heartbeat h where h.name = 'courier'),
       (select max(o.at) from delivery o where o.outcome = 'delivered'));
  n_waiting := (select count(*) from outbox o where o.delivered_at is null and o.failed is null and o.tries > 0);
  select count(*) into n_failed from outbox o where o.failed is not null and o.created_at > now() - interval '7 days';
  last_failed := (select o.template || ', ' || o.failed || ', ' || beijing_time(o.created_at) from outbox o
                   where o.failed is not null order by o.created_at desc limit 1);
  select count(distinct a.guardian_id), (array_agg(a.outcome order by a.id desc))[1] into n_unerased, last_unerased
    from audit a join guardian g on g.id = a.guardian_id and g.closing_at is not null
   where a.ref = '00000000' and a.action = 'account_erase' and a.outcome <> 'ok' and a.at > now() - interval '1 day';
end $$;
grant execute on function enroll.operator_check() to enroll_operator;
