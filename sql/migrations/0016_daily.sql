-- The day's figures, frozen at 17:00 in Beijing for the report; and who makes the nightly dump.

do $$
begin
  if not exists (select from pg_roles where rolname = 'enroll_backup') then
    create role enroll_backup login;
  end if;
end $$;
-- It reads everything, as what is sealed stays sealed, writes nothing here, and makes a database of its own to restore into.
alter role enroll_backup createdb;
alter role enroll_backup set statement_timeout = 0;
alter role enroll_backup set log_min_error_statement = panic;
alter role enroll_backup set log_error_verbosity = terse;
grant pg_read_all_data to enroll_backup;
do $$
begin
  execute format('grant connect on database %I to enroll_backup', current_database());
end $$;

set role enroll_owner;

create table enroll.daily (
  day date not null,
  year int not null,
  catchment text not null,
  step_no int not null,
  step text not null,
  step_name text not null,
  children bigint not null check (children > 0),
  frozen_at timestamptz not null default date_trunc('second', now()),
  primary key (day, year, catchment, step_no)
);
comment on table enroll.daily is '每天北京时间 17:00 各学区各步骤的人数，写下后不再改动';
comment on column enroll.daily.day is '统计日（北京时间 17:00 截止）';
comment on column enroll.daily.year is '入学年份';
comment on column enroll.daily.catchment is '住址所属学区的学校名称；住址未知时为“学区未知”';
comment on column enroll.daily.step_no is '步骤序号，越大走得越远';
comment on column enroll.daily.step is '步骤代码';
comment on column enroll.daily.step_name is '步骤的中文名称';
comment on column enroll.daily.children is '孩子人数';
comment on column enroll.daily.frozen_at is '实际写下的时间；服务器在 17:00 关机时晚于 17:00';

reset role;
