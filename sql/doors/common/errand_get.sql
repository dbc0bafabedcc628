-- errand_get: where an errand stands, from our own state alone. Called by bind and license for GET; limited accounts may
-- (masked). A poll is no use of the session; it only tells the asking thread that somebody waits (is_woken: just begun).
-- Codes: ok, not_signed_in, not_found.
create or replace function enroll.errand_get(
  p_session bytea, p_errand uuid, out code text, out answer jsonb, out is_woken boolean)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
  e errand;
begin
  select * into who from signed_in(p_session, true, false);
  code := who.code;
  if code <> 'ok' then
    return;
  end if;
  select * into e from errand where id = p_errand and guardian_id = who.guardian_id and purpose = errand_purpose();
  if not found then
    code := 'not_found';
    return;
  end if;
  if e.status = 'pending' and coalesce(e.polled_at < now() - interval '5 seconds', true) then
    is_woken := coalesce(e.polled_at < now() - interval '10 seconds', true);
    update errand
       set polled_at = now(),
           waiting_since = case when is_woken then now() else waiting_since end,
           next_at = case when is_woken and next_at is not null then least(next_at, now()) else next_at end
     where id = e.id and status = 'pending' returning * into e;
    if not found then
      select * into e from errand where id = p_errand;
    end if;
  end if;
  if e.status <> 'pending' then
    perform errand_seen(e);
  end if;
  answer := errand_json(e, who.is_limited);
end $$;
grant execute on function enroll.errand_get(bytea, uuid) to enroll_bind, enroll_license;
