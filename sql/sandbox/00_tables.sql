-- The sandbox's own database: what it must remember to play the province, WeChat and a parent's phone. Made-up people only,
-- so nothing is sealed and nothing is worth keeping: `sandbox --migrate` builds the schema anew whenever a file here changes.
-- The role sandbox owns all of it.
drop schema if exists sandbox cascade;
create schema sandbox;
comment on schema sandbox is '演示沙盒：模拟个人数字空间、粤信签、电子证照和微信，只有虚构的人';

create table sandbox.family (
  guardian_id_no text primary key,
  guardian_name text not null,
  children jsonb not null default '[]',
  licenses jsonb,
  wards_linked jsonb,
  face text not null default 'self' check (face in ('self', 'other', 'fails')),
  level text not null default 'L2' check (level in ('L0', 'L1', 'L2', 'L3')),
  made_at timestamptz not null default now());
comment on table sandbox.family is '特意登记的家庭；没有登记的人什么证照都有，孩子也能关联';
comment on column sandbox.family.guardian_id_no is '家长身份证号码';
comment on column sandbox.family.guardian_name is '户籍登记的家长姓名';
comment on column sandbox.family.children is '孩子：[{name,id_no}]，姓名以此为准';
comment on column sandbox.family.licenses is '持有的证照：[{type,holder_id_no}]；空表示全部持有';
comment on column sandbox.family.wards_linked is '监护关系查得到的孩子号码；空表示都查得到';
comment on column sandbox.family.face is '人脸识别结果：本人、他人、失败';
comment on column sandbox.family.level is '粤信签实名等级';
comment on column sandbox.family.made_at is '登记时间';

create table sandbox.session (
  id uuid primary key default gen_random_uuid(),
  purpose text not null check (purpose in ('bind', 'authorize')),
  state text not null,
  return_url text not null,
  notify_url text not null,
  guardian_name text not null,
  guardian_id_no text not null,
  students jsonb not null,
  licenses jsonb not null,
  status text not null default 'created' check (status in ('created', 'identified', 'completed', 'denied')),
  subject jsonb,
  wards jsonb not null default '[]',
  claimed jsonb not null default '[]',
  authorization_code text unique,
  signed_at timestamptz,
  scope jsonb,
  notify_fault text,
  notify_delay_ms integer not null default 0,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '1 hour');
comment on table sandbox.session is '一次进入个人数字空间';
comment on column sandbox.session.id is '会话编号，也是打开地址的最后一段';
comment on column sandbox.session.purpose is '用途：绑定或授权';
comment on column sandbox.session.state is '平台给的关联值，原样带回';
comment on column sandbox.session.return_url is '办完后回到的地址';
comment on column sandbox.session.notify_url is '通知平台的地址';
comment on column sandbox.session.guardian_name is '平台给的家长姓名';
comment on column sandbox.session.guardian_id_no is '平台给的家长号码';
comment on column sandbox.session.students is '平台给的孩子：[{name,id_no}]';
comment on column sandbox.session.licenses is '平台要的证照种类：[type]';
comment on column sandbox.session.status is '状态，只向前走';
comment on column sandbox.session.subject is '通过人脸识别的人';
comment on column sandbox.session.wards is '已关联的孩子：[{name,id_no}]';
comment on column sandbox.session.claimed is '已申领的数据：[{type,holder_id_no}]';
comment on column sandbox.session.authorization_code is '签署后给平台的授权码';
comment on column sandbox.session.signed_at is '签署时间';
comment on column sandbox.session.scope is '签署的范围：[{type,holder_id_no}]';
comment on column sandbox.session.notify_fault is '这次会话的通知要出的故障；空表示还没有决定';
comment on column sandbox.session.notify_delay_ms is '通知故障的延迟毫秒数';
comment on column sandbox.session.created_at is '建立时间';
comment on column sandbox.session.expires_at is '过期时间';

create table sandbox.notice (
  event_id uuid primary key default gen_random_uuid(),
  session_id uuid not null references sandbox.session,
  status text not null,
  occurred_at timestamptz not null default clock_timestamp(),
  due_at timestamptz not null default clock_timestamp(),
  copies integer not null default 1,
  attempts integer not null default 0,
  done_at timestamptz);
