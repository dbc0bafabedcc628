-- session_idle: how long does this session last if nothing is done? Called by session for GET /api/session/idle: asking is no
-- activity and leaves no row. Codes: ok (in answer), not_signed_in.
create or replace function enroll.session_idle(p_session bytea, p_ref text, out code text, out answer jsonb)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
begin
  select * into who from signed_in(p_session, true, false);
  code := who.code;
  if code = 'ok' then
    answer := (select jsonb_build_object('ends_in_s', session_ends_in_s(s)) from session s where s.id = who.session_id);
  end if;
end $$;
grant execute on function enroll.session_idle(bytea, text) to enroll_session;

-- session_ends_in_s: seconds until signed_in lets it in no more.
create or replace function enroll.session_ends_in_s(s enroll.session) returns int
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return greatest(0, ceil(extract(epoch from
    least(s.last_seen_at + interval '30 minutes', s.created_at + interval '12 hours') - now())))::int;
end $$;
