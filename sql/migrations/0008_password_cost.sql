-- What a hash cost, so that a sign-in can tell which costs are in use: a wrong password pays all of them, whoever it is for.

set role enroll_owner;

alter table enroll.password add column cost text generated always as (split_part(hash, '$', 3)) stored;
comment on column enroll.password.cost is '散列强度参数，取自 hash（如 ln=15,r=8,p=3）';
create index password_cost on enroll.password (cost) where until is null;

reset role;
