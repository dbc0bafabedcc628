-- What the desk does: confirm a guardian in person, remove an account that nobody has proven. And: nothing of it stays behind.
begin;
\ir support/account.psql

create function pg_temp.confirm(p_word text, p_seen text default null) returns text language sql as $$
  select c.code from enroll.operator_account_find(pg_temp.b('guardian ' || p_word), null) f,
    enroll.operator_account_confirm(f.id, coalesce(p_seen, f.seen), 'seen at the desk') c
$$;
create function pg_temp.remove(p_word text) returns text language sql as $$
  select enroll.operator_account_remove((select id from enroll.guardian where id_no_index = pg_temp.b('guardian ' || p_word)), 'not his number')
$$;

-- Found by number or by phone, shown in masks.
select is(code, 'created', 'a family') from pg_temp.register('a');
select is(f.code || f.name || f.phone, 'okG**138****0000', 'an account is found by number') from enroll.operator_account_find(pg_temp.b('guardian a'), null) f;
select is(f.code, 'ok', 'and by phone') from enroll.operator_account_find(null, pg_temp.b('phone a')) f;
select is(f.code, 'not_found', 'an unknown one is not') from enroll.operator_account_find(pg_temp.b('guardian x'), pg_temp.b('phone x')) f;
select is(f.code, 'not_found', 'nor is none') from enroll.operator_account_find(null, null) f;

-- Confirmed in person: the last recovery's browser is the owner's, what others have set is void.
select is(code, 'ok', 'a stranger takes the phone') from pg_temp.change_phone('a', p_new => 'thief', p_device => 'thief', p_undo => 'link');
select is(code, 'ok', 'the owner recovers, at the desk') from pg_temp.recover('a', 'owner', p_device => 'owner');
select f.seen from enroll.operator_account_find(pg_temp.b('guardian a'), null) f \gset
select is(code, 'ok', 'the stranger recovers at the same moment') from pg_temp.recover('a', 'thief', p_device => 'thief');
select is(pg_temp.confirm('a', :'seen'), 'wrong_state', 'what the operator saw is not so any more');
select is(s.is_limited, true, 'nothing has changed') from pg_temp.state('a') s;
select is(code, 'ok', 'the owner recovers again') from pg_temp.recover('a', 'owner 2', p_device => 'owner');
select is(pg_temp.confirm('a'), 'ok', 'and is confirmed');
select is(s, row(pg_temp.b('phone a'), 'new hash'::text, '{}'::bytea[], false)::record, 'the phone is back, the own password stays, no limit')
  from pg_temp.state('a') s;
select is((enroll.session_get(pg_temp.b(t), 'r')).code, c, t || ' is ' || c) from (values ('owner 2', 'ok'), ('thief', 'not_signed_in')) v (t, c);
select is(pg_temp.undo('link'), 'not_found', 'older links are void');
select is((select count(*)::int from enroll.audit where action = 'confirm_in_person' and outcome = 'ok' and detail ->> 'reason' = 'seen at the desk'), 1,
  'it is on record, with its reason');
select is(code, 'created', 'a family that was never limited') from pg_temp.register('b');
select is(pg_temp.confirm('b'), 'ok', 'is confirmed too');
select ok(not enroll.account_is_old_phone_needed(id), 'and may change its phone without the old one') from enroll.guardian
 where id_no_index = pg_temp.b('guardian b');

-- Removed: only what nobody has proven and nobody has decided.
select is(pg_temp.remove('x'), 'not_found', 'what is not there is not removed');
select is(pg_temp.remove('a'), 'forbidden', 'an account whose guardian was seen is not removed');
select is(code, 'created', 'an account under somebody''s number') from pg_temp.register('c');
update enroll.student set proven_at = now() where id_no_index = pg_temp.b('student c');
select is(pg_temp.remove('c'), 'forbidden', 'nor one with a proven child');
update enroll.student set proven_at = null where id_no_index = pg_temp.b('student c');
select s.id as student, s.guardian_id as guardian from enroll.student s where s.id_no_index = pg_temp.b('student c') \gset
insert into enroll.application (student_id, guardian_id, child_index, year, status) values (:'student', :'guardian', '\x00', 2999, 'accepted');
select is(pg_temp.remove('c'), 'wrong_state', 'nor one with a decided application');
update enroll.application set status = 'draft' where student_id = :'student';

