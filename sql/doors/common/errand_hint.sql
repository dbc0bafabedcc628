-- errand_hint: the provider's notice, its signature judged in C. It changes no state; it only makes the asking thread ask
-- at once. Nonce and event are recorded in this one transaction. Called by bind and license.
-- Codes: ok (the same event again included), forbidden (nonce seen before), not_found (unknown session: the provider
-- repeats, and by then our own record is committed).
create or replace function enroll.errand_hint(
  p_ref text, p_nonce_hash bytea, p_event_id text, p_provider_session text, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  e errand;
begin
  delete from provider_nonce where nonce_hash in (
    select n.nonce_hash from provider_nonce n where n.seen_at < now() - interval '1 hour' limit 10 for update skip locked);
  insert into provider_nonce (nonce_hash) values (p_nonce_hash) on conflict do nothing;
  if not found then
    code := 'forbidden';
    perform audit_put(p_ref, errand_purpose() || '_notice', code);
    return;
  end if;
  select * into e from errand where provider_session = p_provider_session and purpose = errand_purpose() for no key update;
  if not found then
    code := 'not_found';
    perform audit_put(p_ref, errand_purpose() || '_notice', code);
    return;
  end if;
  code := 'ok';
  insert into provider_event (event_id, errand_id) values (p_event_id, e.id) on conflict do nothing;
  if found then
    update errand set next_at = least(next_at, now()) where id = e.id and status = 'pending' and next_at is not null;
  end if;
  perform audit_put(p_ref, errand_purpose() || '_notice', code, e.guardian_id, null, jsonb_build_object('errand', e.id));
end $$;
grant execute on function enroll.errand_hint(text, bytea, text, text) to enroll_bind, enroll_license;
