-- Who refers to a row is looked for whenever one goes: an account that is erased, a message that is not needed any more. Without
-- an index each of these reads a table whole, for every row. And what an account had before is looked up by the account as well.
set role enroll_owner;

create index application_family on enroll.application (guardian_id);
create index consent_guardian on enroll.consent (guardian_id);
create index consent_student on enroll.consent (student_id);
create index errand_message on enroll.errand (message_id) where message_id is not null;
create index license_student on enroll.license (student_id) where student_id is not null;
create index license_family on enroll.license (guardian_id);
create index license_request_student on enroll.license_request (student_id) where student_id is not null;
create index outbox_phone on enroll.outbox (phone_id) where phone_id is not null;
create index outbox_wechat on enroll.outbox (wechat_id) where wechat_id is not null;
create index password_guardian on enroll.password (guardian_id);
create index phone_guardian on enroll.phone (guardian_id);
create index signing_family on enroll.signing (guardian_id);
create index student_guardian on enroll.student (guardian_id);
create index undo_password on enroll.undo (password_id) where password_id is not null;
create index undo_phone on enroll.undo (phone_id) where phone_id is not null;
create index wechat_family on enroll.wechat (guardian_id);

-- These served a part of what their successors serve.
drop index enroll.signing_guardian;
drop index enroll.wechat_guardian;
drop index enroll.session_guardian;
create index session_guardian on enroll.session (guardian_id);

reset role;
