-- The house: roles, schemas, and the tables that more than one executable works on. Run as superuser; everything made
-- here belongs to enroll_owner, who cannot log in. Tables have no grants at all: doors (sql/doors) are the only way in.

do $$
declare
  r text;
begin
  if not exists (select from pg_roles where rolname = 'enroll_owner') then
    create role enroll_owner nologin;
  end if;
  foreach r in array array['register','session','wechat','recover','bind','license','enroll','content','courier',
                           'operator','report'] loop
    if not exists (select from pg_roles where rolname = 'enroll_' || r) then
      execute format('create role enroll_%s login', r);
    end if;
  end loop;
  -- A door answers in milliseconds; whatever takes longer is a fault and must not pile up.
  foreach r in array array['register','session','wechat','recover','bind','license','enroll','content'] loop
    execute format('alter role enroll_%s set statement_timeout = %L', r, '2s');
    execute format('alter role enroll_%s set lock_timeout = %L', r, '1500ms');
    execute format('alter role enroll_%s set idle_in_transaction_session_timeout = %L', r, '5s');
  end loop;
  foreach r in array array['register','session','wechat','recover','bind','license','enroll','content','courier',
                           'operator'] loop
    -- No statement, parameter or key value reaches the server's log.
    execute format('alter role enroll_%s set log_parameter_max_length = 0', r);
    execute format('alter role enroll_%s set log_parameter_max_length_on_error = 0', r);
    execute format('alter role enroll_%s set log_min_error_statement = panic', r);
    execute format('alter role enroll_%s set log_error_verbosity = terse', r);
  end loop;
  alter role enroll_courier set statement_timeout = '30s';
  alter role enroll_operator set statement_timeout = '60s';
  alter role enroll_report set statement_timeout = '60s';
  alter role enroll_report set default_transaction_read_only = on;
  execute format('revoke connect, temporary on database %I from public', current_database());
  foreach r in array array['register','session','wechat','recover','bind','license','enroll','content','courier',
                           'operator','report'] loop
    execute format('grant connect on database %I to enroll_%s', current_database(), r);
  end loop;
end $$;

revoke create on schema public from public;
alter default privileges for role enroll_owner revoke execute on functions from public;

alter schema enroll owner to enroll_owner;
create schema enroll_report authorization enroll_owner;
grant usage on schema enroll to enroll_register, enroll_session, enroll_wechat, enroll_recover, enroll_bind, enroll_license,
  enroll_enroll, enroll_content, enroll_courier, enroll_operator;
grant usage on schema enroll_report to enroll_report;
comment on schema enroll is '入学报名业务数据；各程序只能通过函数访问，不能直接读写表';
comment on schema enroll_report is '供数据库管理员查询的脱敏视图，版本号写在视图名里';

set role enroll_owner;

create table enroll.guardian (
  id uuid primary key,
  name text not null check (char_length(name) between 1 and 50),
  name_mask text not null,
  id_no bytea not null,
  id_no_index bytea not null,
  id_no_mask text not null,
  created_at timestamptz not null default now(),
  proven_at timestamptz,
  limited_since timestamptz,
  limited_device bytea,
  limited_wechat_id uuid,
  constraint guardian_taken unique (id_no_index)
);
comment on table enroll.guardian is '家长（账号持有人），每位家长一行';
comment on column enroll.guardian.id is '家长编号';
comment on column enroll.guardian.name is '家长姓名（规范化后）';
comment on column enroll.guardian.name_mask is '家长姓名掩码，供显示';
comment on column enroll.guardian.id_no is '身份证件号码密文';
comment on column enroll.guardian.id_no_index is '身份证件号码盲索引，用于查找和判重';
comment on column enroll.guardian.id_no_mask is '身份证件号码掩码，供显示';
comment on column enroll.guardian.created_at is '注册时间';
comment on column enroll.guardian.proven_at is '最近一次人脸核验成功的时间；空表示从未核验';
comment on column enroll.guardian.limited_since is '账号受限起始时间（凭四项信息找回之后）；空表示不受限';
comment on column enroll.guardian.limited_device is '发起找回的浏览器标记的散列';
comment on column enroll.guardian.limited_wechat_id is '发起找回时所在的、事先已关联的微信';

