-- The province's side: a family's errands in the digital space (the table of work), what the space said of them, the
-- signings that came out, and the licences fetched under those. One shape serves both steps: purpose bind and authorize.

set role enroll_owner;

create table enroll.errand (
  id uuid primary key,
  purpose text not null check (purpose in ('bind', 'authorize')),
  guardian_id uuid not null references enroll.guardian,
  device bytea not null,
  state_hash bytea not null unique,
  code_hash bytea not null unique,
  status text not null default 'launching'
    check (status in ('launching', 'failed', 'pending', 'completed', 'denied', 'expired')),
  provider_session text unique,
  launch_url text,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  finished_at timestamptz,
  -- The table of work.
  next_at timestamptz,
  leased_until timestamptz,
  asks int not null default 0,
  faults int not null default 0,
  waiting_since timestamptz,
  polled_at timestamptz,
  returned_at timestamptz,
  -- What the space said last.
  provider_status text not null default 'created'
    check (provider_status in ('created', 'identified', 'completed', 'denied', 'expired')),
  subject_is_guardian boolean not null default false,
  subject_name text check (char_length(subject_name) between 1 and 50),
  subject_name_mask text,
  subject_level int not null default 0 check (subject_level between 0 and 3),
  verified_at timestamptz
);
create index errand_due on enroll.errand (next_at) where status = 'pending';
create index errand_open on enroll.errand (guardian_id, purpose) where status in ('launching', 'pending');
create index errand_guardian on enroll.errand (guardian_id, created_at);
comment on table enroll.errand is '家长到个人数字空间办理的一次事项（绑定或授权），也是后台询问的工作表';
comment on column enroll.errand.id is '编号，即绑定编号或授权编号';
comment on column enroll.errand.purpose is '事项：bind 绑定学生信息，authorize 电子证照授权';
comment on column enroll.errand.guardian_id is '家长编号';
comment on column enroll.errand.device is '发起办理的浏览器标记的散列';
comment on column enroll.errand.state_hash is '交给数字空间的 state 的散列';
comment on column enroll.errand.code_hash is '返回网址中一次性代码的散列';
comment on column enroll.errand.status is '状态：launching 正在发起，failed 未能发起，pending 办理中，completed 完成，denied 拒绝，expired 过期';
comment on column enroll.errand.provider_session is '数字空间的会话编号';
comment on column enroll.errand.launch_url is '办理入口网址';
comment on column enroll.errand.created_at is '发起时间';
comment on column enroll.errand.expires_at is '数字空间给出的失效时间';
comment on column enroll.errand.finished_at is '有最终结果的时间';
comment on column enroll.errand.next_at is '下一次询问的时间；空表示不再询问';
comment on column enroll.errand.leased_until is '被某个询问线程取走到何时为止';
comment on column enroll.errand.asks is '已询问次数';
comment on column enroll.errand.faults is '连续询问失败次数';
comment on column enroll.errand.waiting_since is '家长最近一次开始等待的时间，决定询问的快慢';
comment on column enroll.errand.polled_at is '家长页面最近一次查询的时间（约五秒记一次）';
comment on column enroll.errand.returned_at is '发起的浏览器带回一次性代码的时间';
comment on column enroll.errand.provider_status is '数字空间最近一次给出的状态，只向前走';
comment on column enroll.errand.subject_is_guardian is '人脸核验的人证件号码是否与家长一致';
comment on column enroll.errand.subject_name is '人脸核验的人的登记姓名（号码一致时才保存）';
comment on column enroll.errand.subject_name_mask is '登记姓名的掩码';
comment on column enroll.errand.subject_level is '粤信签等级 0 至 3';
comment on column enroll.errand.verified_at is '人脸核验的时间';

create table enroll.errand_student (
  errand_id uuid not null references enroll.errand,
  student_id uuid not null references enroll.student,
  is_ward boolean not null default false,
  register_name text check (char_length(register_name) between 1 and 50),
  register_name_mask text,
  claimed text[] not null default '{}',
  status text not null default 'pending' check (status in ('pending', 'bound', 'authorized', 'incomplete')),
  missing text[] not null default '{}',
  primary key (errand_id, student_id)
);
create index errand_student_student on enroll.errand_student (student_id);
comment on table enroll.errand_student is '一次事项中的每个学生及其结果';
comment on column enroll.errand_student.errand_id is '事项编号';
comment on column enroll.errand_student.student_id is '学生编号';
comment on column enroll.errand_student.is_ward is '是否在被监护人之列（按号码）';
comment on column enroll.errand_student.register_name is '学生的登记姓名';
comment on column enroll.errand_student.register_name_mask is '登记姓名的掩码';
comment on column enroll.errand_student.claimed is '已申领的证照类型';
comment on column enroll.errand_student.status is '结果：pending 办理中，bound 已绑定，authorized 已授权，incomplete 未完成';
comment on column enroll.errand_student.missing is '缺少的内容的代码';

