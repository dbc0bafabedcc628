-- license_due: the table of fetching work. Takes up to p_limit requests that are due, under a lease. Called by license's
-- asking thread. Codes: ok, or one row "idle" with the wait until the next.
-- A process that begins (p_is_first) lets go of what a dead one held; the e-license system knows a repeated request by its id.
create or replace function enroll.license_due(p_limit int, p_is_first boolean)
returns table (code text, request_id uuid, signing_id uuid, signing_code bytea, holder_id uuid, is_guardian boolean,
  id_no bytea, types text, wait_ms bigint)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  if p_is_first then
    update license_request q set leased_until = null where q.status = 'due' and q.leased_until is not null;
  end if;
  return query
    with due as (
      update license_request q set leased_until = now() + interval '15 seconds', tries = q.tries + 1
       where q.id in (
         select d.id from license_request d
          where d.status = 'due' and d.next_at <= now() and coalesce(d.leased_until < now(), true)
          order by d.next_at limit p_limit for update skip locked)
      returning q.id, q.signing_id, q.student_id, q.types)
    select 'ok', d.id, n.id, n.code, coalesce(s.id, g.id), s.id is null, coalesce(s.id_no, g.id_no),
           array_to_string(d.types, ','), 0::bigint
      from due d join signing n on n.id = d.signing_id join guardian g on g.id = n.guardian_id
      left join student s on s.id = d.student_id;
  if not found then
    code := 'idle';
    select (extract(epoch from min(greatest(d.next_at, coalesce(d.leased_until, d.next_at))) - now()) * 1000)::bigint
      into wait_ms from license_request d where d.status = 'due';
    wait_ms := greatest(coalesce(wait_ms, 3600000), 0);
    return next;
  end if;
end $$;
grant execute on function enroll.license_due(int, boolean) to enroll_license;
