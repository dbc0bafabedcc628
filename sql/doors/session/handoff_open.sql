-- handoff_open: another phone, signed in by itself, brings the code. Called by session for POST /api/handoffs/open. The first
-- session of the same account that brings it in time is shown the step, and may ask again. Another account is told so, sees
-- nothing and uses nothing up.
-- Codes: ok (in answer the path), not_signed_in, identity_check_required, not_found (unknown, used, too late), forbidden.
create or replace function enroll.handoff_open(
  p_session bytea, p_ref text, p_handoff_hash bytea, out code text, out answer jsonb)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
  h handoff;
begin
  select * into who from signed_in_alone(p_session, false);
  code := who.code;
  if code = 'ok' then
    select * into h from handoff o where o.token_hash = p_handoff_hash for no key update;
    code := case
      when not found then 'not_found'
      when h.opened_by = who.session_id then 'ok'
      when h.opened_at is not null or h.expires_at <= now() then 'not_found'
      when h.guardian_id <> who.guardian_id then 'forbidden'
      else 'ok' end;
  end if;
  if code = 'ok' then
    update handoff set opened_at = now(), opened_by = who.session_id where id = h.id and opened_at is null;
    answer := jsonb_build_object('path', '/' || h.page || case h.page
      when 'apply' then coalesce('?student=' || h.student_id, '') || coalesce('#' || h.section, '') else '' end);
  end if;
  perform audit_put(p_ref, 'handoff_open', code, who.guardian_id, case when code = 'ok' then h.student_id end);
end $$;
grant execute on function enroll.handoff_open(bytea, text, bytea) to enroll_session;
