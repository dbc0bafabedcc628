-- authorization_receipt: what a receipt says: who allowed what for whom until when, under which text, and how it stands now.
-- Called by license for GET /api/authorizations/{id}/receipt; limited accounts may, for it holds masks alone. A signing that has
-- run out or was taken back keeps its receipt.
-- Codes: ok, not_signed_in, not_found, wrong_state (nothing was signed there).
create or replace function enroll.authorization_receipt(
  p_session bytea, p_errand uuid, out code text, out answer jsonb, out signed_s bigint, out expires_s bigint)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
  e errand;
  n signing;
begin
  select * into who from signed_in(p_session, true);
  code := who.code;
  if code <> 'ok' then
    return;
  end if;
  select * into e from errand where id = p_errand and guardian_id = who.guardian_id and purpose = 'authorize';
  select * into n from signing where errand_id = e.id;
  code := case when e.id is null then 'not_found' when n.id is null then 'wrong_state' else 'ok' end;
  if code <> 'ok' then
    return;
  end if;
  -- Whole seconds: what is signed and what is shown agree.
  signed_s := floor(extract(epoch from n.signed_at));
  expires_s := floor(extract(epoch from n.expires_at));
  answer := jsonb_strip_nulls(jsonb_build_object('authorization_id', e.id, 'number', n.receipt_no,
      'status', case when n.revoked_at is not null then 'revoked' when n.expires_at <= now() then 'expired' else 'in_force' end,
      'persons', n.persons, 'signed_at', beijing_time(n.signed_at), 'expires_at', beijing_time(n.expires_at),
      'revoked_at', beijing_time(n.revoked_at)))
    || jsonb_build_object('consent', (
      select jsonb_build_object('kind', c.kind, 'slug', c.slug, 'version', c.version, 'title', c.title,
        'sha256', encode(sha256(convert_to(c.source, 'UTF8')), 'hex'))
        from content c where c.kind = n.consent_kind and c.slug = n.consent_slug and c.version = n.consent_version));
end $$;
grant execute on function enroll.authorization_receipt(bytea, uuid) to enroll_license;
