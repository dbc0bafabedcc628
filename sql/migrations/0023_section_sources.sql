-- Which answers of a section stood as a licence had them when it was saved: when the licence is gone (an authorization taken back
-- or run out), the family is told which of its answers came from there.

set role enroll_owner;

alter table enroll.application_section add column sources text[] not null default '{}';
comment on column enroll.application_section.sources is '保存时与电子证照一致的字段；证照清除后据此提醒家长核对';

reset role;
