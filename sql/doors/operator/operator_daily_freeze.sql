-- operator_daily_freeze: write down funnel_v1 for the day whose 17:00 in Beijing was the last, unless that is done. Called by
-- enrollctl. rows: written now. Codes: ok.
create or replace function enroll.operator_daily_freeze(out code text, out day text, out rows int)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  v_day date := ((now() at time zone 'Asia/Shanghai') - interval '17 hours')::date;
begin
  code := 'ok';
  day := v_day::text;
  rows := 0;
  -- Two at once: the second waits, and finds it done.
  perform pg_advisory_xact_lock(hashtext('enroll.daily'));
  if exists (select from daily d where d.day = v_day) then
    return;
  end if;
  insert into daily (day, year, catchment, step_no, step, step_name, children)
  select v_day, f.year, f.catchment, f.step_no, f.step, f.step_name, f.children from enroll_report.funnel_v1 f;
  get diagnostics rows = row_count;
  perform audit_put('00000000', 'daily_freeze', code, null, null, jsonb_build_object('day', day, 'rows', rows));
end $$;
grant execute on function enroll.operator_daily_freeze() to enroll_operator;
