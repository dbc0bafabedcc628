-- Students and bindings, door by door: what each refuses, and how the one judgement decides.
begin;
\ir support/province.psql

-- Launching.
select from pg_temp.family(1), pg_temp.child(1, 1);
select is(pg_temp.door('bind', 'select * from enroll.errand_begin(''\x00'', ''r'', ''\x01'', gen_random_uuid(), ''\x02'', ''\x03'', null)')->>'code',
  'not_signed_in', 'nobody launches without a session');
select is(pg_temp.launch(1, 1), 'ok/ok', 'a parent launches for the unbound child');
select is(pg_temp.status(1, 1), 'pending', 'the child shows that something is under way');
select is(pg_temp.begin(1, 2)->>'code', 'replayed', 'the same browser gets the pending one again');
select is(pg_temp.begin(1, 2)->'answer'->>'id', pg_temp.id('errand', 1)::text, 'and it is the same');
select is(pg_temp.begin(1, 3, 'null', 'bind', 9)->>'code', 'ok', 'another browser gets its own');
select is(pg_temp.begin(1, 4, 'null', 'bind', 9)->>'code', 'in_progress', 'which is not launched a second time meanwhile');
select is(pg_temp.begin(1, 5, '''{}''')->>'is_guardian', 'true', 'without students the guardian goes alone');

-- Another family sees nothing of it.
select from pg_temp.family(2), pg_temp.child(2, 2);
select is(pg_temp.get(2, 1)->>'code', 'not_found', 'a foreign errand is not found');
select is(pg_temp.begin(2, 6, format('array[%L]::uuid[]', pg_temp.id('student1', 1)))->>'code', 'not_found',
  'nobody launches for a foreign child');
select is(pg_temp.door('bind', format('select * from enroll.errand_return(%s, ''r'', %L, %L)', pg_temp.s(2), '\x' || md5('d1'),
  '\x' || md5('code1')))->>'code', 'not_found', 'a code is worth nothing in a foreign session');
select is(pg_temp.door('bind', format('select * from enroll.errand_return(%s, ''r'', %L, %L)', pg_temp.s(1), '\x' || md5('d2'),
  '\x' || md5('code1')))->>'code', 'not_found', 'nor in another browser');
select is(pg_temp.door('license', format('select * from enroll.errand_get(%s, %L)', pg_temp.s(1), pg_temp.id('errand', 1)))->>'code',
  'not_found', 'a binding is none of license''s business');
select is(pg_temp.door('bind', format('select * from enroll.errand_launched(%s, ''r'', %L, ''x'', ''http://x'', 0)', pg_temp.s(2),
  pg_temp.id('errand', 3)))->>'code', 'not_found', 'a foreign launch cannot be finished');

-- Judging.
select is(pg_temp.get(1, 1)->'answer'->>'status', 'pending', 'before the result it is pending');
select is(pg_temp.settle(1, 'identified', 1)->>'code', 'ok', 'a first word is recorded');
select is(pg_temp.get(1, 1)->'answer'->'steps'->0, '{"key": "verify", "done": true}'::jsonb, 'the face check shows at once');
select isnt((select proven_at from guardian where id = pg_temp.id('guardian', 1)), null, 'and proves the guardian');
select is(pg_temp.get(1, 1)->'answer'->'students'->0->>'status', 'pending', 'nothing is incomplete before the final word');
select is(pg_temp.settle(1, 'completed', 1, '{1}', '{1}')->>'code', 'ok', 'the final word is recorded');
select is(pg_temp.status(1, 1), 'bound', 'guardian, ward and claims: bound');
select is(pg_temp.get(1, 1)->'answer'->>'poll_after_ms', '0', 'nothing more is to come');
select is(pg_temp.settle(1, 'created', null)->>'code', 'not_found', 'what is settled stays settled');

