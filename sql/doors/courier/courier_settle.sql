-- courier_settle: what became of an attempt. p_failure null: delivered. Otherwise the message is tried again, 5, 10, 20 …
-- seconds and at most an hour apart, and given up after a day, or at once where trying again cannot help (p_is_final). A WeChat
-- message that is given up goes to the account's current phone, by SMS and at once, unless the same event has told a phone
-- anyway. What is done with forgets the bare number and the token or code that it held. Called by courier alone. Codes: ok.
create or replace function enroll.courier_settle(p_id uuid, p_failure text, p_is_final boolean, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  o outbox;
  v_is_last boolean;
begin
  code := 'ok';
  -- The message before its log; it may be gone with its account.
  select * into o from outbox where id = p_id for no key update;
  v_is_last := p_is_final or o.created_at < now() - interval '24 hours';
  update delivery set outcome = coalesce(p_failure, 'delivered'), finished_at = clock_timestamp()
   where outbox_id = p_id and outcome is null;
  if p_failure is null then
    update outbox set delivered_at = clock_timestamp() where id = p_id;
  elsif not v_is_last or not courier_by_sms(p_id) then
    update outbox set
      failed = case when v_is_last then p_failure end,
      next_at = clock_timestamp() + make_interval(secs => least(5 * power(2, least(tries - 1, 20)), 3600))
     where id = p_id;
  end if;
  update outbox set phone = null, token = null
   where id = p_id and num_nonnulls(phone, token) > 0 and num_nonnulls(delivered_at, failed) > 0;
end $$;
grant execute on function enroll.courier_settle(uuid, text, boolean) to enroll_courier;

-- courier_by_sms: turn a WeChat message into one for the account's current phone. It keeps its id, for which its token is
-- sealed. False if it was none, or if a phone hears of the same event anyway: both were written in one transaction.
create or replace function enroll.courier_by_sms(p_id uuid) returns boolean
language plpgsql set search_path = enroll, pg_temp as $$
begin
  update outbox o set wechat_id = null, phone_id = p.id, next_at = clock_timestamp()
    from wechat w join phone p on p.guardian_id = w.guardian_id and p.until is null
   where o.id = p_id and w.id = o.wechat_id
     and not exists (select from outbox s join phone q on q.id = s.phone_id
       where s.template = o.template and s.created_at = o.created_at and q.guardian_id = w.guardian_id);
  return found;
end $$;
