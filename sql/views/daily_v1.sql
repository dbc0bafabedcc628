-- enroll_report.daily_v1: funnel_v1 as it stood each day at 17:00 in Beijing. The report of a day is the same whenever it is asked.
create view enroll_report.daily_v1 with (security_barrier) as
select day, year, catchment, step_no, step, step_name, children, frozen_at from enroll.daily;
comment on view enroll_report.daily_v1 is '每天北京时间 17:00 的 funnel_v1，供日报和对比；写下后不再改动';
comment on column enroll_report.daily_v1.day is '统计日（北京时间 17:00 截止）';
comment on column enroll_report.daily_v1.year is '入学年份';
comment on column enroll_report.daily_v1.catchment is '住址所属学区的学校名称；住址未知时为“学区未知”';
comment on column enroll_report.daily_v1.step_no is '步骤序号，越大走得越远';
comment on column enroll_report.daily_v1.step is '步骤代码，同 funnel_v1';
comment on column enroll_report.daily_v1.step_name is '步骤的中文名称';
comment on column enroll_report.daily_v1.children is '孩子人数';
comment on column enroll_report.daily_v1.frozen_at is '实际写下的时间';
grant select on enroll_report.daily_v1 to enroll_report;
