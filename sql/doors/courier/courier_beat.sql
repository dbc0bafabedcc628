-- courier_beat: the courier lives. Called by courier every ten seconds. Codes: ok.
create or replace function enroll.courier_beat(out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  insert into heartbeat as h (name, at) values ('courier', clock_timestamp())
  on conflict (name) do update set at = excluded.at;
  code := 'ok';
end $$;
grant execute on function enroll.courier_beat() to enroll_courier;
