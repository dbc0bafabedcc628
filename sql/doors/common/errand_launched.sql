-- errand_launched: after the launch. Called by bind and license; p_provider_session null says that the provider could not
-- be reached. Codes: ok (answer holds id, status, launch_url, expires_at), not_signed_in, not_found, provider_unavailable.
create or replace function enroll.errand_launched(
  p_session bytea, p_ref text, p_errand uuid, p_provider_session text, p_launch_url text, p_expires_ms bigint,
  out code text, out answer jsonb)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
  e errand;
begin
  select * into who from signed_in_alone(p_session, true);
  code := who.code;
  if code <> 'ok' then
    perform audit_put(p_ref, errand_purpose() || '_launch', code, who.guardian_id);
    return;
  end if;
  perform child_lock(array[who.guardian_id]);
  select * into e from errand
   where id = p_errand and guardian_id = who.guardian_id and purpose = errand_purpose() and status = 'launching' for no key update;
  if not found then
    code := 'not_found';
    perform audit_put(p_ref, errand_purpose() || '_launch', code, who.guardian_id);
    return;
  end if;

  begin
    update errand
       set status = case when p_provider_session is null then 'failed' else 'pending' end,
           provider_session = p_provider_session, launch_url = p_launch_url, waiting_since = now(),
           expires_at = to_timestamp(p_expires_ms / 1000.0), next_at = now() + interval '700 milliseconds'
     where id = e.id returning * into e;
  exception when unique_violation then
    -- A provider that gives one session twice has not given one.
    update errand set status = 'failed' where id = e.id returning * into e;
  end;
  if e.status = 'failed' then
    code := 'provider_unavailable';
  else
    perform errand_show_pending(e);
    answer := errand_launch_json(e);
  end if;
  perform audit_put(p_ref, e.purpose || '_launch', code, e.guardian_id, null, jsonb_build_object('errand', e.id));
end $$;
grant execute on function enroll.errand_launched(bytea, text, uuid, text, text, bigint) to enroll_bind, enroll_license;

-- errand_show_pending: the students' states say that something is under way, unless they have already reached the end.
create or replace function enroll.errand_show_pending(e enroll.errand) returns void
language plpgsql set search_path = enroll, pg_temp as $$
begin
  if e.purpose = 'bind' then
    update student s set binding_status = 'pending', binding_id = e.id from errand_student es
     where es.errand_id = e.id and s.id = es.student_id and s.binding_status in ('none', 'pending', 'incomplete', 'expired');
  else
    update student s set authorization_status = 'pending', authorization_id = e.id from errand_student es
     where es.errand_id = e.id and s.id = es.student_id
       and s.authorization_status in ('none', 'pending', 'incomplete', 'expired', 'revoked');
  end if;
end $$;
