-- Leaving for the province and coming back: WeChat's credentials for its script, renewed by one for all, and the one message
-- about a result that nobody looks at.

set role enroll_owner;

-- What WeChat lends the platform for a while. One row a kind; whoever finds it due takes the renewal upon himself under a
-- lease, and the others go on with what is there until it ends.
create table enroll.wechat_credential (
  kind text primary key check (kind in ('access_token', 'jsapi_ticket')),
  version uuid,
  value bytea,
  expires_at timestamptz,
  renew_at timestamptz,
  leased_until timestamptz,
  is_refused boolean not null default false,
  check (num_nonnulls(version, value, expires_at, renew_at) in (0, 4))
);
comment on table enroll.wechat_credential is '微信借给本平台的接口凭证，由一个线程代所有程序更新';
comment on column enroll.wechat_credential.kind is '种类：access_token 接口调用凭证，jsapi_ticket 网页脚本票据';
comment on column enroll.wechat_credential.version is '版本编号，凭证按此封存；空表示还没有取得';
comment on column enroll.wechat_credential.value is '凭证密文';
comment on column enroll.wechat_credential.expires_at is '到期时间';
comment on column enroll.wechat_credential.renew_at is '到这时就该更新，旧的用到到期为止';
comment on column enroll.wechat_credential.leased_until is '正在由某个线程更新，到何时为止';
comment on column enroll.wechat_credential.is_refused is '微信是否说过这一版不再有效';

alter table enroll.errand add column message_id uuid references enroll.outbox on delete set null;
comment on column enroll.errand.message_id is '结果不全又没有人看时要发的那条消息；看过或没有则为空';

reset role;
