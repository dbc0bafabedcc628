-- errand_events: what happened on one errand, oldest first, as its family may read it. Called by bind and license for GET …/events;
-- limited accounts may (names masked). One source an event: what the rows of errand and signing keep for good is taken from
-- there, everything else from the audit trail, which goes after 190 days. missing: codes;
-- licenses: the state of each that was asked for, by type; student: whose, absent for the guardian.
-- Codes: ok, not_signed_in, not_found.
create or replace function enroll.errand_events(p_session bytea, p_errand uuid, out code text, out events jsonb)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
  e errand;
begin
  select * into who from signed_in(p_session, true);
  code := who.code;
  if code <> 'ok' then
    return;
  end if;
  select * into e from errand where id = p_errand and guardian_id = who.guardian_id and purpose = errand_purpose();
  if not found then
    code := 'not_found';
    return;
  end if;
  select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('at', beijing_time(v.at), 'kind', v.kind, 'student',
      case when who.is_limited then s.name_mask else s.name end, 'missing', v.missing, 'licenses', v.licenses))
      order by v.at, v.place), '[]')
    into events
    from errand_history(e) v left join student s on s.id = v.student_id and s.removed_at is null;
end $$;
grant execute on function enroll.errand_events(bytea, uuid) to enroll_bind, enroll_license;

-- errand_history: the events themselves. place: the order of what happened at one time. The audit trail is long: its rows are
-- found by the index audit_errand, which wants to hear that they have an errand.
create or replace function enroll.errand_history(e enroll.errand)
returns table (at timestamptz, place int, kind text, student_id uuid, missing jsonb, licenses jsonb)
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return query
  select e.created_at, 0, 'begun', null::uuid, null::jsonb, null::jsonb
  union all
  select e.returned_at, 3, 'returned', null, null, null where e.returned_at is not null
  union all
  select n.signed_at, 4, 'signed', null, null, null from signing n where n.errand_id = e.id
  union all
  select n.revoked_at, 9, 'revoked', null, null, null from signing n where n.errand_id = e.id and n.revoked_at is not null
  union all
  select n.expires_at, 9, 'ended', null, null, null from signing n
   where n.errand_id = e.id and n.expires_at <= now() and coalesce(n.revoked_at > n.expires_at, true)
  union all
  -- What only says the same again (the register is still down) is told once.
  select t.at, 5, t.kind, t.student_id, t.missing, t.licenses
    from (
      select r.*, lag((r.missing, r.licenses)::text) over (partition by r.kind, r.student_id order by r.at) as before
        from (
          select a.at, errand_event_kind(a.action, a.outcome) as kind, a.student_id, nullif(a.detail -> 'missing', '[]') as missing,
                 a.detail -> 'states' as licenses
            from audit a where a.detail ? 'errand' and a.detail ->> 'errand' = e.id::text order by a.id limit 1000) r
       where r.kind is not null) t
   where t.before is distinct from (t.missing, t.licenses)::text;
end $$;

-- errand_event_kind: which event an audit row tells the parent; null for what he need not read or what other rows keep.
create or replace function enroll.errand_event_kind(p_action text, p_outcome text) returns text
language plpgsql immutable set search_path = enroll, pg_temp as $$
begin
  return case
    when p_action in ('bind_launch', 'authorize_launch') then case p_outcome when 'ok' then 'opened' else 'not_opened' end
    when p_action in ('bind_notice', 'authorize_notice') and p_outcome = 'ok' then 'noticed'
    when p_action in ('bind_ask', 'authorize_ask') then case p_outcome when 'identified' then 'identified'
      when 'completed' then 'asked' when 'denied' then 'denied' when 'expired' then 'timed_out'
      when 'provider_unavailable' then 'not_asked' end
    when p_action = 'license_fetch' then 'fetched'
    when p_action in ('bind', 'authorize') then p_outcome -- bound, authorized, incomplete
    when p_action = 'limit_lifted' then 'lifted' end;
end $$;
