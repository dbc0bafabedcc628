-- An account that its guardian has asked to close is erased after seven days, unless he signs in before.

set role enroll_owner;

alter table enroll.guardian add column closing_at timestamptz;
comment on column enroll.guardian.closing_at is '家长申请注销后，删除全部资料的时间；此前登录即取消；空表示没有申请';
create index guardian_closing on enroll.guardian (closing_at) where closing_at is not null;

reset role;
