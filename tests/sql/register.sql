-- Registration: what is taken, in which order it is said, what a repeat gets, what is counted.
begin;
\ir support/account.psql

select is(code, 'created', 'a family is registered') from pg_temp.register('a');
select is((select count(*)::int from enroll.guardian g join enroll.phone p on p.guardian_id = g.id
  join enroll.password w on w.guardian_id = g.id join enroll.student s on s.guardian_id = g.id
  join enroll.consent c on c.student_id = s.id where g.id_no_index = pg_temp.b('guardian a')), 1,
  'guardian, phone, password, student and consent stand together');
select is((select count(*)::int from enroll.outbox o join enroll.phone p on p.id = o.phone_id
  where p.phone_index = pg_temp.b('phone a')), 0, 'registration sends no message');
select is((select count(*)::int from enroll.session s join enroll.guardian g on g.id = s.guardian_id
  where g.id_no_index = pg_temp.b('guardian a')), 0, 'registration signs nobody in');

-- In the order phone, guardian, student.
select is(code, 'phone_taken', 'phone_taken comes first') from pg_temp.register('a');
select is(code, 'guardian_taken', 'guardian_taken comes second') from pg_temp.register('a2', p_guardian => 'a');
select is(code, 'created', 'an unproven child may stand on a second account') from pg_temp.register('b', p_student => 'a');
update enroll.student set proven_at = now() where id_no_index = pg_temp.b('student a')
  and guardian_id = (select id from enroll.guardian where id_no_index = pg_temp.b('guardian a'));
select is(code, 'student_taken', 'a proven child may not') from pg_temp.register('c', p_student => 'a');

-- Each counts at the fact it names, and only there.
select is((select count from enroll.guess where kind = 'phone' and key = pg_temp.b('phone a')), 1, 'phone_taken counts at the phone');
select is((select count from enroll.guess where kind = 'guardian' and key = pg_temp.b('guardian a')), 1,
  'guardian_taken counts at the guardian');
select is((select count from enroll.guess where kind = 'child' and key = pg_temp.b('student a')), 1,
  'student_taken counts at the child');
select is((select sum(count)::int from enroll.guess where key in (pg_temp.b('phone c'), pg_temp.b('guardian c'),
  pg_temp.b('phone b'), pg_temp.b('guardian b'))), 0, 'what is free is not counted, nor is a success');
select (pg_temp.register('a')).code from generate_series(1, 4) \g /dev/null
select is(code, 'too_many_attempts', 'the sixth guess at a phone waits') from pg_temp.register('a');
select is((select count from enroll.guess where kind = 'phone' and key = pg_temp.b('phone a')), 5, 'a refused guess books nothing');

-- Repeats.
select is(code, 'created', 'a key is used') from pg_temp.register('d', p_key => 'the same key');
select is(code, 'replayed', 'the same key and body is the same answer') from pg_temp.register('d', p_key => 'the same key');
select isnt(answer, null, 'with its content') from pg_temp.register('d', p_key => 'the same key');
select is(code, 'key_reused', 'the same key with another body is refused') from pg_temp.register('e', p_key => 'the same key');
select is(code, 'phone_taken', 'a failure') from pg_temp.register('d', p_key => 'a failing key');
select is(code, 'created', 'leaves its key free') from pg_temp.register('f', p_key => 'a failing key');
select is((select b.code from enroll.register_begin('00000001', pg_temp.b('address'), 'at work', pg_temp.b('g'), pg_temp.b('phone g'),
  pg_temp.b('guardian g'), pg_temp.b('student g')) b), 'ok', 'a first call');
select is((select b.code from enroll.register_begin('00000001', pg_temp.b('address'), 'at work', pg_temp.b('g'), pg_temp.b('phone g'),
  pg_temp.b('guardian g'), pg_temp.b('student g')) b), 'busy', 'makes its repeat wait');
select is(enroll.register_drop('00000001', 'at work'), 'ok', 'until it gives up');
select is((select b.code from enroll.register_begin('00000001', pg_temp.b('address'), 'at work', pg_temp.b('g'), pg_temp.b('phone g'),
  pg_temp.b('guardian g'), pg_temp.b('student g')) b), 'ok', 'then the next may try');

-- Between the two doors another one has won.
select is((select f.code from enroll.register_finish('00000001', pg_temp.b('address'), 'at work', gen_random_uuid(), 'n', 'n',
  pg_temp.b('s'), pg_temp.b('guardian d'), '4', gen_random_uuid(), pg_temp.b('s'), pg_temp.b('phone g'), '1', 'h',
  gen_random_uuid(), 'n', 'n', pg_temp.b('s'), pg_temp.b('student g'), '4', '2019-09-01', false, null) f), 'guardian_taken',
  'what begin saw is looked at again');
select is((select count(*)::int from enroll.idempotency where key = 'at work'), 0, 'and the key is free');

-- The season.
update enroll.season set register_from = now() + interval '1 hour', opens_at = now() + interval '2 hours' where year = 2999;
select is(code, 'season_closed', 'no registration before register_from') from pg_temp.register('h');
update enroll.season set register_from = now() - interval '1 hour' where year = 2999;
select is(code, 'created', 'registration opens before the application') from pg_temp.register('h');
update enroll.season set opens_at = now() - interval '1 hour', closes_at = now() where year = 2999;
select is(code, 'season_closed', 'and ends with the season') from pg_temp.register('i');
select is((select count(*)::int from enroll.audit where action = 'register' and outcome = 'season_closed' and at >= now()), 2,
  'every attempt leaves a row');

select * from finish();
rollback;
