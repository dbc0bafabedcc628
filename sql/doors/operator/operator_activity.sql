-- operator_activity: what parents did in the last five minutes, by action, and the connections of this database. Called by
-- enrollctl status. Codes: ok in every row.
create or replace function enroll.operator_activity()
returns table (code text, action text, n_ok bigint, n_other bigint, n_connections bigint, max_connections int)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  v_connections bigint := (select count(*) from pg_stat_activity);
  v_max int := current_setting('max_connections')::int;
begin
  return query
    select 'ok', known.action, count(a.id) filter (where a.outcome in ('ok', 'replayed', 'signed_in', 'bound', 'authorized')),
        count(a.id) filter (where a.outcome not in ('ok', 'replayed', 'signed_in', 'bound', 'authorized')), v_connections, v_max
      from (values (1, 'register'), (2, 'sign_in'), (3, 'wechat_callback'), (4, 'recover_password'), (5, 'bind'), (6, 'authorize'),
          (7, 'application_save'), (8, 'application_submit')) known (n, action)
      left join audit a on a.action = known.action and a.at > now() - interval '5 minutes'
     group by known.n, known.action order by known.n;
end $$;
grant execute on function enroll.operator_activity() to enroll_operator;
