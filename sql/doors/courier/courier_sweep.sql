-- courier_sweep: what has served its time and what no door clears by itself goes: idempotency keys after a day, guess counters two
-- days after they began, codes for another phone after a day, the audit trail and the log of deliveries after 190 days, accounts seven days after their closing. Called by courier every minute. swept: rows.
-- Codes: ok.
create or replace function enroll.courier_sweep(out code text, out swept int)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  n int;
begin
  code := 'ok';
  delete from guess g where g.since < now() - interval '2 days' and coalesce(g.next_at < now(), true);
  get diagnostics swept = row_count;
  delete from idempotency i where i.started_at < now() - interval '24 hours';
  get diagnostics n = row_count;
  swept := swept + n;
  delete from handoff h where h.created_at < now() - interval '1 day';
  get diagnostics n = row_count;
  swept := swept + n;
  delete from delivery d where d.at < now() - interval '190 days' and d.outcome is not null;
  get diagnostics n = row_count;
  swept := swept + n + courier_prune() + account_sweep();
end $$;
grant execute on function enroll.courier_sweep() to enroll_courier;
