-- Guessing: booked before judging, so that two hundred at the same instant are judged one by one on the
-- counter's row. 5 free, then 1, 2, 4, 8, 15, 15 … minutes apart, at most p_daily in 24 hours. Called by doors alone.

-- guess_book: may this be tried, and if not, in how many seconds? Books nothing when refused.
create or replace function enroll.guess_book(p_kind text, p_key bytea, p_daily int, out allowed boolean, out retry_after_s int)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  g guess;
begin
  insert into guess (kind, key) values (p_kind, p_key) on conflict do nothing;
  select * into g from guess where kind = p_kind and key = p_key for update;
  if g.since < now() - interval '24 hours' then
    g.since := now(); g.count := 0; g.next_at := null;
  end if;
  allowed := coalesce(g.next_at <= clock_timestamp(), true) and g.count < p_daily;
  if allowed then
    g.count := g.count + 1;
    g.next_at := case when g.count < 5 then null
      else clock_timestamp() + make_interval(mins => (array[1, 2, 4, 8, 15])[least(g.count - 4, 5)]) end;
    update guess set since = g.since, count = g.count, next_at = g.next_at where kind = p_kind and key = p_key;
    retry_after_s := 0;
  else
    retry_after_s := greatest(1, ceil(extract(epoch from
      case when g.count >= p_daily then g.since + interval '24 hours' else g.next_at end - clock_timestamp())))::int;
  end if;
end $$;

-- guess_take_back: a success takes back its own booking and no other, and so does whatever was not judged. The next may come at
-- once, as this one might: beyond five, bookings are a minute apart at least and a request lives for seconds, so that the last
-- one is always one's own.
create or replace function enroll.guess_take_back(p_kind text, p_key bytea) returns void
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  update guess set count = greatest(count - 1, 0), next_at = null where kind = p_kind and key = p_key;
end $$;

-- address_check: may this address try now? A shared address is slowed, never locked out: 1,000 failures an hour, then seconds.
create or replace function enroll.address_check(p_address bytea, out allowed boolean, out retry_after_s int)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  g guess;
begin
  select * into g from guess where kind = 'address' and key = p_address;
  allowed := not found or g.since < now() - interval '1 hour' or g.count < 1000
    or coalesce(g.next_at <= clock_timestamp(), true);
  retry_after_s := case when allowed then 0
    else greatest(1, ceil(extract(epoch from g.next_at - clock_timestamp())))::int end;
end $$;

-- guess_hold: hold a booking's counter, for a door that judges under the guardian's row and takes the booking back afterwards.
create or replace function enroll.guess_hold(p_kind text, p_key bytea) returns void
language plpgsql set search_path = enroll, pg_temp as $$
begin
  perform from guess where kind = p_kind and key = p_key for update;
end $$;

-- address_failed: one failure more from this address; beyond the budget the next must wait 3 seconds. Many share an address, so
-- its row is taken last of all, and a door takes nothing after it.
create or replace function enroll.address_failed(p_address bytea) returns void
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  insert into guess as g (kind, key, count) values ('address', p_address, 1)
  on conflict (kind, key) do update set
    since = case when g.since < now() - interval '1 hour' then now() else g.since end,
    count = case when g.since < now() - interval '1 hour' then 1 else g.count + 1 end,
    next_at = clock_timestamp() + interval '3 seconds';
end $$;