select is(pg_temp.launch(1, 10, format('array[%L]::uuid[]', pg_temp.id('student1', 1))), 'ok/ok', 'the bound may go again');
select from pg_temp.settle(10, 'completed', 2, '{}', '{}');
select is(pg_temp.status(1, 1), 'bound', 'a newer incomplete never hides an older bound');
select is(pg_temp.get(1, 10)->'answer'->'students'->0->>'status', 'bound', 'not in its own answer either');

select from pg_temp.family(3), pg_temp.child(3, 3);
select from pg_temp.launch(3, 30); select from pg_temp.settle(30, 'completed', 9, '{3}', '{3}');
select is(pg_temp.missing(30, 3, 3), '{other_person}', 'another face is another person');
select is(pg_temp.status(3, 3), 'incomplete', 'and binds nobody');
select from pg_temp.launch(3, 31); select from pg_temp.settle(31, 'completed', null);
select is(pg_temp.missing(31, 3, 3), '{not_verified}', 'no face is not verified');
select from pg_temp.launch(3, 32); select from pg_temp.settle(32, 'completed', 3, '{3}', '{3}', '温雨棠', 1);
select is(pg_temp.missing(32, 3, 3), '{not_verified}', 'less than L2 does not count');
select from pg_temp.launch(3, 33); select from pg_temp.settle(33, 'completed', 3, '{4}', '{}');
select is(pg_temp.missing(33, 3, 3), '{ward_not_linked,household_register_not_claimed,identity_credential_not_claimed}',
  'all that is missing is named');
