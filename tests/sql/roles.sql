-- Who may do what, tried: every service role at every table. What a role may execute is roles.test.mjs's.
begin;
set search_path = public;
select no_plan();

-- The SQLSTATE of a statement run by somebody who has logged in as p_role; '00000' if it goes through.
create function pg_temp.try(p_role text, p_sql text) returns text language plpgsql as $$
declare
  state text := '00000';
begin
  execute format('set session authorization %I', p_role);
  begin
    execute p_sql;
  exception when others then
    state := sqlstate;
  end;
  reset session authorization;
  return state;
end $$;

create temp table service_role as
  select rolname as name from pg_roles where rolname like 'enroll\_%' and rolname not in ('enroll_owner', 'enroll_report', 'enroll_backup');

select set_eq('select name from service_role', array['enroll_register', 'enroll_session', 'enroll_wechat', 'enroll_recover',
  'enroll_bind', 'enroll_license', 'enroll_enroll', 'enroll_content', 'enroll_courier', 'enroll_operator'], 'the service roles');

-- No table, view or sequence: not to be read, not to be written.
select is(pg_temp.try(r.name, format('select from %s limit 0', c.oid::regclass)), '42501', format('%s cannot read %s', r.name, c.oid::regclass))
  from service_role r, pg_class c
 where c.relnamespace in ('enroll'::regnamespace, 'enroll_report'::regnamespace) and c.relkind in ('r', 'v', 'm', 'p', 'S')
 order by r.name, c.oid::regclass::text;
select is(pg_temp.try(r.name, format('delete from %s where false', c.oid::regclass)), '42501', format('%s cannot write %s', r.name, c.oid::regclass))
  from service_role r, pg_class c
 where c.relnamespace = 'enroll'::regnamespace and c.relkind in ('r', 'p')
 order by r.name, c.oid::regclass::text;
select is_empty(
  $$ select r.name, c.oid::regclass, a.attname from service_role r, pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
      where c.relnamespace = 'enroll'::regnamespace and c.relkind in ('r', 'v')
        and (has_column_privilege(r.name, c.oid, a.attnum, 'select') or has_column_privilege(r.name, c.oid, a.attnum, 'insert')
          or has_column_privilege(r.name, c.oid, a.attnum, 'update') or has_column_privilege(r.name, c.oid, a.attnum, 'references')) $$,
  'nor a single column');

-- Nothing of their own to put in our way.
select is(pg_temp.try(r.name, 'create temp table session (token_hash bytea)'), '42501', r.name || ' makes no temp table') from service_role r;
select is(pg_temp.try(r.name, 'create table enroll.own (a int)'), '42501', r.name || ' makes no table') from service_role r;
select is(pg_temp.try(r.name, 'create table public.own (a int)'), '42501', r.name || ' makes none in public') from service_role r;
select is(pg_temp.try(r.name, 'set role enroll_owner'), '42501', r.name || ' does not become the owner') from service_role r;

-- And if a temp table of theirs did exist, a door would not look into it.
grant temporary on database enroll_sql to enroll_session;
set session authorization enroll_session;
create temp table session (id uuid, token_hash bytea, guardian_id uuid, device bytea, last_seen_at timestamptz, ended_at timestamptz, created_at timestamptz);
create temp table guardian (id uuid, limited_since timestamptz);
insert into session values (gen_random_uuid(), '\x01', '00000000-0000-4000-8000-000000000001', null, now(), null, now());
insert into guardian values ('00000000-0000-4000-8000-000000000001', null);
create temp table answered as select code from enroll.session_get('\x01', '00000000');
reset session authorization;
select is((select code from answered), 'not_signed_in', 'a door looks into no temp table of its caller');

-- The owner is nobody who could log in; the roles are nothing but roles.
select ok(not rolcanlogin and not rolsuper and not rolbypassrls and not rolcreaterole and not rolcreatedb, 'enroll_owner is no login and no superuser')
  from pg_roles where rolname = 'enroll_owner';
select ok(rolcanlogin and not rolsuper and not rolbypassrls and not rolcreaterole and not rolcreatedb and not rolreplication, name || ' is a plain login')
  from service_role join pg_roles on rolname = name order by name;