create table enroll.phone (
  id uuid primary key,
  guardian_id uuid not null references enroll.guardian,
  phone bytea not null,
  phone_index bytea not null,
  phone_mask text not null,
  via text not null check (via in ('register', 'recover', 'account', 'undo', 'operator')),
  device bytea,
  since timestamptz not null default now(),
  until timestamptz
);
create unique index phone_taken on enroll.phone (phone_index) where until is null;
create unique index phone_current on enroll.phone (guardian_id) where until is null;
comment on table enroll.phone is '家长手机号，只增不改；当前号码的截止时间为空';
comment on column enroll.phone.id is '编号，短信发送按此寻址';
comment on column enroll.phone.guardian_id is '家长编号';
comment on column enroll.phone.phone is '手机号密文';
comment on column enroll.phone.phone_index is '手机号盲索引';
comment on column enroll.phone.phone_mask is '手机号掩码，供显示';
comment on column enroll.phone.via is '来源：register 注册，recover 找回，account 登录后修改，undo 撤销，operator 人工';
comment on column enroll.phone.device is '设置该号码的浏览器标记的散列';
comment on column enroll.phone.since is '启用时间';
comment on column enroll.phone.until is '停用时间；空表示当前号码';

create table enroll.password (
  id uuid primary key default gen_random_uuid(),
  guardian_id uuid not null references enroll.guardian,
  hash text not null,
  via text not null check (via in ('register', 'recover', 'account', 'rehash', 'undo')),
  device bytea,
  since timestamptz not null default now(),
  until timestamptz
);
create unique index password_current on enroll.password (guardian_id) where until is null;
comment on table enroll.password is '登录密码散列，只增不改；当前密码的截止时间为空';
comment on column enroll.password.id is '编号';
comment on column enroll.password.guardian_id is '家长编号';
comment on column enroll.password.hash is 'scrypt 散列（PHC 字符串）';
comment on column enroll.password.via is '来源：register 注册，recover 找回，account 修改，rehash 参数升级，undo 撤销';
comment on column enroll.password.device is '设置该密码的浏览器标记的散列';
comment on column enroll.password.since is '启用时间';
comment on column enroll.password.until is '停用时间；空表示当前密码';

create table enroll.student (
  id uuid primary key,
  guardian_id uuid not null references enroll.guardian,
  name text not null check (char_length(name) between 1 and 50),
  name_mask text not null,
  id_no bytea not null,
  id_no_index bytea not null,
  id_no_mask text not null,
  birth_date date not null,
  is_female boolean not null,
  register_place text check (register_place in ('guangdong', 'other_province', 'hong_kong_macao_taiwan', 'foreign')),
  route text check (route in ('licences', 'materials', 'in_person')),
  binding_status text not null default 'none'
    check (binding_status in ('none', 'pending', 'bound', 'incomplete', 'expired', 'confirmed_by_hand', 'student_taken')),
  binding_id uuid,
  authorization_status text not null default 'none'
    check (authorization_status in ('none', 'pending', 'authorized', 'incomplete', 'expired', 'revoked', 'confirmed_by_hand')),
  authorization_id uuid,
  proven_at timestamptz,
  created_at timestamptz not null default now(),
  removed_at timestamptz
);
-- Until a binding proves the guardian, one child may stand on several accounts, but once on each; the proven one keeps it.
create unique index student_once on enroll.student (guardian_id, id_no_index) where removed_at is null;
create unique index student_taken on enroll.student (id_no_index) where proven_at is not null and removed_at is null;
create index student_child on enroll.student (id_no_index) where removed_at is null;
comment on table enroll.student is '学生；同一孩子在证明监护关系之前可出现在多位家长名下，每位家长名下一行';
comment on column enroll.student.id is '学生编号';
comment on column enroll.student.guardian_id is '家长编号';
comment on column enroll.student.name is '学生姓名（规范化后）';
comment on column enroll.student.name_mask is '学生姓名掩码';
comment on column enroll.student.id_no is '身份证件号码密文';
comment on column enroll.student.id_no_index is '身份证件号码盲索引';
comment on column enroll.student.id_no_mask is '身份证件号码掩码';
comment on column enroll.student.birth_date is '出生日期（由证件号码得出，视图只给年月）';
comment on column enroll.student.is_female is '是否女生（由证件号码得出）';
comment on column enroll.student.register_place is '户口所在地：guangdong 广东省，other_province 其他省，hong_kong_macao_taiwan 港澳台，foreign 外国';
comment on column enroll.student.route is '办理途径：licences 电子证照，materials 材料（到校核验），in_person 现场；空表示未选';
comment on column enroll.student.binding_status is '绑定学生信息的状态';
comment on column enroll.student.binding_id is '决定上述状态的绑定';
comment on column enroll.student.authorization_status is '电子证照授权的状态';
comment on column enroll.student.authorization_id is '决定上述状态的授权';
comment on column enroll.student.proven_at is '监护关系得到证明的时间（绑定成功或人工确认）；空表示未证明';
comment on column enroll.student.created_at is '登记时间';
comment on column enroll.student.removed_at is '家长移除的时间；空表示在册';

