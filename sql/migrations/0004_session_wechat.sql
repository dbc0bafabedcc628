-- Signing out asks in which WeChats a browser was signed in before.

set role enroll_owner;

create index session_wechat on enroll.session (wechat_id) where wechat_id is not null;

reset role;
