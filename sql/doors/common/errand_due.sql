-- errand_due: the table of work. Takes up to p_limit errands that are due, under a lease, past those that another thread
-- holds. A process that begins (p_is_first) lets go of what a dead one held; asked twice, an errand is settled once. Called by
-- the asking threads of bind and license. Codes: ok, or one row "idle" with the wait until the next.
create or replace function enroll.errand_due(p_limit int, p_is_first boolean)
returns table (code text, id uuid, provider_session text, wait_ms bigint)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  v_purpose text := errand_purpose();
begin
  if p_is_first then
    update errand e set leased_until = null
     where e.status = 'pending' and e.purpose = v_purpose and e.leased_until is not null;
  end if;
  return query
    update errand e set leased_until = now() + interval '15 seconds', asks = e.asks + 1
     where e.id = any(array(
       select d.id from errand d
        where d.status = 'pending' and d.purpose = v_purpose and d.next_at <= now()
          and coalesce(d.leased_until < now(), true)
        order by d.next_at limit p_limit for update skip locked))
    returning 'ok', e.id, e.provider_session, 0::bigint;
  if not found then
    code := 'idle';
    -- The first that sleeps, or the first whose lease ends: each is found at an end of the index.
    select (extract(epoch from least(
        (select min(d.next_at) from errand d where d.status = 'pending' and d.purpose = v_purpose and d.next_at > now()),
        (select min(d.leased_until) from errand d where d.status = 'pending' and d.purpose = v_purpose and d.next_at <= now()))
      - now()) * 1000)::bigint into wait_ms;
    wait_ms := greatest(coalesce(wait_ms, 3600000), 0);
    return next;
  end if;
end $$;
grant execute on function enroll.errand_due(int, boolean) to enroll_bind, enroll_license;
