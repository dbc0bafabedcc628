-- account_begin: may the password be tried now, before it, or the phone, is changed? Called by session for
-- PUT /api/account/password and /phone, before the password is verified. Booked as failed, like a sign-in, at the browser of
-- the session, until the finish or account_drop takes it back. hash is null where a recovery's password was void (limit_lift):
-- then a new one is set without it. names: what a new password must not hold, one a line; phone the same, sealed for phone_id.
-- is_old_phone_needed: no face check since registration or the last recovery, nor at the desk.
-- Codes: ok, not_signed_in, identity_check_required, too_many_attempts.
create or replace function enroll.account_begin(
  p_session bytea, p_ref text, out code text, out retry_after_s int, out hash text, out names text,
  out phone_id uuid, out phone bytea, out is_old_phone_needed boolean)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
  booking record;
begin
  select * into who from signed_in(p_session, false, false);
  code := who.code;
  if code <> 'ok' then
    perform audit_put(p_ref, 'account_change', code, who.guardian_id);
    return;
  end if;
  select b.* into booking from account_budget(who.guardian_id, who.device) o cross join guess_book(o.kind, o.key, 100) b;
  if not booking.allowed then
    code := 'too_many_attempts';
    retry_after_s := booking.retry_after_s;
    perform audit_put(p_ref, 'account_change', code, who.guardian_id);
    return;
  end if;
  hash := (select w.hash from password w where w.guardian_id = who.guardian_id and w.until is null);
  names := (select string_agg(n.name, e'\n') from (
    select g.name from guardian g where g.id = who.guardian_id
    union all
    select s.name from student s where s.guardian_id = who.guardian_id and s.removed_at is null) n);
  select p.id, p.phone into phone_id, phone from phone p where p.guardian_id = who.guardian_id and p.until is null;
  is_old_phone_needed := account_is_old_phone_needed(who.guardian_id);
end $$;
grant execute on function enroll.account_begin(bytea, text) to enroll_session;

-- account_budget: the counter of whoever tries a password while signed in: his browser's.
create or replace function enroll.account_budget(p_guardian uuid, p_device bytea, out kind text, out key bytea)
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  kind := 'device';
  key := coalesce(p_device, '') || uuid_send(p_guardian);
end $$;

-- account_is_old_phone_needed: has nobody proven himself since registration or the last recovery?
create or replace function enroll.account_is_old_phone_needed(p_guardian uuid) returns boolean
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return (
    select coalesce(greatest(g.proven_at, g.settled_at) <= greatest(
        (select max(p.since) from phone p where p.guardian_id = g.id and p.via in ('register', 'recover')),
        (select max(w.since) from password w where w.guardian_id = g.id and w.via in ('register', 'recover'))), true)
      from guardian g where g.id = p_guardian);
end $$;
