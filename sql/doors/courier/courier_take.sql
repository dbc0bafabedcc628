-- courier_take: the next messages that are due, leased for a minute: a courier that dies with them loses none. Called by
-- courier alone. A phone that was given up still gets what was meant for it. Codes: ok in every row.
create or replace function enroll.courier_take(p_limit int)
returns table (code text, id uuid, template text, detail text, phone_id uuid, phone bytea, wechat_id uuid, openid bytea,
  token bytea)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  return query
  with due as (
    select o.id from outbox o where o.delivered_at is null and o.failed is null and o.next_at <= clock_timestamp()
     order by o.next_at limit p_limit for update skip locked),
  taken as (
    update outbox o set tries = o.tries + 1, next_at = clock_timestamp() + interval '1 minute'
      from due where o.id = due.id returning o.*)
  select 'ok', t.id, t.template, t.detail, t.phone_id, p.phone, t.wechat_id, w.openid, t.token
    from taken t left join phone p on p.id = t.phone_id left join wechat w on w.id = t.wechat_id;
end $$;
grant execute on function enroll.courier_take(int) to enroll_courier;
