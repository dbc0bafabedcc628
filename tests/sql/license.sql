-- Authorizations, door by door: what is missing, the union of signings, what came of fetching, and revoking.
begin;
\ir support/province.psql

create function pg_temp.authorize(p_n int, p_errand int, p_students text default 'null') returns text language sql as $$
  select (pg_temp.begin(p_n, p_errand, p_students, 'license')->>'code') || '/'
    || coalesce(pg_temp.launched(p_n, p_errand, 'license')->>'code', '')
$$;
create function pg_temp.see(p_n int, p_errand int) returns jsonb language sql as $$
  select pg_temp.door('license', format('select * from enroll.errand_get(%s, %L)', pg_temp.s(p_n), pg_temp.id('errand', p_errand)))->'answer'
$$;
create function pg_temp.bound(p_n int, p_child int) returns void language plpgsql as $$
begin
  perform pg_temp.child(p_n, p_child);
  update student set binding_status = 'bound', proven_at = now() where id = pg_temp.id('student' || p_n, p_child);
end $$;
create function pg_temp.state(p_n int, p_child int) returns text language sql as $$
  select authorization_status from student where id = pg_temp.id('student' || p_n, p_child)
$$;
create function pg_temp.cell(p_answer jsonb, p_person text, p_license text) returns text language sql as $$
  select c->>'state' from jsonb_array_elements(p_answer->'cells') c where c->>'person' = p_person and c->>'license' = p_license
$$;

-- Before bound.
select from pg_temp.family(1), pg_temp.child(1, 1);
select is(pg_temp.begin(1, 1, 'null', 'license')->>'code', 'wrong_state', 'nobody authorizes before a child is bound');
select is(pg_temp.begin(1, 1, format('array[%L]::uuid[]', pg_temp.id('student1', 1)), 'license')->>'code', 'wrong_state', 'nor by naming it');

-- 添加 forgotten, then done: the second signing only adds what was missing.
select from pg_temp.family(2);
select from pg_temp.bound(2, 2);
select is(pg_temp.authorize(2, 20), 'ok/ok', 'for the bound it is launched');
select is(pg_temp.state(2, 2), 'pending', 'and shows as pending');
select is(pg_temp.cell(pg_temp.see(2, 20), 'guardian', 'real_estate'), 'not_needed', 'a real-estate certificate is never a must');
select is(pg_temp.sign(20, 2, '{"g household_register","g real_estate","g birth_certificate"}')->>'code', 'ok', 'only the guardian is signed for');
select is((select types from license_request where signing_id = pg_temp.id('signing', 20)), '{household_register,real_estate}',
  'what we did not ask for is not fetched');
select is(pg_temp.see(2, 20)->>'status', 'pending', 'while it is fetched the errand goes on');
select is(pg_temp.store(2, 20, 'g', '{"household_register fetched","real_estate fetched"}'), 'ok', 'the guardian''s are stored');
select is(pg_temp.missing(20, 2, 2), '{student_not_added}', '未添加学生信息');
select is(pg_temp.see(2, 20)->>'status', 'completed', 'that is final');
select is(pg_temp.state(2, 2), 'incomplete', 'and the child''s state');
select is(pg_temp.cell(pg_temp.see(2, 20), pg_temp.id('student2', 2)::text, 'household_register'), 'missing', 'the empty cell is seen');
select is(jsonb_array_length(pg_temp.see(2, 20)->'licenses'), 2, 'what is there is shown');
select from pg_temp.authorize(2, 21);
select from pg_temp.sign(21, 2, '{"2 household_register"}');
select from pg_temp.store(2, 21, '2', '{"household_register fetched"}');
select is(pg_temp.state(2, 2), 'authorized', 'the union of both signings decides');
select from pg_temp.authorize(2, 22); select from pg_temp.sign(22, 2, '{}', 'denied');
select is(pg_temp.state(2, 2), 'authorized', 'a later refusal hides nothing');
select is(pg_temp.see(2, 22)->>'status', 'denied', 'and is said where it belongs');

-- Twins are told apart by number.
select from pg_temp.family(3);
select from pg_temp.bound(3, 30); select from pg_temp.bound(3, 31);
select from pg_temp.authorize(3, 30);
select from pg_temp.sign(30, 3, '{"g household_register","30 household_register"}');
select from pg_temp.store(3, 30, 'g', '{"household_register fetched"}');
select is(pg_temp.see(3, 30)->>'status', 'pending', 'one holder is not all');
select from pg_temp.store(3, 30, '30', '{"household_register fetched"}');
select is(array[pg_temp.state(3, 30), pg_temp.state(3, 31)], '{authorized,incomplete}', 'the twin that was signed for');
select is(pg_temp.missing(30, 3, 31), '{student_not_added}', 'and the one that was not');