create index notice_due on sandbox.notice (due_at) where done_at is null;
comment on table sandbox.notice is '要发给平台的通知，至少送达一次';
comment on column sandbox.notice.event_id is '事件编号，重发时不变';
comment on column sandbox.notice.session_id is '哪个会话';
comment on column sandbox.notice.status is '当时的状态';
comment on column sandbox.notice.occurred_at is '发生时间';
comment on column sandbox.notice.due_at is '下次发送时间';
comment on column sandbox.notice.copies is '还要送达几次';
comment on column sandbox.notice.attempts is '已经试过几次';
comment on column sandbox.notice.done_at is '送达或放弃的时间';

create table sandbox.access_token (
  token text primary key,
  expires_at timestamptz not null);
comment on table sandbox.access_token is '电子证照系统的登录令牌';
comment on column sandbox.access_token.token is '令牌';
comment on column sandbox.access_token.expires_at is '过期时间';

create table sandbox.license_request (
  authorization_code text not null,
  holder_id_no text not null,
  request_id text not null,
  primary key (authorization_code, holder_id_no));
comment on table sandbox.license_request is '授权码对每位持证人只认第一个请求编号，同一编号再来答复相同';
comment on column sandbox.license_request.authorization_code is '授权码';
comment on column sandbox.license_request.holder_id_no is '持证人号码';
comment on column sandbox.license_request.request_id is '第一个请求编号';

create table sandbox.license_grant (
  auth_code text primary key,
  session_id uuid not null references sandbox.session,
  type text not null,
  holder_id_no text not null,
  unique (session_id, type, holder_id_no));
comment on table sandbox.license_grant is '用证码：凭它取一份证照';
comment on column sandbox.license_grant.auth_code is '用证码';
comment on column sandbox.license_grant.session_id is '哪次签署';
comment on column sandbox.license_grant.type is '证照种类';
comment on column sandbox.license_grant.holder_id_no is '持证人号码';

create table sandbox.nonce (
  nonce text primary key,
  seen_at timestamptz not null default now());
comment on table sandbox.nonce is '网关签名里用过的随机数';
comment on column sandbox.nonce.nonce is '随机数';
comment on column sandbox.nonce.seen_at is '用的时间';

create table sandbox.wechat_code (
  code text primary key,
  openid text not null,
  is_snapshot boolean not null,
  made_at timestamptz not null default now(),
  used_at timestamptz);
comment on table sandbox.wechat_code is '微信网页授权的一次性代码';
comment on column sandbox.wechat_code.code is '代码';
comment on column sandbox.wechat_code.openid is '微信用户标识';
comment on column sandbox.wechat_code.is_snapshot is '是否快照页虚拟账号';
comment on column sandbox.wechat_code.made_at is '发出时间';
comment on column sandbox.wechat_code.used_at is '兑换时间';

create table sandbox.wechat_lent (
  value text primary key,
  kind text not null check (kind in ('access_token', 'ticket')),
  made_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null);
comment on table sandbox.wechat_lent is '微信借给平台的接口凭证和网页脚本票据，每次新发一行';
comment on column sandbox.wechat_lent.value is '凭证';
comment on column sandbox.wechat_lent.kind is '种类';
comment on column sandbox.wechat_lent.made_at is '发出时间';
comment on column sandbox.wechat_lent.expires_at is '过期时间';

create table sandbox.message (
  id bigint generated always as identity primary key,
  channel text not null,
  recipient text not null,
  text text not null,
  at timestamptz not null default clock_timestamp());
comment on table sandbox.message is '平台发出的短信和微信消息';
comment on column sandbox.message.id is '顺序';
comment on column sandbox.message.channel is '短信或微信';
comment on column sandbox.message.recipient is '手机号码或微信用户标识';
comment on column sandbox.message.text is '内容';
comment on column sandbox.message.at is '收到时间';

create table sandbox.fault (
  target text primary key,
  fault text not null,
  times integer,
  delay_ms integer not null);
comment on table sandbox.fault is '故障开关，对所有人有效';
comment on column sandbox.fault.target is '哪个接口';
comment on column sandbox.fault.fault is '什么故障';
comment on column sandbox.fault.times is '还剩几次；空表示直到关掉';
comment on column sandbox.fault.delay_ms is '延迟毫秒数';