-- Everything that can be there is there.
select (pg_temp.wechat('visit c', 'c', 'x')).is_signed_in \g /dev/null
select is(code, 'ok', 'a session in a WeChat') from pg_temp.sign_in('c', 'token c', p_wechat => 'visit c');
select is(code, 'ok', 'a recovery, with messages and links') from pg_temp.recover('c');
insert into enroll.application_section (application_id, section, data, version, fingerprint)
  select id, 'student', '{}', 1, '\x00' from enroll.application where student_id = :'student';
insert into enroll.application_guardian (id, application_id, position, is_holder)
  select gen_random_uuid(), id, 1, true from enroll.application where student_id = :'student';
insert into enroll.errand (id, purpose, guardian_id, device, state_hash, code_hash) values (:'student', 'bind', :'guardian', '\x00', '\xc1', '\xc2');
insert into enroll.errand_student (errand_id, student_id) values (:'student', :'student');
insert into enroll.handoff (token_hash, guardian_id, page, student_id, opened_at, opened_by)
  select '\xc3', s.guardian_id, 'apply', :'student', now(), s.id from enroll.session s where s.guardian_id = :'guardian' limit 1;
insert into enroll.provider_event (event_id, errand_id) values ('event c', :'student');
insert into enroll.signing (id, errand_id, guardian_id, signed_at, expires_at, receipt_no)
  values (:'student', :'student', :'guardian', now(), now(), '0000-0000-0000');
insert into enroll.license_request (id, signing_id, student_id, types) values (:'student', :'student', :'student', '{}');
insert into enroll.license (id, request_id, signing_id, guardian_id, student_id, type, state)
  values (:'student', :'student', :'student', :'guardian', :'student', 'household_register', 'license_not_held');
insert into enroll.delivery (outbox_id, attempt, channel) select id, 1, 'sms' from enroll.outbox where phone_id in (
  select id from enroll.phone where guardian_id = :'guardian') limit 1;
create temp table n_before as select count(*) as n from enroll.student;
select is(pg_temp.remove('c'), 'ok', 'then it is removed');
select is((select n - 1 from n_before), (select count(*) from enroll.student), 'and its children with it, nobody else''s');
select is((select count(*)::int from enroll.guardian where id = :'guardian'), 0, 'the guardian is gone');
select is(code, 'created', 'the true guardian can register') from pg_temp.register('true c', p_guardian => 'c', p_phone => 'c', p_student => 'c');

-- A table that refers to any of these must have been thought of in account_erase (and above).
select is(array_agg(distinct c.conrelid::regclass::text order by c.conrelid::regclass::text), array['enroll.application', 'enroll.application_event',
    'enroll.application_guardian', 'enroll.application_section', 'enroll.consent', 'enroll.delivery', 'enroll.device', 'enroll.errand',
    'enroll.errand_student', 'enroll.handoff', 'enroll.license', 'enroll.license_request', 'enroll.outbox', 'enroll.password', 'enroll.phone', 'enroll.provider_event',
    'enroll.session', 'enroll.signing', 'enroll.student', 'enroll.undo', 'enroll.wechat'], 'every table that knows a family is erased')
  from pg_constraint c where c.contype = 'f' and c.confrelid in ('enroll.guardian'::regclass, 'enroll.student'::regclass, 'enroll.phone'::regclass,
    'enroll.password'::regclass, 'enroll.wechat'::regclass, 'enroll.session'::regclass, 'enroll.errand'::regclass, 'enroll.signing'::regclass,
    'enroll.license_request'::regclass, 'enroll.application'::regclass, 'enroll.outbox'::regclass);

select * from finish();
rollback;
