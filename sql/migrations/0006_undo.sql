-- The way back from a change of password or phone (这不是我), and when an account was last proven beyond doubt.

set role enroll_owner;

create table enroll.undo (
  id bigint generated always as identity primary key,
  guardian_id uuid not null references enroll.guardian,
  token_hash bytea not null unique,
  phone_id uuid references enroll.phone,
  password_id uuid references enroll.password,
  links uuid[] not null,
  automatic uuid[] not null,
  made_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '72 hours',
  ended_at timestamptz
);
create index undo_guardian on enroll.undo (guardian_id, id);
comment on table enroll.undo is '“这不是我”撤销链接，每次更改密码或手机号一行，保存更改之前的状态；七十二小时内有效，只能用一次';
comment on column enroll.undo.id is '编号，即更改的先后';
comment on column enroll.undo.guardian_id is '家长编号';
comment on column enroll.undo.token_hash is '链接令牌的散列';
comment on column enroll.undo.phone_id is '更改之前的手机号；空表示当时没有';
comment on column enroll.undo.password_id is '更改之前的密码；空表示当时没有';
comment on column enroll.undo.links is '更改之前关联的微信';
comment on column enroll.undo.automatic is '其中会自动登录的';
comment on column enroll.undo.made_at is '更改时间';
comment on column enroll.undo.expires_at is '失效时间';
comment on column enroll.undo.ended_at is '用过或作废的时间；空表示仍可使用';

alter table enroll.guardian add column settled_at timestamptz;
comment on column enroll.guardian.settled_at is '最近一次确认是本人的时间：人脸核验后由发起的浏览器带回一次性代码，或现场核实；此前的撤销链接全部作废';

reset role;
