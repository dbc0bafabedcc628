-- enroll_report.roles_v1: who may do what here, as the database itself enforces it, a row a role.
create view enroll_report.roles_v1 as
select r.rolname::text as role, shobj_description(r.oid, 'pg_authid') as purpose, r.rolcanlogin as can_log_in,
  (select coalesce(string_agg(p.proname, '、' order by p.proname), '') from pg_proc p
    where p.pronamespace = 'enroll'::regnamespace and r.rolname <> 'enroll_owner' and has_function_privilege(r.oid, p.oid, 'execute')) as functions,
  case when r.rolname in ('enroll_owner', 'enroll_backup') then '全部'
    else (select coalesce(string_agg(c.relnamespace::regnamespace || '.' || c.relname, '、' order by c.relname), '') from pg_class c
      where c.relnamespace in ('enroll'::regnamespace, 'enroll_report'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm')
        and has_table_privilege(r.oid, c.oid, 'select')) end as may_read,
  case when r.rolname = 'enroll_owner' then '全部'
    else (select coalesce(string_agg(c.relname, '、' order by c.relname), '') from pg_class c
      where c.relnamespace = 'enroll'::regnamespace and c.relkind in ('r', 'p')
        and has_table_privilege(r.oid, c.oid, 'insert, update, delete, truncate')) end as may_write
  from pg_roles r where r.rolname like 'enroll\_%';
comment on view enroll_report.roles_v1 is '各数据库角色能做什么，由数据库权限实时得出；程序角色只能调用自己的函数，不能直接读写任何表';
comment on column enroll_report.roles_v1.role is '角色名；本机登录用系统同名用户（peer），没有密码';
comment on column enroll_report.roles_v1.purpose is '用途';
comment on column enroll_report.roles_v1.can_log_in is '能否登录';
comment on column enroll_report.roles_v1.functions is '可以调用的函数';
comment on column enroll_report.roles_v1.may_read is '可以直接读的表和视图';
comment on column enroll_report.roles_v1.may_write is '可以直接写的表';
grant select on enroll_report.roles_v1 to enroll_report;
