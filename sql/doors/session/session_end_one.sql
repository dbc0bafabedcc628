-- session_end_one: end one of one's own sessions, this one included; one that has ended already is as good. Called by session
-- for DELETE /api/sessions/{id}. What follows for the WeChat, session_stop says.
-- Codes: ok, not_signed_in, identity_check_required, not_found (nobody's or another's).
create or replace function enroll.session_end_one(p_session bytea, p_ref text, p_id uuid, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
  s session;
begin
  select * into who from signed_in_alone(p_session, false);
  code := who.code;
  if code <> 'ok' then
    perform audit_put(p_ref, 'session_end', code, who.guardian_id);
    return;
  end if;
  select * into s from session where id = p_id and guardian_id = who.guardian_id;
  if not found then
    code := 'not_found';
  elsif s.ended_at is null then
    perform session_stop(s, 'ended');
  end if;
  perform audit_put(p_ref, 'session_end', code, who.guardian_id, null, jsonb_build_object('session', s.id));
end $$;
grant execute on function enroll.session_end_one(bytea, text, uuid) to enroll_session;