select is_empty($$ select r.name from service_role r join pg_auth_members m on m.member = r.name::regrole $$, 'and belongs to no group');
select is_empty(
  $$ select p.oid::regprocedure from pg_proc p where p.pronamespace = 'enroll'::regnamespace and p.proowner <> 'enroll_owner'::regrole $$,
  'every function belongs to enroll_owner');
select is_empty(
  $$ select c.oid::regclass from pg_class c where c.relnamespace in ('enroll'::regnamespace, 'enroll_report'::regnamespace) and c.relowner <> 'enroll_owner'::regrole $$,
  'and so does every table');
select is_empty(
  $$ select p.oid::regprocedure from pg_proc p where p.pronamespace = 'enroll'::regnamespace and p.prosecdef
        and not coalesce(p.proconfig, '{}') @> array['search_path=enroll, pg_temp'] $$,
  'every definer''s function looks in enroll, and among temp tables last');
select is_empty(
  $$ select p.oid::regprocedure from pg_proc p join pg_language l on l.oid = p.prolang
      where p.pronamespace = 'enroll'::regnamespace and p.prosecdef and l.lanname <> 'plpgsql' $$,
  'and is PL/pgSQL, as LANGUAGE sql is planned anew at each call');

-- A door answers in milliseconds or not at all, and what it was given reaches no log.
select ok(rolconfig @> array['statement_timeout=2s', 'lock_timeout=1500ms'], rolname || ' has its timeouts')
  from pg_roles where rolname ~ '^enroll_(register|session|wechat|recover|bind|license|enroll|content)$' order by rolname;
select ok(rolconfig @> array['log_parameter_max_length=0', 'log_parameter_max_length_on_error=0', 'log_min_error_statement=panic', 'log_error_verbosity=terse'],
  rolname || ' logs no value') from service_role join pg_roles on rolname = name order by rolname;

-- DBAs read the report, and nothing else.
select is(pg_temp.try('enroll_report', format('select from %s', c.oid::regclass)), '00000', format('enroll_report reads %s', c.oid::regclass))
  from pg_class c where c.relnamespace = 'enroll_report'::regnamespace and c.relkind = 'v' order by 1;
select is(pg_temp.try('enroll_report', format('select from %s limit 0', c.oid::regclass)), '42501', format('enroll_report does not read %s', c.oid::regclass))
  from pg_class c where c.relnamespace = 'enroll'::regnamespace and c.relkind in ('r', 'v', 'S') order by c.oid::regclass::text;
select ok((select rolconfig from pg_roles where rolname = 'enroll_report') @> array['default_transaction_read_only=on'], 'enroll_report only reads');

-- Who is no role of ours has no way in.
select ok(not has_database_privilege('sandbox', current_database(), 'connect'), 'the sandbox cannot connect')
  where exists (select from pg_roles where rolname = 'sandbox');
select ok(not has_schema_privilege('public', 'enroll', 'usage'), 'nor can anybody use the schema');

-- The dump's role reads everything, as it stands: sealed. It writes nothing, executes nothing.
select is(pg_temp.try('enroll_backup', format('select from %s limit 0', c.oid::regclass)), '00000', format('enroll_backup reads %s', c.oid::regclass))
  from pg_class c where c.relnamespace = 'enroll'::regnamespace and c.relkind in ('r', 'p') order by c.oid::regclass::text;
select is(pg_temp.try('enroll_backup', format('delete from %s where false', c.oid::regclass)), '42501', format('enroll_backup cannot write %s', c.oid::regclass))
  from pg_class c where c.relnamespace = 'enroll'::regnamespace and c.relkind in ('r', 'p') order by c.oid::regclass::text;
select is_empty(
  $$ select p.oid::regprocedure from pg_proc p where p.pronamespace = 'enroll'::regnamespace and has_function_privilege('enroll_backup', p.oid, 'execute') $$,
  'enroll_backup has no door');
select ok(rolcanlogin and not rolsuper and not rolbypassrls and not rolcreaterole and not rolreplication, 'enroll_backup is no more than that')
  from pg_roles where rolname = 'enroll_backup';

select * from finish();
rollback;
