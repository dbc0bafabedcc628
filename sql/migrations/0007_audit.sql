-- The audit trail in depth: what was anchored outside the database, and what a pruning leaves. And a log of every attempt to
-- deliver a message.

set role enroll_owner;

create table enroll.audit_anchor (
  seq bigint primary key,
  hash bytea not null,
  at timestamptz not null default clock_timestamp()
);
comment on table enroll.audit_anchor is '已写进锚点文件（和系统日志）的链头；锚点文件被截短时由此发现';
comment on column enroll.audit_anchor.seq is '链上序号';
comment on column enroll.audit_anchor.hash is '该序号的散列';
comment on column enroll.audit_anchor.at is '写入锚点文件的时间';

create table enroll.audit_checkpoint (
  seq bigint primary key,
  hash bytea not null,
  first_seq bigint not null unique,
  last_at timestamptz not null,
  pruned_at timestamptz not null default clock_timestamp(),
  check (first_seq <= seq)
);
comment on table enroll.audit_checkpoint is '到期清理审计记录后留下的检查点：链从它的散列接着验证';
comment on column enroll.audit_checkpoint.seq is '清理掉的最后一行的链上序号';
comment on column enroll.audit_checkpoint.hash is '该行的散列';
comment on column enroll.audit_checkpoint.first_seq is '清理掉的第一行的链上序号；各检查点首尾相接';
comment on column enroll.audit_checkpoint.last_at is '清理掉的记录中最晚的时间';
comment on column enroll.audit_checkpoint.pruned_at is '清理时间';

create table enroll.delivery (
  id bigint generated always as identity primary key,
  outbox_id uuid not null references enroll.outbox on delete cascade,
  attempt int not null,
  channel text not null check (channel in ('sms', 'wechat')),
  at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  outcome text,
  check ((outcome is null) = (finished_at is null))
);
create unique index delivery_under_way on enroll.delivery (outbox_id) where outcome is null;
create index delivery_message on enroll.delivery (outbox_id, id);
create index delivery_time on enroll.delivery (at);
comment on table enroll.delivery is '消息的发送记录，每次尝试一行';
comment on column enroll.delivery.id is '编号';
comment on column enroll.delivery.outbox_id is '消息编号';
comment on column enroll.delivery.attempt is '第几次尝试';
comment on column enroll.delivery.channel is '渠道：sms 短信，wechat 微信';
comment on column enroll.delivery.at is '开始时间';
comment on column enroll.delivery.finished_at is '结束时间；空表示正在发送';
comment on column enroll.delivery.outcome is '结果：delivered 送达，no_answer 网关没有应答，http_NNN 网关拒绝，errcode_N 网关报错，not_follower 未关注公众号，not_makeable 无法生成，lost 信使中断、可能已送达（下一次可能重复）';

alter table enroll.heartbeat add column started_at timestamptz;
comment on column enroll.heartbeat.started_at is '程序启动时间';

reset role;
