-- courier_sweep: what has served its time and what no door clears by itself goes: idempotency keys after a day, guess counters two
-- days after they began, codes for another phone after a day, links of 这不是我 when they end to be good, sessions (long over:
-- they last twelve hours), messages, the log of deliveries and the audit trail after 190 days, accounts seven days after their
-- closing, codes that prove a phone when they have expired, and a minute later, when no delivery can still be under way, the
-- messages that held them, what was fetched under an authorization that has run out. What is in use at this moment has its turn
-- the next time. Called by courier every minute. swept: rows; failed: the SQLSTATE of an account that could not be erased, null
-- without one. Codes: ok.
drop function if exists enroll.courier_sweep();
create function enroll.courier_sweep(out code text, out swept int, out failed text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  n int;
  accounts record;
begin
  code := 'ok';
  delete from guess where (kind, key) in (
    select g.kind, g.key from guess g where g.since < now() - interval '2 days' and coalesce(g.next_at < now(), true)
       for update skip locked);
  get diagnostics swept = row_count;
  delete from phone_code where (purpose, phone_index) in (
    select c.purpose, c.phone_index from phone_code c where c.expires_at <= now() for update skip locked);
  get diagnostics n = row_count;
  swept := swept + n;
  delete from idempotency where (route, caller, key) in (
    select i.route, i.caller, i.key from idempotency i where i.started_at < now() - interval '24 hours' for update skip locked);
  get diagnostics n = row_count;
  swept := swept + n;
  select * into accounts from account_sweep();
  failed := accounts.failed;
  swept := swept + accounts.n + family_sweep() + authorization_expire() + outbox_sweep() + courier_prune();
end $$;
grant execute on function enroll.courier_sweep() to enroll_courier;

-- family_sweep: the rows of families that have served their time. Returns how many.
create or replace function enroll.family_sweep() returns int
language plpgsql set search_path = enroll, pg_temp as $$
declare
  n int;
  swept int := 0;
begin
  delete from handoff where id in (select h.id from handoff h where h.created_at < now() - interval '1 day' for update skip locked);
  get diagnostics n = row_count;
  swept := swept + n;
  delete from session where id in (select s.id from session s where s.created_at < now() - interval '190 days' for update skip locked);
  get diagnostics n = row_count;
  swept := swept + n;
  delete from undo where id in (select u.id from undo u where u.expires_at <= now() for update skip locked);
  get diagnostics n = row_count;
  return swept + n;
end $$;

-- outbox_sweep: messages and the log of their deliveries. Returns how many rows.
create or replace function enroll.outbox_sweep() returns int
language plpgsql set search_path = enroll, pg_temp as $$
declare
  n int;
  swept int := 0;
begin
  update outbox set failed = 'expired', phone = null, token = null where id in (
    select o.id from outbox o where o.phone is not null and o.expires_at <= now() - interval '1 minute' for update skip locked);
  get diagnostics n = row_count;
  swept := swept + n;
  delete from outbox where id in (
    select o.id from outbox o where o.created_at < now() - interval '190 days' and (o.delivered_at is not null or o.failed is not null)
       for update skip locked);
  get diagnostics n = row_count;
  swept := swept + n;
  delete from delivery where id in (
    select d.id from delivery d where d.at < now() - interval '190 days' and d.outcome is not null for update skip locked);
  get diagnostics n = row_count;
  return swept + n;
end $$;
