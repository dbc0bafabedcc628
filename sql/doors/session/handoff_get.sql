-- handoff_get: what became of the code? Called by session for GET /api/handoffs/{id}, again and again, so it is no activity and
-- leaves no row. Codes: ok (in answer), not_signed_in, not_found (nobody's, another's, or void).
create or replace function enroll.handoff_get(p_session bytea, p_ref text, p_handoff uuid, out code text, out answer jsonb)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
  h handoff;
begin
  select * into who from signed_in(p_session, true, false);
  code := who.code;
  if code = 'ok' then
    select * into h from handoff o where o.id = p_handoff and o.guardian_id = who.guardian_id;
    if found then
      answer := handoff_json(h);
    else
      code := 'not_found';
    end if;
  end if;
end $$;
grant execute on function enroll.handoff_get(bytea, text, uuid) to enroll_session;