-- Other things missing.
select from pg_temp.family(4); select from pg_temp.bound(4, 40);
select from pg_temp.authorize(4, 40);
select from pg_temp.sign(40, 4, '{"g household_register","40 real_estate"}');
select from pg_temp.store(4, 40, 'g', '{"household_register fetched"}'); select from pg_temp.store(4, 40, '40', '{"real_estate fetched"}');
select is(pg_temp.missing(40, 4, 40), '{household_register_not_ticked}', 'added, but without the register');
select from pg_temp.authorize(4, 41); select from pg_temp.sign(41, 9, '{"g household_register"}');
select is(pg_temp.missing(41, 4, 40), '{other_person}', 'another face signs nothing for this account');
select is((select count(*) from signing where errand_id = pg_temp.id('errand', 41)), 0::bigint, 'and nothing is recorded of it');
select from pg_temp.family(5); select from pg_temp.bound(5, 50);
select from pg_temp.authorize(5, 50); select from pg_temp.sign(50, 5, '{}');
select is(pg_temp.missing(50, 5, 50), '{not_signed}', 'nothing signed');

-- Three different words, and we try again by ourselves.
select from pg_temp.family(6); select from pg_temp.bound(6, 60);
create function pg_temp.failed(p_errand int, p_state text) returns text[] language plpgsql as $$
begin
  perform pg_temp.authorize(6, p_errand);
  perform pg_temp.sign(p_errand, 6, '{"g household_register","60 household_register"}');
  perform pg_temp.store(6, p_errand, 'g', '{"household_register fetched"}');
  perform pg_temp.store(6, p_errand, '60', array['household_register ' || p_state]);
  return pg_temp.missing(p_errand, 6, 60);
end $$;
select is(pg_temp.failed(60, 'consent_withdrawn'), '{consent_withdrawn}', 'withdrawn: sign again');
select is(pg_temp.failed(61, 'license_not_held'), '{license_not_held}', 'no such document: apply for it first');
select is(pg_temp.cell(pg_temp.see(6, 61), pg_temp.id('student6', 60)::text, 'household_register'), 'not_held', 'and its cell says so');
select is(pg_temp.failed(62, 'license_unreadable'), '{license_unreadable}', 'unreadable: that one is named');
select is(pg_temp.failed(63, 'register_unavailable'), '{register_unavailable}', 'register down: we try again');
select is(pg_temp.see(6, 63)->>'status', 'pending', 'so it is not final');
select is((select status from license_request where signing_id = pg_temp.id('signing', 63) and student_id is not null), 'due', 'and stays on the table of work');
select is(pg_temp.store(6, 63, '60', '{"household_register fetched"}'), 'ok', 'when the register is back');
select is(pg_temp.state(6, 60), 'authorized', 'the child is authorized');
select is((select count(*) from license where signing_id = pg_temp.id('signing', 63) and student_id is not null), 1::bigint, 'the failed try left nothing');
select is(pg_temp.store(6, 63, '60', '{"household_register fetched"}'), 'not_found', 'what is stored is not stored twice');

-- The table of work: the same request after a crash.
select from pg_temp.family(7); select from pg_temp.bound(7, 70);
select from pg_temp.authorize(7, 70); select from pg_temp.sign(70, 7, '{"70 household_register"}');
create temp table taken as select pg_temp.door('license', 'select * from enroll.license_due(5, false)') as row;
select is((select row->>'holder_id' from taken), pg_temp.id('student7', 70)::text, 'a request is taken');
select is(pg_temp.door('license', 'select * from enroll.license_due(5, false)')->>'code', 'idle', 'once, under a lease');
update license_request set leased_until = now() - interval '1 second' where status = 'due';
select is(pg_temp.door('license', 'select * from enroll.license_due(5, false)')->>'request_id', (select row->>'request_id' from taken),
  'a lease that ran out is taken again, with the same request_id');
select is(pg_temp.store(7, 70, '70', '{}', 'register_unavailable'), 'ok', 'a failure of the whole request');
select ok((select next_at > now() from license_request where signing_id = pg_temp.id('signing', 70)), 'waits before the next try');

-- Revoking.
create function pg_temp.revoke(p_n int, p_errand int) returns text language sql as $$
  select pg_temp.door('license', format('select * from enroll.authorization_revoke(%s, ''r'', %L)', pg_temp.s(p_n),
    pg_temp.id('errand', p_errand)))->>'code'
