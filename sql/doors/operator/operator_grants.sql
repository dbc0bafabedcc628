-- operator_grants: what stands against "a role may execute its own doors and touch no table". Called by enrollctl check.
-- One row a finding; no row when all is as it must be. Codes: ok in every row.
create or replace function enroll.operator_grants()
returns table (code text, finding text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  return query
  -- A service role that is missing, or more than it should be.
  select 'ok', 'role ' || n.name || case when r.rolname is null then ': missing' else ': too mighty' end
    from unnest(array['register', 'session', 'wechat', 'recover', 'bind', 'license', 'enroll', 'content', 'courier',
      'operator', 'report', 'backup']) as s (short)
    cross join lateral (select 'enroll_' || s.short as name) n
    left join pg_roles r on r.rolname = n.name
   where r.rolname is null or r.rolsuper or r.rolcreaterole or (r.rolcreatedb and s.short <> 'backup') or r.rolbypassrls or not r.rolcanlogin
  union all
  -- The owner must not be able to log in.
  select 'ok', 'role enroll_owner: can log in or is superuser' from pg_roles r
   where r.rolname = 'enroll_owner' and (r.rolcanlogin or r.rolsuper)
  union all
  -- A table that a service role can touch.
  select 'ok', 'table ' || c.relname || ': open to ' || r.rolname
    from pg_class c cross join pg_roles r
    cross join lateral (select case when r.rolname = 'enroll_backup' then '' else ', select' end as select) v
   where c.relnamespace = 'enroll'::regnamespace and c.relkind in ('r', 'v', 'm', 'S', 'p') and r.rolname like 'enroll\_%'
     and r.rolname <> 'enroll_owner'
     -- enroll_backup reads all of them, for the dump; nobody writes.
     and case when c.relkind = 'S' then has_sequence_privilege(r.oid, c.oid, 'usage, update' || v.select)
         else has_table_privilege(r.oid, c.oid, 'insert, update, delete, truncate, references, trigger' || v.select) end
  union all
  -- A door that anybody may open, or that runs without its own search path.
  select 'ok', 'function ' || p.proname || ': open to everybody or without search_path'
    from pg_proc p
   where p.pronamespace = 'enroll'::regnamespace
     and (exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0)
       or not coalesce(p.proconfig::text like '%search_path=enroll, pg_temp%', false))
  union all
  -- An executable that has no door at all.
  select 'ok', 'role ' || r.rolname || ': no door granted'
    from pg_roles r
   where r.rolname like 'enroll\_%' and r.rolname not in ('enroll_owner', 'enroll_report', 'enroll_backup')
     and not exists (select from pg_proc p where p.pronamespace = 'enroll'::regnamespace
       and has_function_privilege(r.oid, p.oid, 'execute'));
end $$;
grant execute on function enroll.operator_grants() to enroll_operator;
