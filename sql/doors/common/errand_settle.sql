-- errand_settle: what the space said of an errand, recorded and judged in one transaction. Called by the asking threads of
-- bind and license, the only ones that bring news: a notice, a return and a poll just make them ask. p_status null: the
-- space could not be asked. Numbers arrive as blind indexes, names folded and with their masks; a subject's name is kept
-- only if the number is the guardian's. Codes: ok, not_found (gone or settled before), forbidden (another state's answer).
create or replace function enroll.errand_settle(
  p_ref text, p_errand uuid, p_state_hash bytea, p_status text,
  p_subject_index bytea, p_subject_name text, p_subject_mask text, p_subject_level bigint, p_verified_ms bigint,
  p_ward_indexes bytea[], p_ward_names text[], p_ward_masks text[], p_claimed_types text[], p_claimed_holders bytea[],
  p_signing uuid, p_signing_code bytea, p_signed_ms bigint, p_signing_expires_ms bigint,
  p_scope_types text[], p_scope_holders bytea[], out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  g guardian;
  e errand;
  v_was errand;
begin
  select * into g from guardian where id = (select guardian_id from errand where id = p_errand) for no key update;
  perform child_lock(array[g.id]);
  select * into e from errand where id = p_errand and purpose = errand_purpose() and status = 'pending' for no key update;
  code := case when not found then 'not_found' when p_status is not null and e.state_hash <> p_state_hash then 'forbidden'
    else 'ok' end;
  if code = 'not_found' then
    return;
  end if;
  if code = 'forbidden' or p_status is null then
    -- The parent waits for nothing: once is a hiccup, the third time in a row is told.
    if code = 'forbidden' or e.faults = 2 then
      perform audit_put(p_ref, e.purpose || '_ask', case code when 'ok' then 'provider_unavailable' else code end, e.guardian_id,
        null, jsonb_build_object('errand', e.id));
    end if;
    perform errand_decide(p_ref, g, e, errand_ask_later(e, true));
    return;
  end if;

  v_was := e;
  -- States only move forward: what is older than what we know is no news.
  if transition_is_allowed('space', e.provider_status, p_status) then
    if p_status <> e.provider_status then
      perform audit_put(p_ref, e.purpose || '_ask', p_status, e.guardian_id, null, jsonb_build_object('errand', e.id));
    end if;
    -- Where the space does not say when, or names a time to come, it was when we first heard of it.
    e.verified_at := case when p_subject_index is not null then coalesce(
      case when p_verified_ms between 1 and extract(epoch from clock_timestamp()) * 1000 then to_timestamp(p_verified_ms / 1000.0) end,
      case when e.subject_is_guardian = (p_subject_index = g.id_no_index) then e.verified_at end, clock_timestamp()) end;
    e.provider_status := p_status;
    e.subject_is_guardian := coalesce(p_subject_index = g.id_no_index, false);
    e.subject_name := case when e.subject_is_guardian then nullif(p_subject_name, '') end;
    e.subject_name_mask := case when e.subject_is_guardian then nullif(p_subject_mask, '') end;
    e.subject_level := p_subject_level;
    update errand_student es
       set is_ward = coalesce(s.id_no_index = any(p_ward_indexes), false),
           register_name = nullif(p_ward_names[array_position(p_ward_indexes, s.id_no_index)], ''),
           register_name_mask = nullif(p_ward_masks[array_position(p_ward_indexes, s.id_no_index)], ''),
           claimed = array(select distinct u.type from unnest(p_claimed_types, p_claimed_holders) u(type, holder)
             where u.holder = s.id_no_index)
      from student s where es.errand_id = e.id and s.id = es.student_id;
    if p_signing_code is not null and p_status = 'completed' and e.subject_is_guardian and e.subject_level >= 2 then
      perform signing_put(p_ref, e, g, p_signing, p_signing_code, to_timestamp(p_signed_ms / 1000.0),
        to_timestamp(p_signing_expires_ms / 1000.0), p_scope_types, p_scope_holders);
    end if;
  end if;
  perform errand_decide(p_ref, g, v_was, errand_ask_later(e, false));
end $$;
grant execute on function enroll.errand_settle(text, uuid, bytea, text, bytea, text, text, bigint, bigint, bytea[], text[],
  text[], text[], bytea[], uuid, bytea, bigint, bigint, text[], bytea[]) to enroll_bind, enroll_license;

-- errand_ask_later: the errand with the lease given back and the time to ask again, to be written. About every 700 ms while the parent waits and for 15 s,
-- then slower; not at all after a final word. One that nobody could settle ends ten minutes after its time.
drop function if exists enroll.errand_ask_later(enroll.errand, boolean);
create or replace function enroll.errand_ask_later(e enroll.errand, p_is_fault boolean) returns enroll.errand
language plpgsql stable set search_path = enroll, pg_temp as $$
declare
  is_final boolean := e.provider_status in ('completed', 'denied', 'expired');
  is_watched boolean := greatest(e.polled_at, e.returned_at) > now() - interval '10 seconds';
begin
  e.leased_until := null;
  e.faults := case when p_is_fault then e.faults + 1 else 0 end;
  if not is_final and e.expires_at < now() - interval '10 minutes' then
    e.provider_status := 'expired';
    is_final := true;
  end if;
  e.next_at := case
    when is_final then null
    when e.faults > 2 then now() + make_interval(secs => least(30, power(2, least(e.faults, 6) - 2)))
    when is_watched and e.waiting_since > now() - interval '15 seconds' then now() + interval '700 milliseconds'
    when is_watched then now() + interval '1500 milliseconds'
    when e.created_at > now() - interval '2 minutes' then now() + interval '4 seconds'
    when e.created_at > now() - interval '10 minutes' then now() + interval '10 seconds'
    else now() + interval '30 seconds' end;
  return e;
end $$;
