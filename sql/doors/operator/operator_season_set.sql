-- operator_season_set: make or change a year's season. Called by enrollctl. Times without an offset are Beijing's.
-- Codes: ok, malformed_request (not a time or date), wrong_state (they contradict each other).
create or replace function enroll.operator_season_set(
  p_year int, p_register_from text, p_opens_at text, p_closes_at text, p_birth_from text, p_birth_to text,
  out code text, out season jsonb)
language plpgsql security definer set search_path = enroll, pg_temp set timezone = 'Asia/Shanghai' as $$
begin
  begin
    insert into season as s (year, register_from, opens_at, closes_at, birth_from, birth_to)
    values (p_year, p_register_from::timestamptz, p_opens_at::timestamptz, p_closes_at::timestamptz, p_birth_from::date,
      p_birth_to::date)
    on conflict (year) do update set register_from = excluded.register_from, opens_at = excluded.opens_at,
      closes_at = excluded.closes_at, birth_from = excluded.birth_from, birth_to = excluded.birth_to;
    code := 'ok';
    season := season_json();
  exception
    when datetime_field_overflow or invalid_datetime_format then code := 'malformed_request';
    when check_violation then code := 'wrong_state';
  end;
  perform audit_put('00000000', 'season_set', code, null, null, jsonb_build_object('year', p_year));
end $$;
grant execute on function enroll.operator_season_set(int, text, text, text, text, text) to enroll_operator;
