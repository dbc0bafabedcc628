-- authorization_revoke: the parent takes a signing back. Called by license for DELETE /api/authorizations/{id}; not while
-- limited. The code and all licence data fetched under it are erased; what is left decides anew about every student, and
-- where an application is already submitted the audit trail tells the operator. Repeated: the same answer.
-- Codes: ok, not_signed_in, identity_check_required, not_found, wrong_state (still under way, nothing
-- signed).
create or replace function enroll.authorization_revoke(p_session bytea, p_ref text, p_errand uuid, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
  e errand;
begin
  select * into who from signed_in_alone(p_session, false);
  code := who.code;
  if code <> 'ok' then
    perform audit_put(p_ref, 'authorization_revoke', code, who.guardian_id);
    return;
  end if;
  select * into e from errand
   where id = p_errand and guardian_id = who.guardian_id and purpose = 'authorize' and status <> 'failed' for no key update;
  code := case when not found then 'not_found'
    when e.status in ('launching', 'pending') and not exists (select from signing n where n.errand_id = e.id) then 'wrong_state'
    else 'ok' end;
  if code <> 'ok' then
    perform audit_put(p_ref, 'authorization_revoke', code, who.guardian_id);
    return;
  end if;
  perform signing_erase(n.id) from signing n where n.errand_id = e.id and n.revoked_at is null;
  update signing set revoked_at = now() where errand_id = e.id and revoked_at is null;
  if e.status = 'pending' then
    perform errand_judge(p_ref, e.id);
  end if;
  perform authorization_review(p_ref, who.guardian_id, e.id, 'revoked');
  perform audit_put(p_ref, 'authorization_revoke', 'ok', e.guardian_id, null, jsonb_build_object('errand', e.id));
end $$;
grant execute on function enroll.authorization_revoke(bytea, text, uuid) to enroll_license;
