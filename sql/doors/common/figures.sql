-- figures: what only the database knows of how things go, for Prometheus and for the operator's screen; counts alone, a row a
-- figure. Called by courier, for Prometheus, and by enrollctl status. Codes: ok in every row.
create or replace function enroll.figures()
returns table (code text, name text, label text, value bigint)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  return query select 'ok', 'outbox_waiting', null::text, count(*) from outbox o where o.delivered_at is null and o.failed is null;
  return query select 'ok', 'outbox_overdue_seconds', null::text,
      coalesce(greatest(extract(epoch from now() - min(o.next_at)), 0), 0)::bigint
    from outbox o where o.delivered_at is null and o.failed is null;
  return query select 'ok', 'outbox_failed', null::text, count(*)
    from outbox o where o.failed is not null and o.created_at > now() - interval '7 days';
  return query select 'ok', 'audit_unchained_seconds', null::text, coalesce((
      select extract(epoch from now() - a.at) from audit a
       where a.id > coalesce((select max(c.audit_id) from audit_chain c), 0) order by a.id limit 1), 0)::bigint;
  return query select 'ok', 'errands_pending', p.purpose, (
      select count(*) from errand e where e.purpose = p.purpose and e.status = 'pending')
    from (values ('bind'), ('authorize')) p (purpose);
  return query select 'ok', 'children', f.step, sum(f.children)::bigint
    from enroll_report.funnel_v1 f group by f.step, f.step_no order by f.step_no;
end $$;
grant execute on function enroll.figures() to enroll_courier, enroll_operator;
