-- enroll_report.funnel_v1: how many children stand where, each once, at the furthest step that any of their entries reached, by
-- the catchment of the residence where it is known. Only counts: nothing in it belongs to one child.
create view enroll_report.funnel_v1 with (security_barrier) as
with season as (
  select max(year) as year from enroll.season),
steps (rank, step, step_name) as (values
  (1, 'registered', '已注册'), (2, 'bound', '已绑定'), (3, 'authorized', '已授权'), (4, 'draft', '草稿'),
  (5, 'withdrawn', '已撤回'), (6, 'returned', '退回修改'), (7, 'submitted', '已提交'), (8, 'accepted', '审核通过'),
  (9, 'not_admitted', '未录取'), (10, 'admitted', '录取')),
entries as (
  select s.id_no_index, coalesce(a.year, season.year) as year, a.catchment_school, coalesce(done.rank,
      case when s.binding_status = 'student_taken' then 1
        when s.authorization_status in ('authorized', 'confirmed_by_hand') then 3
        when s.binding_status in ('bound', 'confirmed_by_hand') then 2
        else 1 end) as rank
    from enroll.student s cross join season
    left join enroll.application a on a.student_id = s.id and s.binding_status <> 'student_taken'
    left join steps done on done.step = a.status and done.rank >= 4
   where s.removed_at is null),
children as (
  select distinct on (id_no_index) year, catchment_school, rank
    from entries order by id_no_index, rank desc, catchment_school nulls last, year desc)
select c.year, coalesce(o.name, '学区未知') as catchment, p.rank as step_no, p.step, p.step_name, count(*) as children
  from children c join steps p using (rank) left join enroll.school o on o.id = c.catchment_school
 group by c.year, coalesce(o.name, '学区未知'), p.rank, p.step, p.step_name;
comment on view enroll_report.funnel_v1 is '各学区学生所处步骤的人数；每个孩子只计一次，按走得最远的一步；各行人数之和等于孩子总数';
comment on column enroll_report.funnel_v1.year is '入学年份；还没有报名的孩子计入当前招生季';
comment on column enroll_report.funnel_v1.catchment is '住址所属学区的学校名称；住址未知时为“学区未知”';
comment on column enroll_report.funnel_v1.step_no is '步骤序号，越大走得越远';
comment on column enroll_report.funnel_v1.step is '步骤：registered、bound、authorized、draft、withdrawn、returned、submitted、accepted、not_admitted、admitted';
comment on column enroll_report.funnel_v1.step_name is '步骤的中文名称';
comment on column enroll_report.funnel_v1.children is '孩子人数';
grant select on enroll_report.funnel_v1 to enroll_report;
