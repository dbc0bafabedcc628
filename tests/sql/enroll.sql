-- Applications, door by door: when they may be written and submitted, who a guardian is, and whose child it is.
begin;
set search_path = enroll, public, pg_temp;
set client_min_messages = warning;
select no_plan();

insert into season values (2999, now() - interval '2 days', now() - interval '1 day', now() + interval '1 day', '2992-09-01', '2993-08-31');
insert into school (id, year, code, name) values ('00000000-0000-4000-8000-000000000001', 2999, '0001', '示例一小'),
  ('00000000-0000-4000-8000-000000000002', 2999, '0002', '示例二小');
insert into catchment values ('00000000-0000-4000-8000-000000000001', '金山街道'), ('00000000-0000-4000-8000-000000000002', '金山街道东山社区');

create function pg_temp.b(p_word text) returns bytea language sql immutable as $$ select sha256(convert_to(p_word, 'UTF8')) $$;
create function pg_temp.id(p_word text) returns uuid language sql immutable as $$ select md5(p_word)::uuid $$;

-- A family called p_word with a session of that name and the child p_child, whose papers are shown at school.
create function pg_temp.family(p_word text, p_child text default null, p_born date default '2993-01-01') returns void language sql as $$
  insert into guardian (id, name, name_mask, id_no, id_no_index, id_no_mask)
  values (pg_temp.id(p_word), '家长' || p_word, '家*', '\x00', pg_temp.b('guardian ' || p_word), '4****************1');
  insert into phone (id, guardian_id, phone, phone_index, phone_mask, via)
  values (pg_temp.id('phone ' || p_word), pg_temp.id(p_word), '\x00', pg_temp.b('phone ' || p_word), '138****0000', 'register');
  insert into session (token_hash, guardian_id) values (pg_temp.b(p_word), pg_temp.id(p_word));
  insert into student (id, guardian_id, name, name_mask, id_no, id_no_index, id_no_mask, birth_date, is_female, register_place, route)
  values (pg_temp.id('child ' || p_word), pg_temp.id(p_word), '孩子', '孩*', '\x00', pg_temp.b('child ' || coalesce(p_child, p_word)),
    '4****************2', p_born, false, 'other_province', 'materials');
$$;

-- Save a section; "code version". Save the guardians: names and, by order, the words that stand for number and phone ('' keeps).
create function pg_temp.save(p_word text, p_section text, p_version int, p_data jsonb, p_problems jsonb default '[]') returns text language sql as $$
  select s.code || ' ' || coalesce(s.version, -1) from application_save(pg_temp.b(p_word), 'r', pg_temp.id('child ' || p_word), p_section, p_version,
    pg_temp.b(p_section || p_data::text), p_data, p_problems, '{}', null, null, null, null, null, null, null, null, null) s
$$;
create function pg_temp.word(p_words text[], p_prefix text) returns bytea[] language sql as $$
  select array_agg(case when w <> '' then pg_temp.b(p_prefix || w) end order by i) from unnest(p_words) with ordinality t (w, i)
$$;
create function pg_temp.guardians(p_word text, p_version int, p_names text[], p_numbers text[], p_phones text[]) returns jsonb language sql as $$
  select to_jsonb(s) from application_save(pg_temp.b(p_word), 'r', pg_temp.id('child ' || p_word), 'guardians', p_version, pg_temp.b(p_names::text || p_numbers::text),
    (select jsonb_agg(jsonb_build_object('name', n)) from unnest(p_names) n), '[]', '{}',
    (select array_agg(gen_random_uuid()) from unnest(p_names)), pg_temp.word(p_numbers, 'sealed '), pg_temp.word(p_numbers, ''), p_numbers,
    array_fill(''::text, array[cardinality(p_names)]), pg_temp.word(p_phones, 'sealed '), pg_temp.word(p_phones, ''), p_phones,
    array_fill(''::text, array[cardinality(p_names)])) s
$$;
-- Everything that a submission needs, written; then handed in: "code receipt".
create function pg_temp.fill(p_word text) returns void language plpgsql as $$
declare
  v int := coalesce((select version from application where student_id = pg_temp.id('child ' || p_word)), 0);