select from pg_temp.launch(3, 34); select from pg_temp.settle(34, 'denied', null);
select is(pg_temp.missing(34, 3, 3), '{denied}', 'a refusal is a refusal');
select is(pg_temp.get(3, 34)->'answer'->>'status', 'denied', 'and is said');
select from pg_temp.launch(3, 35); select from pg_temp.settle(35, 'expired', null);
select is(pg_temp.status(3, 3), 'expired', 'what ran out has run out');
select from pg_temp.launch(3, 36);
select is(pg_temp.door('bind', format('select * from enroll.errand_settle(''r'', %L, ''\x00'', ''completed'', null, null, null, 0, 0, ''{}'', ''{}'',
  ''{}'', ''{}'', ''{}'', null, null, 0, 0, ''{}'', ''{}'')', pg_temp.id('errand', 36)))->>'code', 'forbidden', 'an answer with another state is none');

-- Same number, other spelling.
select from pg_temp.family(4, '温頔'), pg_temp.child(4, 5);
select from pg_temp.launch(4, 40); select from pg_temp.settle(40, 'completed', 4, '{5}', '{5}', '温𬱖');
select is(pg_temp.get(4, 40)->'answer'->'students'->0->'missing',
  '[{"code": "name_differs", "typed": "温頔", "register": "温𬱖"}]'::jsonb, 'both spellings are shown');
select is((select proven_at from guardian where id = pg_temp.id('guardian', 4)), null, 'another name proves nobody');
select is(pg_temp.door('bind', format('select * from enroll.student_change(%s, ''r'', %L, null, null, null, null, null, null, null, null,
  false, true)', pg_temp.s(4), pg_temp.id('student4', 5)))->>'code', 'ok', 'the register''s may be taken over');
select is((select name from guardian where id = pg_temp.id('guardian', 4)), '温𬱖', 'the guardian is spelt as registered');
select is((select name from student where id = pg_temp.id('student4', 5)), '温思远', 'and so is the student');
select is(pg_temp.status(4, 5), 'bound', 'and is bound without a new face check');
select isnt((select proven_at from guardian where id = pg_temp.id('guardian', 4)), null, 'the guardian is proven');

-- A child belongs to whoever proves it.
select from pg_temp.family(5), pg_temp.child(5, 50);
select from pg_temp.family(6), pg_temp.child(6, 50);
insert into season values (3000, now(), now(), now() + interval '1 day', '2020-01-01', '2020-12-31');
insert into application (student_id, guardian_id, child_index, year, status)
values (pg_temp.id('student5', 50), pg_temp.id('guardian', 5), decode(md5('c50'), 'hex'), 3000, 'submitted');
select from pg_temp.launch(5, 51); select from pg_temp.launch(6, 61);
select from pg_temp.settle(61, 'completed', 6, '{50}', '{50}');
select is(pg_temp.status(6, 50), 'bound', 'who proves first keeps the child');
select is(pg_temp.status(5, 50), 'student_taken', 'the rival''s entry ends');
select is((select status from application where student_id = pg_temp.id('student5', 50)), 'student_taken', 'and the application with it');
select is((select count(*) from outbox where phone_id = pg_temp.id('phone', 5) and template = 'student_taken'), 1::bigint, 'the rival is told');
select is((select count(*) from outbox where phone_id = pg_temp.id('phone', 6) and template = 'student_proven'), 1::bigint, 'so is the prover');
select from pg_temp.settle(51, 'completed', 5, '{50}', '{50}');
select is(pg_temp.missing(51, 5, 50), '{student_taken}', 'a proof that comes later is refused');
select is(pg_temp.begin(5, 52, format('array[%L]::uuid[]', pg_temp.id('student5', 50)))->>'code', 'student_taken', 'and none is begun anew');

-- Students.
create function pg_temp.add(p_n int, p_child int) returns jsonb language sql as $$
  select pg_temp.door('bind', format('select * from enroll.student_add(%s, ''r'', gen_random_uuid(), ''温小小'', ''温*小'', ''\x00'', %L,
    ''4***3'', ''2020-02-02'', true)', pg_temp.s(p_n), '\x' || md5('c' || p_child)))
$$;
select is(pg_temp.add(2, 70)->>'code', 'created', 'a further child is added');
select is((select count(*) from consent where guardian_id = pg_temp.id('guardian', 2)), 1::bigint, 'with a consent of its own');
select is(pg_temp.add(2, 70)->>'code', 'replayed', 'again it is the same');
select is(pg_temp.add(2, 50)->>'code', 'student_taken', 'not one that another family has proven');
select is(pg_temp.add(3, 2)->>'code', 'created', 'but one that another family has not proven');
create function pg_temp.change(p_n int, p_student uuid, p_place text default null, p_route text default null, p_name text default null,
  p_child int default null) returns jsonb language sql as $$
  select pg_temp.door('bind', format('select * from enroll.student_change(%s, ''r'', %L, %L, %L, %L, %L, %L, %L, %L, %L, false, false)',
    pg_temp.s(p_n), p_student, p_place, p_route, p_name, p_name, case when p_child is not null then '\x00' end,
    case when p_child is not null then '\x' || md5('c' || p_child) end, case when p_child is not null then '4***4' end,
    case when p_child is not null then '2020-03-03' end))
$$;
select is(pg_temp.change(2, pg_temp.id('student2', 2), 'other_province')->'answer'->>'route', 'materials', 'another province leads to materials');
select is(pg_temp.change(2, pg_temp.id('student2', 2), 'guangdong')->'answer'->>'route', 'licences', 'Guangdong leads to licences');
select is(pg_temp.change(2, pg_temp.id('student2', 2), 'guangdong', 'in_person')->'answer'->>'route', 'in_person', 'a route of one''s own overrides');
select is(pg_temp.change(2, pg_temp.id('student2', 2), null, null, '温大大', 71)->'answer'->>'name', '温大大', 'the unbound may be corrected');
select is(pg_temp.change(2, pg_temp.id('student2', 2), null, null, null, 50)->>'code', 'student_taken', 'not into a proven child');
select is(pg_temp.change(2, pg_temp.id('student2', 2), null, null, null, 70)->>'code', 'student_taken', 'nor into one''s own other child');
select is(pg_temp.change(1, pg_temp.id('student1', 1), null, null, '温大大')->>'code', 'wrong_state', 'the bound may not');
select is(pg_temp.change(2, pg_temp.id('student1', 1), 'guangdong')->>'code', 'not_found', 'a foreign child is not found');
create function pg_temp.remove(p_n int, p_student uuid) returns text language sql as $$
  select pg_temp.door('bind', format('select * from enroll.student_remove(%s, ''r'', %L)', pg_temp.s(p_n), p_student))->>'code'
$$;
select is(pg_temp.remove(1, pg_temp.id('student2', 2)), 'not_found', 'a foreign child is not removed');
select is(pg_temp.remove(2, pg_temp.id('student2', 2)), 'ok', 'one''s own is');
select is(pg_temp.remove(2, pg_temp.id('student2', 2)), 'ok', 'again it is the same');
insert into application (student_id, guardian_id, child_index, year, status)
values (pg_temp.id('student1', 1), pg_temp.id('guardian', 1), decode(md5('c1'), 'hex'), 3000, 'submitted');
select is(pg_temp.remove(1, pg_temp.id('student1', 1)), 'wrong_state', 'not once something is submitted');
select is(pg_temp.change(1, pg_temp.id('student1', 1), null, 'materials')->>'code', 'wrong_state', 'nor is the route changed then');

-- Notices.
create function pg_temp.hint(p_nonce int, p_event text, p_session text) returns text language sql as $$
  select pg_temp.door('bind', format('select * from enroll.errand_hint(''r'', %L, %L, %L)', '\x' || md5('n' || p_nonce), p_event, p_session))->>'code'
$$;
update errand set next_at = now() + interval '30 seconds' where id = pg_temp.id('errand', 36);
select is(pg_temp.hint(1, 'e1', 'space36'), 'ok', 'a notice is taken');
select is((select next_at from errand where id = pg_temp.id('errand', 36)), now(), 'and makes us ask now');
select is((select provider_status from errand where id = pg_temp.id('errand', 36)), 'created', 'but changes no state');
select is(pg_temp.hint(1, 'e1', 'space36'), 'forbidden', 'a seen nonce is refused');
select is(pg_temp.hint(2, 'e1', 'space36'), 'ok', 'the same event again is as good');
select is(pg_temp.hint(3, 'e2', 'elsewhere'), 'not_found', 'an unknown session is for the provider to repeat');

-- The table of work.
select is(pg_temp.door('bind', 'select * from enroll.errand_due(5, false)')->>'id', pg_temp.id('errand', 36)::text, 'what is due is taken');
select is(pg_temp.door('bind', 'select * from enroll.errand_due(5, false)')->>'code', 'idle', 'once, under a lease');
select is(pg_temp.door('license', 'select * from enroll.errand_due(5, false)')->>'code', 'idle', 'and not by license');
select is(pg_temp.door('bind', 'select * from enroll.errand_due(5, true)')->>'id', pg_temp.id('errand', 36)::text,
  'a process that begins takes what a dead one held');

-- How often a page asks: at first often, then less, and least while the asking itself is behind.
select from pg_temp.family(37), pg_temp.child(37, 370), pg_temp.launch(37, 370), pg_temp.get(37, 370);
select is(pg_temp.get(37, 370)->'answer'->>'poll_after_ms', '500', 'who has just begun to wait asks often');
update errand set waiting_since = now() - interval '16 seconds' where id = pg_temp.id('errand', 370);
select is(pg_temp.get(37, 370)->'answer'->>'poll_after_ms', '2000', 'later less');
update errand set next_at = now() - interval '6 seconds' where id = pg_temp.id('errand', 370);
select is(pg_temp.get(37, 370)->'answer'->>'poll_after_ms', '5000', 'and least while many are behind');

-- Limited accounts: the allow-list, and how the limit falls.
select from pg_temp.family(8), pg_temp.child(8, 80);
update guardian set limited_since = now() where id = pg_temp.id('guardian', 8);
update password set until = now() where guardian_id = pg_temp.id('guardian', 8);
insert into password (guardian_id, hash, via, device) values (pg_temp.id('guardian', 8), 'x', 'recover', decode(md5('d99'), 'hex'));
insert into session (token_hash, guardian_id, device) values ('\x8899', pg_temp.id('guardian', 8), decode(md5('d99'), 'hex'));
select is(pg_temp.add(8, 81)->>'code', 'identity_check_required', 'a limited account adds no child');
select is(pg_temp.remove(8, pg_temp.id('student8', 80)), 'identity_check_required', 'removes none');
select is(pg_temp.change(8, pg_temp.id('student8', 80), null, null, '温大大')->>'code', 'identity_check_required', 'corrects no name');
select is(pg_temp.change(8, pg_temp.id('student8', 80), 'guangdong')->'answer'->>'name', '温*源', 'but tells the register place, masked');
select is(pg_temp.launch(8, 80), 'ok/ok', 'and may launch');
select from pg_temp.settle(80, 'completed', 8, '{80}', '{80}');
select isnt((select limited_since from guardian where id = pg_temp.id('guardian', 8)), null, 'a result without the code lifts nothing');
select is(pg_temp.get(8, 80)->'answer'->'students'->0->>'name', '温*源', 'names stay masked');
select is(pg_temp.door('bind', format('select * from enroll.errand_return(%s, ''r'', %L, %L)', pg_temp.s(8), '\x' || md5('d8'),
  '\x' || md5('code80')))->>'code', 'ok', 'the launching browser brings the code');
select is((select limited_since from guardian where id = pg_temp.id('guardian', 8)), null, 'the limit falls');
select is((select ended_by from session where token_hash = '\x8899'), 'lifted', 'every other session ends');
select isnt((select until from password where guardian_id = pg_temp.id('guardian', 8)), null, 'another browser''s recovery is void');
select is((select ended_at from session where guardian_id = pg_temp.id('guardian', 8) and token_hash <> '\x8899'), null, 'one''s own goes on');

-- A code that was brought long before the face check: whoever left the space's page early, and had another show the face.
select from pg_temp.family(9), pg_temp.child(9, 90);
update guardian set limited_since = now() where id = pg_temp.id('guardian', 9);
create function pg_temp.bring(p_n int, p_errand int) returns text language sql as $$
  select pg_temp.door('bind', format('select * from enroll.errand_return(%s, ''r'', %L, %L)', pg_temp.s(p_n), '\x' || md5('d' || p_n),
    '\x' || md5('code' || p_errand)))->>'code'
$$;
create function pg_temp.is_limited(p_n int) returns boolean language sql as $$
  select limited_since is not null from guardian where id = pg_temp.id('guardian', p_n)
$$;
select is(pg_temp.launch(9, 90), 'ok/ok', 'a limited account launches');
select is(pg_temp.bring(9, 90), 'ok', 'and brings the code');
update errand set returned_at = returned_at - interval '6 minutes' where id = pg_temp.id('errand', 90);
select from pg_temp.settle(90, 'completed', 9, '{90}', '{90}');
select is(pg_temp.status(9, 90), 'bound', 'a face check long after it counts for the child');
select ok(pg_temp.is_limited(9), 'but lifts nothing');
select is(pg_temp.bring(9, 90), 'ok', 'the code brought again');
select ok(pg_temp.is_limited(9), 'lifts nothing either');
select is(pg_temp.launch(9, 91, '''{}'''), 'ok/ok', 'a new launch');
select is(pg_temp.bring(9, 91), 'ok', 'whose code comes before we know of the face check');
select ok(pg_temp.is_limited(9), 'waits for it');
select from pg_temp.settle(91, 'completed', 9);
select ok(not pg_temp.is_limited(9), 'and lifts the limit');

-- A space that does not say when the face was shown: it is written down once.
select from pg_temp.family(10), pg_temp.child(10, 100);
select from pg_temp.launch(10, 100);
create function pg_temp.settle_at(p_errand int, p_status text, p_subject int, p_ms bigint) returns text language sql as $$
  select pg_temp.door('bind', format('select * from enroll.errand_settle(''r'', %L, %L, %L, %L, ''温雨棠'', ''温*'', 2, %s, ''{}'', ''{}'', ''{}'',
      ''{}'', ''{}'', null, null, 0, 0, ''{}'', ''{}'')', pg_temp.id('errand', p_errand), '\x' || md5('state' || p_errand), p_status,
    '\x' || md5('g' || p_subject), p_ms))->>'code'
$$;
create function pg_temp.face_checks(p_n int) returns int language sql as $$
  select count(*)::int from audit where action = 'face_check' and guardian_id = pg_temp.id('guardian', p_n)
$$;
select is(pg_temp.settle_at(100, 'identified', 10, 0), 'ok', 'a face without a time');
select is(pg_temp.settle_at(100, 'identified', 10, 0), 'ok', 'told again');
select is(pg_temp.settle_at(100, 'identified', 10, 4102444800000), 'ok', 'and with a time that has not come');
select is(pg_temp.face_checks(10), 1, 'is one face check');
select ok((select verified_at <= clock_timestamp() from errand where id = pg_temp.id('errand', 100)), 'which lies behind us');

-- Who has lost a child keeps to that when his sibling is judged again, and hears of it once.
select from pg_temp.family(11, '温頔'), pg_temp.child(11, 110); select from pg_temp.child(11, 111);
select from pg_temp.family(12), pg_temp.child(12, 110);
select from pg_temp.launch(11, 110); select from pg_temp.launch(12, 120);
select from pg_temp.settle(110, 'completed', 11, '{110,111}', '{110,111}', '温𬱖');
select from pg_temp.settle(120, 'completed', 12, '{110}', '{110}');
select is(pg_temp.status(11, 110), 'student_taken', 'a child is lost while the spelling is in question');
create function pg_temp.told(p_n int, p_template text) returns int language sql as $$
  select count(*)::int from outbox where phone_id = pg_temp.id('phone', p_n) and template = p_template
$$;
create function pg_temp.take_over(p_n int, p_child int) returns text language sql as $$
  select pg_temp.door('bind', format('select * from enroll.student_change(%s, ''r'', %L, null, null, null, null, null, null, null, null,
    false, true)', pg_temp.s(p_n), pg_temp.id('student' || p_n, p_child)))->>'code'
$$;
update student set removed_at = now() where id = pg_temp.id('student12', 110);
select is(pg_temp.take_over(11, 111), 'ok', 'the register''s spelling is taken over');
select is(pg_temp.status(11, 111), 'bound', 'which binds the sibling');
select is(pg_temp.status(11, 110), 'student_taken', 'and leaves the lost one lost');
select is(pg_temp.told(11, 'student_taken'), 1, 'which was told once');
select is(pg_temp.missing(110, 11, 110), '{student_taken}', 'and is what is missing');

-- Who lets go of a child that he had proven frees it, for whoever lost it.
insert into application (student_id, guardian_id, child_index, year, status, submitted_at)
values (pg_temp.id('student11', 110), pg_temp.id('guardian', 11), decode(md5('c110'), 'hex'), 3000, 'student_taken', now());
insert into application (student_id, guardian_id, child_index, year) values (pg_temp.id('student12', 110), pg_temp.id('guardian', 12),
  decode(md5('c110'), 'hex'), 3000);
insert into application_section (application_id, section, data, version, fingerprint)
  select id, 'student', '{}', 1, '\x00' from application where student_id = pg_temp.id('student12', 110);
update student set removed_at = null where id = pg_temp.id('student12', 110);
select is(pg_temp.remove(12, pg_temp.id('student12', 110)), 'ok', 'a proven child is removed');
select is((select count(*)::int from application where student_id = pg_temp.id('student12', 110)), 0, 'what was written about it goes at once');
select is(pg_temp.status(11, 110), 'none', 'and it is the other family''s to prove');
select is((select status from application where student_id = pg_temp.id('student11', 110)), 'withdrawn', 'whose application may be submitted anew');
select is(pg_temp.told(11, 'student_free'), 1, 'which is told');
select from pg_temp.launch(11, 112);
select from pg_temp.settle(112, 'completed', 11, '{110}', '{110}', '温𬱖');
select is(pg_temp.status(11, 110), 'bound', 'and proves it');
select from pg_temp.family(13), pg_temp.child(13, 110);
select from pg_temp.launch(13, 130); select from pg_temp.settle(130, 'completed', 13, '{110}', '{110}');
select is(pg_temp.status(13, 110), 'student_taken', 'a third has lost it');
select from account_erase(pg_temp.id('guardian', 11));
select is(pg_temp.status(13, 110), 'none', 'until the account that had proven it is erased');

-- What was judged neither right nor wrong is not booked.
select is(pg_temp.add(13, 131)->>'code', 'created', 'a child');
update guess set count = 9, next_at = null where kind = 'child' and key = decode(md5('c131'), 'hex');
insert into guess (kind, key, count) values ('child', decode(md5('c131'), 'hex'), 9) on conflict (kind, key) do update set count = 9, next_at = null;
select is(pg_temp.add(13, 131)->>'code', 'replayed', 'added again');
select is(pg_temp.change(13, pg_temp.id('student13', 110), null, null, null, 131)->>'code', 'student_taken', 'or taken for its sibling');
select is((select (count, next_at) from guess where kind = 'child' and key = decode(md5('c131'), 'hex'))::text, '(9,)', 'it is not booked');

-- An account has nineteen children at most: a proof locks all of them.
select from pg_temp.family(71);
select is((select string_agg(distinct pg_temp.add(71, n)->>'code', ' ') from generate_series(7101, 7119) n), 'created', 'nineteen children');
select is(pg_temp.add(71, 7120)->>'code', 'wrong_state', 'the twentieth is too many');
select is(pg_temp.add(71, 7119)->>'code', 'replayed', 'the nineteenth again is the same');
select from student s, lateral pg_temp.door('bind', format('select * from enroll.student_remove(%s, ''r'', %L)', pg_temp.s(71), s.id))
 where s.guardian_id = pg_temp.id('guardian', 71) and s.id_no_index = decode(md5('c7101'), 'hex');
select is(pg_temp.add(71, 7120)->>'code', 'created', 'after one has gone it is not');

-- Nobody keeps the province busy: forty launches an hour from a browser that the account knows, and forty from all others.
select from pg_temp.family(70), pg_temp.child(70, 70);
insert into errand (id, purpose, guardian_id, device, state_hash, code_hash, status, provider_status)
select gen_random_uuid(), 'bind', pg_temp.id('guardian', 70), decode(md5('d' || n), 'hex'), decode(md5('flood' || n), 'hex'), decode(md5('flood' || n), 'hex'),
  case when n <= 739 then 'denied' else 'failed' end, case when n <= 739 then 'denied' else 'created' end from generate_series(701, 760) n;
select is(pg_temp.begin(70, 700)->>'code', 'ok', 'thirty-nine launches by strangers, and some that failed, are not too many');
select from pg_temp.launched(70, 700);
select is(b->>'code', 'too_many_attempts', 'a browser that nobody knows does not launch the forty-first') from pg_temp.begin(70, 770, 'null', 'bind', 790) b;
select is((pg_temp.begin(70, 771, 'null', 'bind', 790)->>'retry_after_s')::int, 3600, 'and hears when it may');
select is(pg_temp.begin(70, 772)->>'code', 'replayed', 'what is pending is still shown');
insert into device (guardian_id, device) values (pg_temp.id('guardian', 70), decode(md5('d791'), 'hex'));
select is(pg_temp.begin(70, 773, 'null', 'bind', 791)->>'code', 'ok', 'the owner''s browser does');
update errand set created_at = created_at - interval '1 hour' where guardian_id = pg_temp.id('guardian', 70);
select is(pg_temp.begin(70, 774, 'null', 'bind', 790)->>'code', 'ok', 'an hour later all do');

select * from finish();
rollback;
