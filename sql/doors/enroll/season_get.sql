-- season_get: the current season. Public. Codes: ok, not_found.
create or replace function enroll.season_get(p_ref text, out code text, out answer jsonb)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  answer := season_json();
  code := case when answer is null then 'not_found' else 'ok' end;
end $$;
grant execute on function enroll.season_get(text) to enroll_enroll;