begin
  perform pg_temp.save(p_word, 'student', v, '{"ethnicity": "01"}');
  perform pg_temp.save(p_word, 'household', v + 1, '{"relation_to_head": "20", "address": "梅江区金山街道示例路1号"}');
  perform pg_temp.save(p_word, 'residence', v + 2, '{"same_as_household": true}');
  perform pg_temp.guardians(p_word, v + 3, array['家长' || p_word], array[''], array['']);
  perform pg_temp.save(p_word, 'wishes', v + 4, '{"schools": ["00000000-0000-4000-8000-000000000001"]}');
end $$;
create function pg_temp.submit(p_word text, p_key text default gen_random_uuid()::text, p_body text default '') returns jsonb language sql as $$
  select to_jsonb(s) from application_submit(pg_temp.b(p_word), 'r', pg_temp.id('child ' || p_word), p_key, pg_temp.b(p_body),
    '{}') s
$$;
-- Without the sections that were never saved: each stands in the way as a whole.
create function pg_temp.problems(p jsonb) returns text[] language sql as $$
  select array_agg(x.said order by x.said)
    from (select (e ->> 'section') || '.' || (e ->> 'field') || ' ' || (e ->> 'code') as said from jsonb_array_elements(p -> 'problems') e
           where e ->> 'section' <> e ->> 'field' or e ->> 'section' = 'route') x
$$;

-- Drafts.
select pg_temp.family('a');
select is(pg_temp.save('a', 'student', 1, '{}'), 'version_conflict -1', 'what was never saved has version 0 and no other');
select is(pg_temp.save('a', 'student', 0, '{"ethnicity": "01"}'), 'ok 1', 'the first save makes the draft');
select is(pg_temp.save('a', 'student', 0, '{"ethnicity": "01"}'), 'ok 1', 'the same save again is answered alike');
select is(pg_temp.save('a', 'student', 0, '{"ethnicity": "02"}'), 'version_conflict 1', 'another save of the old version is a conflict');
select is(pg_temp.save('a', 'household', 1, '{"address": "梅江区金山街道 东山社区３号"}'), 'ok 2', 'each save adds one');
select is((select catchment_school from application where student_id = pg_temp.id('child a')), '00000000-0000-4000-8000-000000000002'::uuid,
  'the longest place decides the catchment');
select is(pg_temp.save('a', 'residence', 2, '{"same_as_household": false, "address": "西郊街道1号"}'), 'ok 3', 'where the child lives counts');
select is((select catchment_school from application where student_id = pg_temp.id('child a')), null, 'outside every catchment it is unknown');
select is(pg_temp.submit('a') ->> 'code', 'validation_failed', 'a draft with gaps is not submitted');

-- Guardians.
select pg_temp.family('b');
select is(pg_temp.problems(pg_temp.guardians('b', 0, array['家长b', '舅舅'], array['guardian b', ''], array['phone b', 'p'])),
  array['guardians.1.id_no required'], 'the other guardian needs a number');
