-- What DBAs see: each child once at its furthest step, sums that add up, and nothing from which a number could be rebuilt.
begin;
set search_path = enroll, public, pg_temp;
set client_min_messages = warning;
select no_plan();

insert into season values (2999, now() - interval '2 days', now() - interval '1 day', now() + interval '1 day', '2992-09-01', '2993-08-31');
insert into school (id, year, code, name) values (md5('school')::uuid, 2999, '0001', '示例一小');

-- An entry of the child p_child on an account of its own.
create function pg_temp.entry(p_word text, p_child text, p_binding text default 'none', p_authorization text default 'none', p_application text default null,
  p_has_address boolean default false) returns void language sql as $$
  insert into guardian (id, name, name_mask, id_no, id_no_index, id_no_mask)
  values (md5(p_word)::uuid, '钱塘' || p_word, '钱*', '\x00', sha256(convert_to(p_word, 'UTF8')), '4****************1');
  insert into student (id, guardian_id, name, name_mask, id_no, id_no_index, id_no_mask, birth_date, is_female, binding_status, authorization_status)
  values (md5('student ' || p_word)::uuid, md5(p_word)::uuid, '钱小塘', '钱**', '\x00', sha256(convert_to('child ' || p_child, 'UTF8')), '4****************2',
    '2993-01-01', false, p_binding, p_authorization);
  insert into application (student_id, guardian_id, child_index, year, status, catchment_school)
  select md5('student ' || p_word)::uuid, md5(p_word)::uuid, sha256(convert_to('child ' || p_child, 'UTF8')), 2999, p_application,
    case when p_has_address then md5('school')::uuid end where p_application is not null;
$$;
select pg_temp.entry('a', 'a');
select pg_temp.entry('b', 'b', 'bound');
select pg_temp.entry('c', 'c', 'confirmed_by_hand', 'confirmed_by_hand');
select pg_temp.entry('d', 'd', 'none', 'none', 'draft', true);
select pg_temp.entry('e', 'e', 'bound', 'authorized', 'submitted', true);
select pg_temp.entry('f', 'f', 'bound', 'authorized', 'admitted', true);
-- Mother and father: the child counts where it got furthest, in its catchment.
select pg_temp.entry('g', 'g', 'none', 'none', 'draft', true);
select pg_temp.entry('h', 'g', 'bound', 'authorized', 'submitted', true);
-- The rival lost: the winner's step counts.
select pg_temp.entry('i', 'i', 'student_taken', 'none', 'student_taken', true);
select pg_temp.entry('j', 'i', 'bound');
-- Withdrawn and returned, and one that was removed.
select pg_temp.entry('k', 'k', 'none', 'none', 'withdrawn');
select pg_temp.entry('l', 'l', 'none', 'none', 'returned');
select pg_temp.entry('m', 'm');
update student set removed_at = now() where id = md5('student m')::uuid;

set session authorization enroll_report;
select results_eq('select catchment, step, children from enroll_report.funnel_v1 order by catchment = ''学区未知'', step_no', $$ values
    ('示例一小', 'draft', 1::bigint), ('示例一小', 'submitted', 2), ('示例一小', 'admitted', 1),
    ('学区未知', 'registered', 1), ('学区未知', 'bound', 2), ('学区未知', 'authorized', 1), ('学区未知', 'withdrawn', 1), ('学区未知', 'returned', 1) $$,
  'each child once, at its furthest step, by catchment');
reset session authorization;
select is((select sum(children)::int from enroll_report.funnel_v1), (select count(distinct id_no_index)::int from student where removed_at is null),
  'the sums equal the number of children');

-- The day's figures: written once, and not changed by what comes after.
select results_eq('select code, rows from operator_daily_freeze()', $$ values ('ok', 8) $$, 'the funnel is frozen');
create temp table frozen as select * from enroll_report.daily_v1;
select set_eq('select year, catchment, step_no, step, step_name, children from frozen', 'select * from enroll_report.funnel_v1', 'as it is');
select is((select min(day) from frozen), ((now() at time zone 'Asia/Shanghai') - interval '17 hours')::date, 'for the day whose 17:00 was the last');
select pg_temp.entry('late', 'late', 'bound');
select results_eq('select code, rows from operator_daily_freeze()', $$ values ('ok', 0) $$, 'once a day');
select set_eq('select * from enroll_report.daily_v1', 'select * from frozen', 'and what was written stays');

-- Nothing to rebuild a number from.
select is_empty($$ select a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
  where c.relnamespace = 'enroll_report'::regnamespace and c.relkind = 'v' and a.attnum > 0
    and (a.atttypid = 'bytea'::regtype or (a.atttypid = 'date'::regtype and a.attname <> 'day') or a.attname ~ 'id_no|phone|openid|index|birth') $$,
  'no column of a view holds a number, an index or a date of birth');
create function pg_temp.shown() returns text language plpgsql as $$
declare
  v record;
  part text;
  everything text := '';
begin
  for v in select c.oid::regclass as name from pg_class c where c.relnamespace = 'enroll_report'::regnamespace and c.relkind = 'v' loop
    execute format('select string_agg(to_jsonb(x)::text, E''\n'') from %s x', v.name) into part;
    everything := everything || coalesce(part, '');
  end loop;
  return everything;
end $$;
select doesnt_match(pg_temp.shown(), '\d{6}', 'no run of six digits stands in any view');
select doesnt_match(pg_temp.shown(), '钱', 'nor a name');
select matches(pg_temp.shown(), '示例一小', 'which were looked at');
select is_empty($$ select c.oid::regclass from pg_class c where c.relnamespace = 'enroll_report'::regnamespace and c.relkind = 'v'
  and not has_table_privilege('enroll_report', c.oid, 'select') $$, 'the report role reads every view');

-- Who may what, and how large it is.
select is_empty($$ select role from enroll_report.roles_v1 where may_write <> '' and role <> 'enroll_owner' $$, 'nobody but the owner writes a table');
select set_eq($$ select role from enroll_report.roles_v1 where may_read <> '' $$,
  $$ values ('enroll_backup'), ('enroll_owner'), ('enroll_report') $$, 'nobody but backup, owner and report reads one');
select is_empty($$ select role from enroll_report.roles_v1 where purpose is null or purpose !~ '[一-龥]' $$, 'each role says what it is for');
select is_empty($$ select role from enroll_report.roles_v1 where can_log_in and functions = '' and role not in ('enroll_report', 'enroll_backup') $$,
  'each program has its doors');
select set_eq('select table_name from enroll_report.sizes_v1',
  $$ select tablename::text from pg_tables where schemaname = 'enroll' $$, 'each table has its size');

select * from finish();
rollback;