create table enroll.consent (
  id uuid primary key default gen_random_uuid(),
  guardian_id uuid not null references enroll.guardian,
  student_id uuid references enroll.student,
  version text not null,
  given_at timestamptz not null default now()
);
comment on table enroll.consent is '监护人对处理未满十四周岁儿童个人信息的单独同意，每个孩子一行';
comment on column enroll.consent.id is '编号';
comment on column enroll.consent.guardian_id is '家长编号';
comment on column enroll.consent.student_id is '学生编号';
comment on column enroll.consent.version is '同意书版本';
comment on column enroll.consent.given_at is '同意时间';

create table enroll.wechat (
  id uuid primary key,
  guardian_id uuid not null references enroll.guardian,
  openid bytea not null,
  openid_index bytea not null,
  is_automatic boolean not null default true,
  linked_at timestamptz not null default now(),
  unlinked_at timestamptz
);
create unique index wechat_linked on enroll.wechat (openid_index) where unlinked_at is null;
create index wechat_guardian on enroll.wechat (guardian_id) where unlinked_at is null;
comment on table enroll.wechat is '与账号关联的微信，一个账号最多三个';
comment on column enroll.wechat.id is '编号，微信消息按此寻址';
comment on column enroll.wechat.guardian_id is '家长编号';
comment on column enroll.wechat.openid is 'openid 密文';
comment on column enroll.wechat.openid_index is 'openid 盲索引';
comment on column enroll.wechat.is_automatic is '是否自动登录；退出登录后停用，到下次用密码登录为止';
comment on column enroll.wechat.linked_at is '关联时间';
comment on column enroll.wechat.unlinked_at is '解除关联时间；空表示关联中';

create table enroll.wechat_visit (
  token_hash bytea primary key,
  state_hash bytea not null,
  next_path text not null,
  code_hash bytea,
  openid bytea,
  openid_index bytea,
  wechat_row uuid,
  is_virtual boolean not null default false,
  seen_at timestamptz,
  expires_at timestamptz not null
);
create index wechat_visit_expiry on enroll.wechat_visit (expires_at);
comment on table enroll.wechat_visit is '浏览器的一次微信到访（十分钟有效），保存 state 和刚看到的微信';
comment on column enroll.wechat_visit.token_hash is '__Host-wechat 的散列';
comment on column enroll.wechat_visit.state_hash is '发给微信的 state 的散列';
comment on column enroll.wechat_visit.next_path is '登录后要去的本站路径';
comment on column enroll.wechat_visit.code_hash is '已兑换的 code 的散列，用于识别重复回调';
comment on column enroll.wechat_visit.openid is '看到的 openid 密文（按 wechat_row 封存）';
comment on column enroll.wechat_visit.openid_index is '看到的 openid 盲索引';
comment on column enroll.wechat_visit.wechat_row is '预先生成的关联编号，openid 按此封存';
comment on column enroll.wechat_visit.is_virtual is '是否微信虚拟账号（快照页），永不关联';
comment on column enroll.wechat_visit.seen_at is '看到微信的时间';
comment on column enroll.wechat_visit.expires_at is '失效时间';

