-- courier_settle: what became of a message. p_failure null: delivered. Otherwise it is tried again, 5, 10, 20 … seconds and at
-- most an hour apart, and given up after a day, or at once where trying again cannot help. Called by courier alone. Codes: ok.
create or replace function enroll.courier_settle(p_id uuid, p_failure text, p_is_final boolean, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  code := 'ok';
  if p_failure is null then
    update outbox set delivered_at = clock_timestamp() where id = p_id;
  else
    update outbox set
      failed = case when p_is_final or created_at < now() - interval '24 hours' then p_failure end,
      next_at = clock_timestamp() + make_interval(secs => least(5 * power(2, least(tries - 1, 20)), 3600))
     where id = p_id;
  end if;
end $$;
grant execute on function enroll.courier_settle(uuid, text, boolean) to enroll_courier;