$$;
insert into season values (3000, now(), now(), now() + interval '1 day', '2020-01-01', '2020-12-31');
insert into application (student_id, guardian_id, child_index, year, status)
values (pg_temp.id('student2', 2), pg_temp.id('guardian', 2), decode(md5('c2'), 'hex'), 3000, 'submitted');
select is(pg_temp.revoke(3, 21), 'not_found', 'a foreign authorization is not revoked');
select is(pg_temp.revoke(2, 21), 'ok', 'one''s own is');
select is(pg_temp.state(2, 2), 'revoked', 'the child is no longer authorized');
select is((select count(*) from license where signing_id = pg_temp.id('signing', 21) and data is not null), 0::bigint, 'what was fetched is erased');
select is((select code from signing where id = pg_temp.id('signing', 21)), null, 'and the code');
select is((select detail->>'application' from audit where action = 'authorization_revoked' and student_id = pg_temp.id('student2', 2)),
  'submitted', 'the operator reads that an application stands');
select is(pg_temp.revoke(2, 21), 'ok', 'again it is the same');
select is(pg_temp.see(2, 21)->'students'->0->>'status', 'incomplete', 'the parent sees it');
update guardian set limited_since = now() where id = pg_temp.id('guardian', 3);
select is(pg_temp.revoke(3, 30), 'identity_check_required', 'not while limited');

-- Expiry: what has run out does not count.
update signing set expires_at = now() - interval '1 second' where id = pg_temp.id('signing', 63);
select from pg_temp.authorize(6, 64); select from pg_temp.sign(64, 6, '{"g household_register"}');
select from pg_temp.store(6, 64, 'g', '{"household_register fetched"}');
select is((select state from license_state(pg_temp.id('guardian', 6), pg_temp.id('student6', 60), 'household_register')), 'license_unreadable',
  'an expired signing is out of the union');

update signing set expires_at = now() - interval '1 second' where id = pg_temp.id('signing', 30);
select is(pg_temp.state(3, 30), 'authorized', 'before we look an expired child is still authorized');
select isnt((select count(*) from license where signing_id = pg_temp.id('signing', 30) and data is not null), 0::bigint, 'and what was fetched is there');
select is(pg_temp.door('courier', 'select * from enroll.courier_sweep()')->>'code', 'ok', 'the courier looks');
select is(pg_temp.state(3, 30), 'expired', 'what ran out is found');
select is((select count(*) from signing where id = pg_temp.id('signing', 30) and code is not null), 0::bigint, 'once');
select is((select count(*) from license where signing_id = pg_temp.id('signing', 30)
    and (data is not null or number_mask is not null or issued_on is not null or archive is not null or erased_at is null)), 0::bigint,
  'and what was fetched is erased');
select is((select detail->>'errand' from audit where action = 'authorization_expired' and student_id = pg_temp.id('student3', 30)),
  pg_temp.id('errand', 30)::text, 'the trail says of which');

-- What a signing records for good.
select from pg_temp.family(8); select from pg_temp.bound(8, 80);
select from operator_content_publish('consent', 'child', '同意书', '# 同意书', '<p>一</p>');
select from pg_temp.authorize(8, 80);
update errand set created_at = now() - interval '1 hour' where id = pg_temp.id('errand', 80);
select from pg_temp.sign(80, 8, '{"g household_register","g real_estate","80 household_register","80 birth_certificate","99 real_estate"}');
create temp table n80 as select * from signing where id = pg_temp.id('signing', 80);
select matches(receipt_no, '^[0-9]{4}-[0-9]{4}-[0-9]{4}$', 'it has a number that can be read out') from n80;
select is(persons, '[{"role":"guardian","name":"温*棠","id_no":"4***1","licenses":["household_register","real_estate"]},
  {"role":"student","name":"温*源","id_no":"4***2","licenses":["birth_certificate","household_register"]}]'::jsonb,
  'who signed what for whom, in masks; a holder who is nobody''s here is not named') from n80;
select is(consent_version, null, 'a text that was published after the family had set out was not shown to it') from n80;
select from pg_temp.authorize(8, 81);
update errand set created_at = clock_timestamp() where id = pg_temp.id('errand', 81);
select from pg_temp.sign(81, 8, '{"g household_register"}');
select is((select consent_slug || ' ' || consent_version from signing where id = pg_temp.id('signing', 81)), 'child ' || consent_version(),
  'the one that was shown is recorded');
select from operator_content_publish('consent', 'child', '同意书', '# 同意书二', '<p>二</p>');
create function pg_temp.receipt(p_errand int) returns jsonb language sql as $$
  select pg_temp.door('license', format('select * from enroll.authorization_receipt(%s, %L)', pg_temp.s(8), pg_temp.id('errand', p_errand)))
$$;
select is(pg_temp.receipt(81)->'answer'->'consent'->>'sha256', encode(sha256(convert_to('# 同意书', 'UTF8')), 'hex'), 'and its hash is on the receipt');
select is(pg_temp.receipt(80)->'answer'->'consent', 'null', 'no text, no hash');
select throws_ok(format('update signing set persons = ''[]'' where id = %L', pg_temp.id('signing', 80)), '23001', 'signing_stays', 'none of it can be changed');
select throws_ok(format('update signing set consent_version = null where id = %L', pg_temp.id('signing', 81)), '23001', 'signing_stays', 'not the text');
select throws_ok($$ update content set source = 'x' $$, '23001', 'content_stays', 'nor can what was published');
select throws_ok($$ delete from content $$, '23001', 'content_stays', 'or be deleted');
select throws_ok($$ truncate content cascade $$, '23001', 'content_stays', 'or emptied');