create table enroll.session (
  id uuid primary key default gen_random_uuid(),
  token_hash bytea not null unique,
  guardian_id uuid not null references enroll.guardian,
  device bytea,
  device_name text not null default '',
  wechat_id uuid references enroll.wechat,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  ended_at timestamptz,
  ended_by text
);
create index session_guardian on enroll.session (guardian_id) where ended_at is null;
comment on table enroll.session is '登录会话';
comment on column enroll.session.id is '会话编号';
comment on column enroll.session.token_hash is '__Host-session 的散列';
comment on column enroll.session.guardian_id is '家长编号';
comment on column enroll.session.device is '浏览器标记（__Host-device）的散列';
comment on column enroll.session.device_name is '设备名称（由浏览器标识概括）';
comment on column enroll.session.wechat_id is '在哪个微信里登录；空表示微信之外';
comment on column enroll.session.created_at is '登录时间';
comment on column enroll.session.last_seen_at is '最近使用时间，最多每五分钟记一次';
comment on column enroll.session.ended_at is '结束时间；空表示未结束';
comment on column enroll.session.ended_by is '结束原因：sign_out、recover、lifted 等';

create table enroll.device (
  guardian_id uuid not null references enroll.guardian,
  device bytea not null,
  first_at timestamptz not null default now(),
  primary key (guardian_id, device)
);
comment on table enroll.device is '登录过某账号的浏览器，猜测限制另计，账号持有人不会被他人锁在门外';
comment on column enroll.device.guardian_id is '家长编号';
comment on column enroll.device.device is '浏览器标记的散列';
comment on column enroll.device.first_at is '第一次登录时间';

create table enroll.guess (
  kind text not null,
  key bytea not null,
  since timestamptz not null default now(),
  count int not null default 0,
  next_at timestamptz,
  primary key (kind, key)
);
comment on table enroll.guess is '猜测计数：先记一次再判断，成功后退回自己的一次';
comment on column enroll.guess.kind is '猜测对象的类别：phone、child、guardian、device、wechat、address';
comment on column enroll.guess.key is '猜测对象的盲索引或散列，不论其是否存在';
comment on column enroll.guess.since is '本计数周期开始时间';
comment on column enroll.guess.count is '周期内次数';
comment on column enroll.guess.next_at is '下一次允许的时间';

create table enroll.idempotency (
  route text not null,
  caller bytea not null,
  key text not null,
  fingerprint bytea not null,
  answer jsonb,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (route, caller, key)
);
create index idempotency_age on enroll.idempotency (started_at);
comment on table enroll.idempotency is '请求幂等键，只记成功，保存二十四小时';
comment on column enroll.idempotency.route is '接口';
comment on column enroll.idempotency.caller is '调用者：会话的家长编号或空串';
comment on column enroll.idempotency.key is '幂等键（Idempotency-Key 请求头）';
comment on column enroll.idempotency.fingerprint is '请求体的 HMAC';
comment on column enroll.idempotency.answer is '成功时的应答';
comment on column enroll.idempotency.started_at is '开始时间';
comment on column enroll.idempotency.finished_at is '完成时间；空表示进行中';

create table enroll.audit (
  id bigint generated always as identity primary key,
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz not null default clock_timestamp(),
  role text not null default session_user,
  ref text not null,
  action text not null,
  outcome text not null,
  guardian_id uuid,
  student_id uuid,
  detail jsonb not null default '{}'
);
create index audit_xid on enroll.audit (xid, id);
create index audit_guardian on enroll.audit (guardian_id, at);
create index audit_ref on enroll.audit (ref);
comment on table enroll.audit is '审计记录，每次尝试一行，只增不改；由信使成批串链';
comment on column enroll.audit.id is '编号';
comment on column enroll.audit.xid is '写入事务号，串链按此排序';
comment on column enroll.audit.at is '时间';
comment on column enroll.audit.role is '写入的数据库角色';
comment on column enroll.audit.ref is '求助编号';
comment on column enroll.audit.action is '动作';
comment on column enroll.audit.outcome is '结果代码';
comment on column enroll.audit.guardian_id is '家长编号';
comment on column enroll.audit.student_id is '学生编号';
comment on column enroll.audit.detail is '不含个人信息的细节';