select results_eq('select is_holder, id_no is null, phone is null from application_guardian g join application a on a.id = g.application_id
  where a.student_id = pg_temp.id(''child b'') and position = 1', $$ values (true, true, true) $$, 'the holder''s own number and phone are not copied');
select is(pg_temp.problems(pg_temp.guardians('b', 1, array['家长b', '舅舅'], array['', 'child b'], array['', ''])), array['guardians.1.id_no same_as'],
  'a guardian is not the child');
select is(pg_temp.problems(pg_temp.guardians('b', 2, array['家长b', '舅舅'], array['', 'guardian b'], array['', ''])), array['guardians.1.id_no same_as'],
  'nor twice the same person');
select is(pg_temp.problems(pg_temp.guardians('b', 3, array['家长b', '舅舅'], array['', 'uncle'], array['', ''])), null, 'a number of his own will do');
select is(pg_temp.problems(pg_temp.guardians('b', 4, array['家长b', '舅舅'], array['', ''], array['', 'q'])), null, 'what is left out keeps what is stored');
select results_eq('select id_no, phone from application_guardian g join application a on a.id = g.application_id
  where a.student_id = pg_temp.id(''child b'') and position = 2', $$ values (pg_temp.b('sealed uncle'), pg_temp.b('sealed q')) $$, 'number kept, phone replaced');
select is(pg_temp.problems(pg_temp.guardians('b', 5, array['舅舅'], array[''], array['q'])), array['guardians.0.id_no required'],
  'another name in the holder''s place is not the holder');
select is((select count(*)::int from application_guardian g join application a on a.id = g.application_id where a.student_id = pg_temp.id('child b')), 1,
  'a guardian left out is gone');

-- Submission.
select pg_temp.family('c');
select pg_temp.fill('c');
create temp table receipt as select pg_temp.submit('c', 'key of c') as answer;
select is((select answer ->> 'code' from receipt), 'ok', 'with everything there it is submitted');
select matches((select answer -> 'answer' ->> 'receipt_no' from receipt), '^2999-\d{4}-\d{4}$', 'and has a number that can be read out');
select is(pg_temp.submit('c', 'key of c') -> 'answer', (select answer -> 'answer' from receipt), 'the same key is the same answer');
select is(pg_temp.submit('c', 'key of c', 'other body') ->> 'code', 'key_reused', 'with another body it is refused');
select is(pg_temp.submit('c') -> 'answer', (select answer -> 'answer' from receipt), 'another key changes nothing');
select is((select count(*)::int from outbox where phone_id = pg_temp.id('phone c')), 1, 'the family is told once');
select is((select detail from outbox where phone_id = pg_temp.id('phone c')), (select answer -> 'answer' ->> 'receipt_no' from receipt), 'with the receipt number');
select is(pg_temp.save('c', 'student', 5, '{}'), 'wrong_state 5', 'what is submitted is not written to');
select is((select code from application_withdraw(pg_temp.b('c'), 'r', pg_temp.id('child c'), 'withdraw c', '\x00')), 'ok', 'it can be taken back');
select is(pg_temp.submit('c') -> 'answer' ->> 'receipt_no', (select answer -> 'answer' ->> 'receipt_no' from receipt), 'and submitted again under its number');
update application set status = 'returned' where student_id = pg_temp.id('child c');
select is(pg_temp.save('c', 'student', 5, '{"ethnicity": "02"}'), 'ok 6', 'one that came back may be corrected');
select is(pg_temp.submit('c') ->> 'code', 'ok', 'and submitted');
update application set status = 'accepted' where student_id = pg_temp.id('child c');
select is(pg_temp.submit('c') ->> 'code', 'wrong_state', 'after acceptance there is nothing to submit');
select is((select code from application_withdraw(pg_temp.b('c'), 'r', pg_temp.id('child c'), 'withdraw again', '\x00')), 'wrong_state', 'nor to take back');
select is((select array_agg(e ->> 'kind') from application_events(pg_temp.b('c'), 'r', pg_temp.id('child c')) x, jsonb_array_elements(x.events) e),
  array['started', 'submitted', 'withdrawn', 'submitted', 'returned', 'submitted', 'accepted'], 'its history tells all of it');

-- One child, several families.
select pg_temp.family('d', 'twice');
select pg_temp.family('e', 'twice');
select pg_temp.fill('d');
select pg_temp.fill('e');
select is(pg_temp.submit('d') ->> 'code', 'ok', 'the first family submits');
select is(pg_temp.submit('e') ->> 'code', 'student_taken', 'the second is told that the child is taken');
select is((select code from application_withdraw(pg_temp.b('d'), 'r', pg_temp.id('child d'), 'withdraw d', '\x00')), 'ok', 'the first takes it back');
select is(pg_temp.submit('e') ->> 'code', 'ok', 'then the second may');
select pg_temp.family('f', 'proven elsewhere');
select pg_temp.family('g', 'proven elsewhere');
select pg_temp.fill('f');
update student set proven_at = now() where id = pg_temp.id('child g');
select is(pg_temp.submit('f') ->> 'code', 'student_taken', 'a child that another family has proven is not submitted');
update student set binding_status = 'student_taken' where id = pg_temp.id('child f');
select is(pg_temp.save('f', 'student', 5, '{}'), 'student_taken 5', 'and its entry here is not written to');

-- Routes.
select pg_temp.family('h');
select pg_temp.fill('h');
update student set route = null where id = pg_temp.id('child h');
select is(pg_temp.problems(pg_temp.submit('h')), array['route.route required'], 'without a route it is asked for');
update student set route = 'licences' where id = pg_temp.id('child h');
select is(pg_temp.problems(pg_temp.submit('h')), array['binding.student required'], 'on licences the child must be bound');
update student set binding_status = 'bound' where id = pg_temp.id('child h');
select is(pg_temp.problems(pg_temp.submit('h')), array['authorization.household_register required'], 'and the registers signed');
update student set authorization_status = 'confirmed_by_hand' where id = pg_temp.id('child h');
select is(pg_temp.submit('h') ->> 'code', 'ok', 'or confirmed by hand');
select is((select verify_in_person from application where student_id = pg_temp.id('child h')), false, 'then nothing is shown at school');
select is((select verify_in_person from application where student_id = pg_temp.id('child e')), true, 'papers are');

-- Age and season.
select pg_temp.family('i', null, '2993-09-01');
select pg_temp.fill('i');
select is(pg_temp.problems(pg_temp.submit('i')), array['student.birth_date birth_date'], 'a day too young is not of age');
update student set birth_date = '2993-08-31' where id = pg_temp.id('child i');
update season set opens_at = now() + interval '1 hour' where year = 2999;
select is(pg_temp.submit('i') ->> 'code', 'season_closed', 'before it opens nothing is submitted');
select is(pg_temp.save('i', 'student', 5, '{"ethnicity": "01"}'), 'ok 6', 'but drafts are written');
update season set register_from = now() + interval '30 minutes' where year = 2999;
select is(pg_temp.save('i', 'student', 6, '{"ethnicity": "02"}'), 'season_closed 6', 'not before registration opens');
update season set register_from = now() - interval '3 days', opens_at = now() - interval '2 days', closes_at = now() - interval '1 second' where year = 2999;
select is(pg_temp.submit('i') ->> 'code', 'season_closed', 'nor after it closed');
update season set closes_at = now() + interval '1 day' where year = 2999;
select is(pg_temp.submit('i') ->> 'code', 'ok', 'within it, and on the last day of age, it is');

-- What is asked of the database alone.
select pg_temp.family('j');
select pg_temp.fill('j');
select from pg_temp.save('j', 'student', 5, '{"ethnicity": "57"}');
select from pg_temp.save('j', 'household', 6, '{"relation_to_head": "00"}');
select from pg_temp.save('j', 'wishes', 7, jsonb_build_object('schools', array[pg_temp.id('no school')], 'together_with', array[pg_temp.id('child a')]));
select is(pg_temp.problems(pg_temp.submit('j')), array['household.relation_to_head format', 'student.ethnicity format', 'wishes.schools format',
  'wishes.together_with format'], 'codes, schools and siblings are looked up');

-- Licences.
insert into errand (id, purpose, guardian_id, device, state_hash, code_hash) values (pg_temp.id('errand'), 'authorize', pg_temp.id('h'), '\x00', '\x01', '\x02');
insert into signing (id, errand_id, guardian_id, signed_at, expires_at, receipt_no)
  values (pg_temp.id('signing'), pg_temp.id('errand'), pg_temp.id('h'), now(), now() + interval '1 day', '0000-0000-0000');
insert into license_request (id, signing_id, types) values (pg_temp.id('request'), pg_temp.id('signing'), '{real_estate}');
insert into license (id, request_id, signing_id, guardian_id, student_id, type, state, data)
select pg_temp.id('license ' || s), pg_temp.id('request'), pg_temp.id('signing'), pg_temp.id('h'), case s when 'child' then pg_temp.id('child h') end,
  'household_register', 'fetched', '\x00' from unnest(array['child', 'parent']) s;
select is((select count(*)::int from application_licenses(pg_temp.b('h'), 'r', pg_temp.id('child h'))), 2, 'the child''s and the guardian''s licences prefill');
select is((select count(*)::int from application_licenses(pg_temp.b('a'), 'r', pg_temp.id('child h'))), 0, 'not for another family');
update signing set revoked_at = now() where id = pg_temp.id('signing');
select is((select count(*)::int from application_licenses(pg_temp.b('h'), 'r', pg_temp.id('child h'))), 0, 'nor after the signing was revoked');

select ok((select count(*) from audit where action like 'application_%' and outcome <> 'ok') > 10, 'refusals are in the audit trail');
select is_empty($$ select id from audit where detail::text ~ '家长|金山' $$, 'which holds nothing that was typed');

select * from finish();
rollback;
