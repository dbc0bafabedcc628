-- operator_season_show: the current season. Called by enrollctl. Codes: ok, not_found.
create or replace function enroll.operator_season_show(out code text, out season jsonb)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  season := season_json();
  code := case when season is null then 'not_found' else 'ok' end;
end $$;
grant execute on function enroll.operator_season_show() to enroll_operator;
