-- A link of 这不是我 is worth an account for three days: what has been delivered, or given up, keeps none.
set role enroll_owner;

update enroll.outbox set token = null where token is not null and num_nonnulls(delivered_at, failed) > 0;
comment on column enroll.outbox.token is '撤销链接令牌或验证码的密文（仅部分模板）；送达、放弃或过期后清空';

reset role;
