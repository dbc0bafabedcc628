-- courier_take: the next messages that are due, leased for a minute: a courier that dies with them loses none. Called by
-- courier alone. Each taking is an attempt in the delivery log; one that is still under way there was lost with its courier and
-- may have arrived, so that the attempt after it is a possible repeat. A phone that was given up still gets what was meant
-- for it; what has expired is not taken any more. is_bare: the phone is sealed for the message itself. Codes: ok in every row.
drop function if exists enroll.courier_take(int);
create or replace function enroll.courier_take(p_limit int)
returns table (code text, id uuid, template text, detail text, phone_id uuid, phone bytea, wechat_id uuid, openid bytea,
  token bytea, attempt int, is_bare boolean)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  code := 'ok';
  for id, template, detail, phone_id, phone, wechat_id, token, attempt in
    with due as (
      select o.id from outbox o where o.delivered_at is null and o.failed is null and o.next_at <= clock_timestamp()
         and coalesce(o.expires_at > clock_timestamp(), true)
       order by o.next_at limit p_limit for update skip locked)
    update outbox o set tries = o.tries + 1, next_at = clock_timestamp() + interval '1 minute'
      from due where o.id = due.id returning o.id, o.template, o.detail, o.phone_id, o.phone, o.wechat_id, o.token, o.tries
  loop
    update delivery d set outcome = 'lost', finished_at = clock_timestamp()
     where d.outbox_id = courier_take.id and d.outcome is null;
    insert into delivery (outbox_id, attempt, channel)
    values (id, attempt, case when wechat_id is null then 'sms' else 'wechat' end);
    is_bare := phone is not null;
    if not is_bare then
      phone := (select p.phone from phone p where p.id = courier_take.phone_id);
    end if;
    openid := (select w.openid from wechat w where w.id = courier_take.wechat_id);
    return next;
  end loop;
end $$;
grant execute on function enroll.courier_take(int) to enroll_courier;
