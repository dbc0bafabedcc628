-- season_json: the current season (the newest year) as GET /api/season answers it; null if there is none. Called by doors alone.
create or replace function enroll.season_json() returns jsonb
language plpgsql stable set search_path = enroll, pg_temp as $$
declare
  s season;
begin
  select * into s from season order by year desc limit 1;
  if not found then
    return null;
  end if;
  return jsonb_build_object(
    'year', s.year, 'now', beijing_time(now()), 'register_from', beijing_time(s.register_from),
    'opens_at', beijing_time(s.opens_at), 'closes_at', beijing_time(s.closes_at), 'state', season_state(s),
    'birth_from', s.birth_from, 'birth_to', s.birth_to);
end $$;

-- season_state: before, registration, open or closed.
create or replace function enroll.season_state(s enroll.season) returns text
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return case
    when now() < s.register_from then 'before'
    when now() < s.opens_at then 'registration'
    when now() < s.closes_at then 'open'
    else 'closed' end;
end $$;
