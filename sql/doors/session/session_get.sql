-- session_get: who is signed in? Called by session for GET /api/session; limited accounts may, and see masks.
-- Codes: ok (in answer), not_signed_in.
create or replace function enroll.session_get(p_session bytea, p_ref text, out code text, out answer jsonb)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
begin
  select * into who from signed_in(p_session, true);
  code := who.code;
  if code = 'ok' then
    answer := session_json(who.guardian_id, who.session_id);
  end if;
end $$;
grant execute on function enroll.session_get(bytea, text) to enroll_session;