create table enroll.provider_nonce (
  nonce_hash bytea primary key,
  seen_at timestamptz not null default now()
);
create index provider_nonce_age on enroll.provider_nonce (seen_at);
comment on table enroll.provider_nonce is '数字空间通知中见过的 nonce，防重放，保留一小时';
comment on column enroll.provider_nonce.nonce_hash is 'nonce 的散列';
comment on column enroll.provider_nonce.seen_at is '见到的时间';

create table enroll.provider_event (
  event_id text primary key check (char_length(event_id) between 1 and 200),
  errand_id uuid not null references enroll.errand,
  seen_at timestamptz not null default now()
);
create index provider_event_errand on enroll.provider_event (errand_id);
comment on table enroll.provider_event is '数字空间通知的事件，同一事件只提示一次';
comment on column enroll.provider_event.event_id is '事件编号';
comment on column enroll.provider_event.errand_id is '事项编号';
comment on column enroll.provider_event.seen_at is '收到的时间';

create table enroll.signing (
  id uuid primary key,
  errand_id uuid not null unique references enroll.errand,
  guardian_id uuid not null references enroll.guardian,
  code bytea,
  signed_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz
);
create index signing_guardian on enroll.signing (guardian_id) where revoked_at is null;
comment on table enroll.signing is '家长签署的一次证照授权';
comment on column enroll.signing.id is '编号，授权码按此封存';
comment on column enroll.signing.errand_id is '事项编号';
comment on column enroll.signing.guardian_id is '家长编号';
comment on column enroll.signing.code is '授权码密文；撤销后清除';
comment on column enroll.signing.signed_at is '签署时间';
comment on column enroll.signing.expires_at is '授权到期时间';
comment on column enroll.signing.revoked_at is '撤销时间；空表示有效';

-- One row a holder and signing: its id is the request_id of the e-license system, committed before the call. student_id
-- null means the guardian.
create table enroll.license_request (
  id uuid primary key default gen_random_uuid(),
  signing_id uuid not null references enroll.signing,
  student_id uuid references enroll.student,
  types text[] not null,
  status text not null default 'due' check (status in ('due', 'done', 'failed')),
  next_at timestamptz not null default now(),
  leased_until timestamptz,
  tries int not null default 0,
  created_at timestamptz not null default now(),
  constraint license_request_once unique nulls not distinct (signing_id, student_id)
);
create index license_request_due on enroll.license_request (next_at) where status = 'due';
comment on table enroll.license_request is '向电子证照系统的取证请求，每次签署每个持证人一行，也是后台取证的工作表';
comment on column enroll.license_request.id is '编号，即 request_id，先提交后调用，崩溃后沿用';
comment on column enroll.license_request.signing_id is '签署编号';
comment on column enroll.license_request.student_id is '持证学生；空表示家长本人';
comment on column enroll.license_request.types is '签署的证照类型';
comment on column enroll.license_request.status is '状态：due 待取，done 已取，failed 不再重试';
comment on column enroll.license_request.next_at is '下一次取证的时间';
comment on column enroll.license_request.leased_until is '被某个线程取走到何时为止';
comment on column enroll.license_request.tries is '已尝试次数';
comment on column enroll.license_request.created_at is '产生时间';

create table enroll.license (
  id uuid primary key,
  request_id uuid not null references enroll.license_request,
  signing_id uuid not null references enroll.signing,
  guardian_id uuid not null references enroll.guardian,
  student_id uuid references enroll.student,
  type text not null check (type in ('household_register', 'real_estate', 'birth_certificate', 'identity_credential')),
  state text not null
    check (state in ('fetched', 'consent_withdrawn', 'license_not_held', 'license_unreadable', 'register_unavailable')),
  data bytea,
  number_mask text,
  issued_on date,
  fetched_at timestamptz not null default now(),
  erased_at timestamptz,
  constraint license_has_data check ((state = 'fetched' and erased_at is null) = (data is not null))
);
create index license_guardian on enroll.license (guardian_id, type) where erased_at is null;
create index license_signing on enroll.license (signing_id);
create index license_request_licenses on enroll.license (request_id);
comment on table enroll.license is '按授权取得的电子证照，或取不到的原因';
comment on column enroll.license.id is '编号，内容按此封存';
comment on column enroll.license.request_id is '取证请求编号';
comment on column enroll.license.signing_id is '签署编号';
comment on column enroll.license.guardian_id is '家长编号';
comment on column enroll.license.student_id is '持证学生；空表示家长本人';
comment on column enroll.license.type is '类型：household_register 居民户口簿，real_estate 不动产权证，birth_certificate 出生医学证明，identity_credential 居民身份电子凭证';
comment on column enroll.license.state is '结果：fetched 已取得，consent_withdrawn 授权已撤回，license_not_held 未申领，license_unreadable 无法读取，register_unavailable 系统暂不可用';
comment on column enroll.license.data is '证照内容密文（JSON：number、holder_name、issuer、issued_on、fields）；撤销后清除';
comment on column enroll.license.number_mask is '证照号码掩码';
comment on column enroll.license.issued_on is '签发日期';
comment on column enroll.license.fetched_at is '取得时间';
comment on column enroll.license.erased_at is '清除内容的时间';

reset role;
