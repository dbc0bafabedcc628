-- 换手机接着办: a code that names a step, for another phone of the same account. And a name that a parent gives to a WeChat.

set role enroll_owner;

create table enroll.handoff (
  id uuid primary key default gen_random_uuid(),
  token_hash bytea not null unique,
  guardian_id uuid not null references enroll.guardian,
  page text not null check (page in ('steps', 'bind', 'authorize', 'apply')),
  student_id uuid references enroll.student,
  section text,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '10 minutes',
  opened_at timestamptz,
  opened_by uuid references enroll.session,
  check ((opened_at is null) = (opened_by is null))
);
create index handoff_guardian on enroll.handoff (guardian_id);
create index handoff_student on enroll.handoff (student_id) where student_id is not null;
create index handoff_opened_by on enroll.handoff (opened_by) where opened_by is not null;
create index handoff_created on enroll.handoff (created_at);
comment on table enroll.handoff is '换手机接着办的二维码：只说明要打开哪一步，不含登录，不给任何权限；十分钟内用一次';
comment on column enroll.handoff.id is '编号，第一部手机按此查看进展';
comment on column enroll.handoff.token_hash is '二维码里随机串的散列';
comment on column enroll.handoff.guardian_id is '家长编号；只有登录同一账号才能打开';
comment on column enroll.handoff.page is '要打开的页面';
comment on column enroll.handoff.student_id is '报名表的学生；空表示账号里的全部孩子';
comment on column enroll.handoff.section is '报名表的哪一页';
comment on column enroll.handoff.created_at is '出码时间';
comment on column enroll.handoff.expires_at is '过期时间，此后不能再打开';
comment on column enroll.handoff.opened_at is '另一部手机打开的时间；空表示还没有';
comment on column enroll.handoff.opened_by is '打开它的会话';

alter table enroll.wechat add column name text check (char_length(name) between 1 and 20);
comment on column enroll.wechat.name is '家长起的名字，例如妈妈的微信；空表示没有起';

reset role;