create table enroll.audit_chain (
  audit_id bigint primary key references enroll.audit,
  seq bigint not null unique,
  hash bytea not null
);
comment on table enroll.audit_chain is '审计链：每行的散列覆盖上一行散列和对应审计记录';
comment on column enroll.audit_chain.audit_id is '审计记录编号';
comment on column enroll.audit_chain.seq is '链上序号，连续';
comment on column enroll.audit_chain.hash is 'SHA-256(上一散列 || 本记录)';

create table enroll.outbox (
  id uuid primary key default gen_random_uuid(),
  template text not null,
  phone_id uuid references enroll.phone,
  wechat_id uuid references enroll.wechat,
  token bytea,
  created_at timestamptz not null default now(),
  next_at timestamptz not null default now(),
  tries int not null default 0,
  delivered_at timestamptz,
  failed text,
  check (num_nonnulls(phone_id, wechat_id) = 1)
);
create index outbox_due on enroll.outbox (next_at) where delivered_at is null and failed is null;
comment on table enroll.outbox is '待发消息：模板加收件人，不含正文';
comment on column enroll.outbox.id is '编号';
comment on column enroll.outbox.template is '模板名';
comment on column enroll.outbox.phone_id is '收件手机号';
comment on column enroll.outbox.wechat_id is '收件微信';
comment on column enroll.outbox.token is '撤销链接令牌密文（仅部分模板）';
comment on column enroll.outbox.created_at is '产生时间';
comment on column enroll.outbox.next_at is '下次发送时间';
comment on column enroll.outbox.tries is '已尝试次数';
comment on column enroll.outbox.delivered_at is '送达时间';
comment on column enroll.outbox.failed is '最终失败原因';

create table enroll.heartbeat (
  name text primary key,
  at timestamptz not null
);
comment on table enroll.heartbeat is '后台程序的心跳，供 enrollctl check 查看';
comment on column enroll.heartbeat.name is '程序名';
comment on column enroll.heartbeat.at is '最近心跳时间';

create table enroll.season (
  year int primary key,
  register_from timestamptz not null,
  opens_at timestamptz not null,
  closes_at timestamptz not null,
  birth_from date not null,
  birth_to date not null,
  check (register_from <= opens_at and opens_at < closes_at and birth_from < birth_to)
);
comment on table enroll.season is '招生季，年份最大的一行为当前招生季';
comment on column enroll.season.year is '入学年份';
comment on column enroll.season.register_from is '开放注册、绑定、授权和草稿的时间';
comment on column enroll.season.opens_at is '开始提交报名的时间';
comment on column enroll.season.closes_at is '截止时间';
comment on column enroll.season.birth_from is '适龄出生日期起（含）';
comment on column enroll.season.birth_to is '适龄出生日期止（含）';

-- One application a student row; the child's index stands on it so that a child has one submitted application at most.
create table enroll.application (
  id uuid primary key default gen_random_uuid(),
  student_id uuid not null unique references enroll.student,
  guardian_id uuid not null references enroll.guardian,
  child_index bytea not null,
  year int not null references enroll.season,
  status text not null default 'draft' check (status in
    ('draft', 'submitted', 'returned', 'accepted', 'admitted', 'not_admitted', 'withdrawn', 'student_taken')),
  version int not null default 0,
  receipt_no text unique,
  verify_in_person boolean not null default false,
  submitted_at timestamptz,
  updated_at timestamptz not null default now()
);
create unique index application_child_taken on enroll.application (child_index, year)
  where status in ('submitted', 'accepted', 'admitted', 'not_admitted');
comment on table enroll.application is '报名';
comment on column enroll.application.id is '编号';
comment on column enroll.application.student_id is '学生编号';
comment on column enroll.application.guardian_id is '家长编号';
comment on column enroll.application.child_index is '学生证件号码盲索引，保证一个孩子只有一份已提交的报名';
comment on column enroll.application.year is '入学年份';
comment on column enroll.application.status is '状态：draft 草稿，submitted 已提交，returned 退回修改，accepted 审核通过，admitted 录取，not_admitted 未录取，withdrawn 已撤回，student_taken 已由其他家长证明';
comment on column enroll.application.version is '版本，每保存一次加一';
comment on column enroll.application.receipt_no is '报名回执号';
comment on column enroll.application.verify_in_person is '是否须到校核验';
comment on column enroll.application.submitted_at is '提交时间';
comment on column enroll.application.updated_at is '最近修改时间';

reset role;