-- Until when: the province's end, or ninety days after the season has closed.
select is(signing_end(now(), now() + interval '10 days'), now() + interval '10 days', 'the province''s end');
select is(signing_end(now(), now() + interval '180 days'), now() + interval '91 days', 'or when all places are given');
update season set closes_at = now() - interval '99 days', opens_at = now() - interval '100 days', register_from = now() - interval '100 days' where year = 3000;
select is(signing_end(now(), now() + interval '180 days'), now() + interval '180 days', 'a season that is long over ends nothing at once');

-- Taken back while the register is still being asked: nothing is stored any more, and the family hears so.
select from pg_temp.authorize(8, 82); select from pg_temp.sign(82, 8, '{"80 household_register"}');
select is(pg_temp.see(8, 82)->>'status', 'pending', 'it is still being fetched');
select is(pg_temp.revoke(8, 82), 'ok', 'it can be taken back');
select is(pg_temp.store(8, 82, '80', '{"household_register fetched"}'), 'not_found', 'what comes then is not stored');
select is(pg_temp.see(8, 82)->>'status', 'completed', 'and nobody waits');

-- An archive goes to a licence that is there, and with it.
select is(pg_temp.store(8, 80, 'g', '{"household_register fetched","real_estate license_not_held"}'), 'ok', 'fetched');
create function pg_temp.archive(p_state text) returns text language sql as $$
  select pg_temp.door('license', format('select * from enroll.license_archive_put(''r'', %L, ''\x09'', ''pdf'')',
    (select id from license where signing_id = pg_temp.id('signing', 80) and state = p_state)))->>'code'
$$;
select is(pg_temp.archive('fetched'), 'ok', 'an archive is kept');
select is(pg_temp.archive('license_not_held'), 'not_found', 'but not of what is not held');
select is(pg_temp.revoke(8, 80), 'ok', 'revoked');
select is((select count(*) from license where signing_id = pg_temp.id('signing', 80) and archive is not null), 0::bigint, 'it is erased with its licence');
select is(pg_temp.archive('fetched'), 'not_found', 'and does not come back');

-- What happened, for the family to read.
create function pg_temp.events(p_errand int) returns text language sql as $$
  select string_agg(v->>'kind', ' ') from jsonb_array_elements(pg_temp.door('license',
    format('select * from enroll.errand_events(%s, %L)', pg_temp.s(8), pg_temp.id('errand', p_errand)))->'events') v
$$;
select matches(pg_temp.events(80), '^begun .*opened .*asked .*fetched', 'from the beginning to the fetching');
select matches(pg_temp.events(80), 'signed', 'the signing');
select matches(pg_temp.events(80), 'revoked', 'and the end');
select from pg_temp.authorize(8, 83); select from pg_temp.sign(83, 8, '{"80 household_register"}');
select from pg_temp.store(8, 83, '80', '{}', 'register_unavailable'), generate_series(1, 3);
select is((select count(*) from regexp_matches(pg_temp.events(83), 'fetched', 'g')), 1::bigint, 'what only says the same again is told once');
delete from audit where detail->>'errand' = pg_temp.id('errand', 80)::text;
select is(pg_temp.events(80), 'begun signed revoked', 'when the trail was pruned, what counts is still there');
select is(pg_temp.door('license', format('select * from enroll.errand_events(%s, %L)', pg_temp.s(7), pg_temp.id('errand', 80)))->>'code', 'not_found',
  'nobody else''s');

-- A date that is no day of the calendar keeps no document out.
select from pg_temp.family(90); select from pg_temp.bound(90, 900);
select is(pg_temp.authorize(90, 900), 'ok/ok', 'an authorization');
select is(pg_temp.sign(900, 90, '{"g household_register"}')->>'code', 'ok', 'signed');
select is(pg_temp.door('license', format('select * from enroll.license_store(''r'', %L, null, %L, %L, %L, %L, %L, %L)',
  (select id from license_request where signing_id = pg_temp.id('signing', 900)), array[gen_random_uuid()], '{household_register}', '{fetched}',
  array['\x02'::bytea], '{4***7}', '{0000-03-01}'))->>'code', 'ok', 'a document of the year 0 is stored');
select is((select state || '/' || coalesce(issued_on::text, 'no date') from license where signing_id = pg_temp.id('signing', 900)), 'fetched/no date',
  'without its date');

select * from finish();
rollback;
