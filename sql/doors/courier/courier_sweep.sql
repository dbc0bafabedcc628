-- courier_sweep: what has served its time and what no door clears by itself goes: idempotency keys after a day, guess counters two
-- days after they began, codes for another phone after a day, links of 这不是我 when they end to be good, sessions (long over:
-- they last twelve hours), messages, the log of deliveries and the audit trail after 190 days, accounts seven days after their
-- closing, codes that prove a phone when they have expired, and a minute later, when no delivery can still be under way, the
-- messages that held them, what was fetched under an authorization that has run out. Called by courier every minute. swept: rows.
-- Codes: ok.
create or replace function enroll.courier_sweep(out code text, out swept int)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  n int;
begin
  code := 'ok';
  delete from guess g where g.since < now() - interval '2 days' and coalesce(g.next_at < now(), true);
  get diagnostics swept = row_count;
  delete from phone_code c where c.expires_at <= now();
  get diagnostics n = row_count;
  swept := swept + n;
  update outbox o set failed = 'expired', phone = null, token = null
   where o.phone is not null and o.expires_at <= now() - interval '1 minute';
  get diagnostics n = row_count;
  swept := swept + n;
  delete from idempotency i where i.started_at < now() - interval '24 hours';
  get diagnostics n = row_count;
  swept := swept + n;
  delete from handoff h where h.created_at < now() - interval '1 day';
  get diagnostics n = row_count;
  swept := swept + n;
  delete from session s where s.created_at < now() - interval '190 days';
  get diagnostics n = row_count;
  swept := swept + n;
  delete from undo u where u.expires_at <= now();
  get diagnostics n = row_count;
  swept := swept + n;
  delete from outbox o where o.created_at < now() - interval '190 days' and (o.delivered_at is not null or o.failed is not null);
  get diagnostics n = row_count;
  swept := swept + n;
  delete from delivery d where d.at < now() - interval '190 days' and d.outcome is not null;
  get diagnostics n = row_count;
  swept := swept + n + courier_prune() + account_sweep() + authorization_expire();
end $$;
grant execute on function enroll.courier_sweep() to enroll_courier;
