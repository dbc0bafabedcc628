-- Idempotency keys: only successes are remembered, for 24 hours. Called by doors alone.

-- idempotency_begin: state is new (go on, then finish or drop), replay (answer holds the first success), key_reused (other
-- body), in_progress (the first is still at work; ask again). One left unfinished for 15 s died and is taken over.
create or replace function enroll.idempotency_begin(
  p_route text, p_caller bytea, p_key text, p_fingerprint bytea, out state text, out answer jsonb)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  i idempotency;
begin
  delete from idempotency where route = p_route and caller = p_caller and key = p_key
    and (started_at < now() - interval '24 hours' or (finished_at is null and started_at < now() - interval '15 seconds'));
  insert into idempotency (route, caller, key, fingerprint) values (p_route, p_caller, p_key, p_fingerprint)
  on conflict do nothing;
  if found then
    state := 'new';
    return;
  end if;
  select * into i from idempotency where route = p_route and caller = p_caller and key = p_key;
  if not found then
    state := 'in_progress';
  elsif i.fingerprint <> p_fingerprint then
    state := 'key_reused';
  elsif i.finished_at is null then
    state := 'in_progress';
  else
    state := 'replay';
    answer := i.answer;
  end if;
end $$;

-- idempotency_finish: remember the success.
create or replace function enroll.idempotency_finish(p_route text, p_caller bytea, p_key text, p_answer jsonb) returns void
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  update idempotency set answer = p_answer, finished_at = now() where route = p_route and caller = p_caller and key = p_key;
end $$;

-- idempotency_drop: it failed; the same key may be used again at once.
create or replace function enroll.idempotency_drop(p_route text, p_caller bytea, p_key text) returns void
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  delete from idempotency where route = p_route and caller = p_caller and key = p_key and finished_at is null;
end $$;
