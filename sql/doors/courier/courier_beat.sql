-- courier_beat: the courier lives. Called by courier when it starts (p_is_start) and every ten seconds. Codes: ok.
drop function if exists enroll.courier_beat();
create or replace function enroll.courier_beat(p_is_start boolean, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  insert into heartbeat as h (name, at, started_at) values ('courier', clock_timestamp(), clock_timestamp())
  on conflict (name) do update
    set at = excluded.at, started_at = case when p_is_start then excluded.at else h.started_at end;
  code := 'ok';
end $$;
grant execute on function enroll.courier_beat(boolean) to enroll_courier;
