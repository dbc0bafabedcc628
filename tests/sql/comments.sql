-- Every table, view and column says in Chinese what it is, for whoever reads the database without the code.
begin;
set search_path = public;
select no_plan();

select matches(coalesce(obj_description(c.oid, 'pg_class'), ''), '[一-龥]', format('%s.%s has a comment', c.relnamespace::regnamespace, c.relname))
  from pg_class c
 where c.relnamespace in ('enroll'::regnamespace, 'enroll_report'::regnamespace) and c.relkind in ('r', 'v', 'm', 'p')
 order by c.relnamespace::regnamespace::text, c.relname;

select matches(coalesce(col_description(c.oid, a.attnum), ''), '[一-龥]', format('%s.%s.%s has a comment', c.relnamespace::regnamespace, c.relname, a.attname))
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
 where c.relnamespace in ('enroll'::regnamespace, 'enroll_report'::regnamespace) and c.relkind in ('r', 'v', 'm', 'p')
 order by c.relnamespace::regnamespace::text, c.relname, a.attnum;

select matches(obj_description(n.oid, 'pg_namespace'), '[一-龥]', format('schema %s has a comment', n.nspname))
  from pg_namespace n where n.nspname in ('enroll', 'enroll_report') order by 1;

select * from finish();
rollback;
