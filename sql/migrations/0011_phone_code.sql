-- Codes that prove a phone: what was sent to which number for what, and messages to a number that is no account's yet.

set role enroll_owner;

create table enroll.phone_code (
  purpose text not null check (purpose in ('register', 'account', 'recover')),
  phone_index bytea not null,
  code_hash bytea not null,
  tries int not null default 0,
  expires_at timestamptz not null default now() + interval '10 minutes',
  primary key (purpose, phone_index)
);
create index phone_code_expiry on enroll.phone_code (expires_at);
comment on table enroll.phone_code is '短信验证码，每个号码每种用途最多一行，十分钟有效；用过即删';
comment on column enroll.phone_code.purpose is '用途：register 注册，account 登录后修改手机号，recover 凭资料修改手机号';
comment on column enroll.phone_code.phone_index is '手机号盲索引';
comment on column enroll.phone_code.code_hash is '用途、手机号和验证码的 HMAC，密钥不在数据库里';
comment on column enroll.phone_code.tries is '输错的次数，满五次作废';
comment on column enroll.phone_code.expires_at is '失效时间';

alter table enroll.outbox add column phone bytea;
alter table enroll.outbox add column expires_at timestamptz;
alter table enroll.outbox drop constraint outbox_check;
-- A message to a bare number forgets it when there is nothing left to send.
alter table enroll.outbox add constraint outbox_recipient check (
  num_nonnulls(phone_id, wechat_id, phone) = 1
  or num_nonnulls(phone_id, wechat_id, phone, token) = 0 and num_nonnulls(delivered_at, failed) > 0);
create index outbox_expiry on enroll.outbox (expires_at) where phone is not null;
comment on column enroll.outbox.phone is '收件手机号密文（按本行编号封存），仅用于验证码：号码可能还没有账号；发出或过期后清空';
comment on column enroll.outbox.expires_at is '此后不再发送；空表示不限';
comment on column enroll.outbox.token is '撤销链接令牌或验证码的密文（仅部分模板）；验证码发出或过期后清空';
comment on column enroll.guess.kind is '猜测对象的类别：phone、child、guardian、device、wechat、address；code_ 开头的是验证码的发送次数';

reset role;
