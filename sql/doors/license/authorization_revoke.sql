-- authorization_revoke: the parent takes a signing back. Called by license for DELETE /api/authorizations/{id}; not while
-- limited. The code and all licence data fetched under it are erased; what is left decides anew about every student, and
-- where an application is already submitted the audit trail tells the operator. Repeated: the same answer.
-- Codes: ok, not_signed_in, identity_check_required, not_found, wrong_state (still under way).
create or replace function enroll.authorization_revoke(p_session bytea, p_ref text, p_errand uuid, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
  e errand;
begin
  select * into who from signed_in(p_session, false);
  code := who.code;
  if code <> 'ok' then
    perform audit_put(p_ref, 'authorization_revoke', code, who.guardian_id);
    return;
  end if;
  perform from guardian g where g.id = who.guardian_id for no key update;
  select * into e from errand
   where id = p_errand and guardian_id = who.guardian_id and purpose = 'authorize' and status <> 'failed' for update;
  code := case when not found then 'not_found' when e.status in ('launching', 'pending') then 'wrong_state' else 'ok' end;
  if code <> 'ok' then
    perform audit_put(p_ref, 'authorization_revoke', code, who.guardian_id);
    return;
  end if;
  perform signing_revoke(n.id) from signing n where n.errand_id = e.id and n.revoked_at is null;
  perform authorization_review(p_ref, who.guardian_id, 'revoked');
  perform audit_put(p_ref, 'authorization_revoke', 'ok', e.guardian_id, null, jsonb_build_object('errand', e.id));
end $$;
grant execute on function enroll.authorization_revoke(bytea, text, uuid) to enroll_license;

-- signing_revoke: forget the code and the data; the row remains as the record that there was a signing.
create or replace function enroll.signing_revoke(p_signing uuid) returns void
language plpgsql set search_path = enroll, pg_temp as $$
begin
  update license set data = null, number_mask = null, erased_at = now() where signing_id = p_signing and erased_at is null;
  update license_request set status = 'failed', leased_until = null where signing_id = p_signing and status = 'due';
  update signing set code = null, revoked_at = now() where id = p_signing;
end $$;

-- authorization_review: who is no longer authorized now that a signing has gone (p_status: revoked or expired)?
create or replace function enroll.authorization_review(p_ref text, p_guardian uuid, p_status text) returns void
language plpgsql set search_path = enroll, pg_temp as $$
declare
  s student;
begin
  for s in select x.* from student x where x.guardian_id = p_guardian and x.removed_at is null
            and x.authorization_status = 'authorized' order by x.id loop
    if (select state from license_state(p_guardian, null, 'household_register')) <> 'fetched'
       or (select state from license_state(p_guardian, s.id, 'household_register')) <> 'fetched' then
      update student set authorization_status = p_status where id = s.id;
      update errand_student set status = 'incomplete', missing = '{not_signed}'
       where student_id = s.id and status = 'authorized';
      perform audit_put(p_ref, 'authorization_' || p_status, 'ok', p_guardian, s.id,
        jsonb_build_object('application', (select a.status from application a where a.student_id = s.id)));
    end if;
  end loop;
end $$;
