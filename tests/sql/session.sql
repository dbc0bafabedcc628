-- Signing in by password, who am I, signing out; and what a WeChat just seen has to do with it.
begin;
\ir support/account.psql

select is(code, 'created', 'a family') from pg_temp.register('a');
select is(code, 'created', 'another family') from pg_temp.register('b');

-- Right and wrong.
select is(code, 'ok', 'the right password opens a session') from pg_temp.sign_in('a', 'token a', p_device => 'device');
select is(code, 'bad_credentials', 'a wrong password opens none') from pg_temp.sign_in('a', 'token x', p_is_right => false);
select is(code, 'bad_credentials', 'nor does an unknown phone') from pg_temp.sign_in('nobody', 'token x', p_is_right => false);
select is(code, 'bad_credentials', 'not even if C were to say it was right') from pg_temp.sign_in('nobody', 'token x');
select is(s.code, 'not_signed_in', 'no session came of those') from enroll.session_get(pg_temp.b('token x'), 'r') s;
select is((select count(*)::int from enroll.audit where action = 'sign_in' and at >= now() and outcome = 'bad_credentials'), 3,
  'every attempt leaves a row');

-- What GET says.
select is(s.answer #>> '{guardian,name}', 'G**', 'the guardian is masked') from enroll.session_get(pg_temp.b('token a'), 'r') s;
select is(s.answer #>> '{students,0,name}', 'Student a', 'the own child is not') from enroll.session_get(pg_temp.b('token a'), 'r') s;
select is(s.answer #> '{guardian,limited}', 'false', 'nothing is limited') from enroll.session_get(pg_temp.b('token a'), 'r') s;
select is(s.answer #> '{guardian,wechat}', '[]', 'no WeChat is linked') from enroll.session_get(pg_temp.b('token a'), 'r') s;
select is(s.code, 'not_signed_in', 'a foreign token gives nothing') from enroll.session_get(pg_temp.b('token z'), 'r') s;
select is(s.answer, null, 'not even a hint') from enroll.session_get(pg_temp.b('token z'), 'r') s;
select is(s.code, 'not_signed_in', 'nor does none') from enroll.session_get(null, 'r') s;
select is(code, 'ok', 'the other family signs in') from pg_temp.sign_in('b', 'token b');
select is(s.answer #>> '{students,0,name}', 'Student b', 'each session sees its own') from enroll.session_get(pg_temp.b('token b'), 'r') s;

-- Times.
update enroll.session set last_seen_at = now() - interval '31 minutes' where token_hash = pg_temp.b('token b');
select is(s.code, 'not_signed_in', 'idle for half an hour is over') from enroll.session_get(pg_temp.b('token b'), 'r') s;
update enroll.session set last_seen_at = now() - interval '6 minutes', created_at = now() - interval '11 hours'
 where token_hash = pg_temp.b('token b');
select is(s.code, 'ok', 'used now and then it lasts') from enroll.session_get(pg_temp.b('token b'), 'r') s;
select is((select last_seen_at from enroll.session where token_hash = pg_temp.b('token b')), now(), 'and the use is noted');
update enroll.session set created_at = now() - interval '721 minutes' where token_hash = pg_temp.b('token b');
select is(s.code, 'not_signed_in', 'but not beyond twelve hours') from enroll.session_get(pg_temp.b('token b'), 'r') s;

-- Guessing: five free, a stranger cannot lock out a browser that has signed in before.
select (pg_temp.sign_in('a', 'x', false, 'stranger')).code from generate_series(1, 5) \g /dev/null
select is(code, 'too_many_attempts', 'a stranger is stopped') from pg_temp.sign_in('a', 'x', false, 'stranger');
select is(code, 'too_many_attempts', 'even with the right password') from pg_temp.sign_in('a', 'x', true, 'stranger');
select is(code, 'ok', 'the own browser is not') from pg_temp.sign_in('a', 'token a2');
select is((select count(*)::int from enroll.guess where kind = 'device' and count > 1), 0, 'a success takes its booking back');
select (pg_temp.sign_in('b', 'x', false, 'stranger')).code from generate_series(1, 5) \g /dev/null
select is(code, 'too_many_attempts', 'a browser known to one account is a stranger to another')
  from pg_temp.sign_in('b', 'x', true, 'known to a alone');
select is((select b.hash from enroll.session_begin('r', pg_temp.b('address'), null, null, pg_temp.b('phone b')) b), null,
  'who may not try gets no hash');
select is((select array[b.code, b.kind] from enroll.session_begin('r', pg_temp.b('address'), null, null, pg_temp.b('phone c')) b),
  array['ok', 'phone'], 'an attempt that was never judged');
select is(enroll.session_drop('r', 'phone', pg_temp.b('phone c')), 'ok', 'is given back');
select is((select count from enroll.guess where kind = 'phone' and key = pg_temp.b('phone c')), 0, 'and does not count');
insert into enroll.guess (kind, key, count, next_at) values ('address', pg_temp.b('address'), 1000, now() + interval '3 seconds')
  on conflict (kind, key) do update set count = excluded.count, next_at = excluded.next_at;
select is(code, 'too_many_attempts', 'an address beyond its budget waits seconds') from pg_temp.sign_in('c', 'x', false, 'stranger');
select is(code, 'ok', 'but not a browser that has signed in before') from pg_temp.sign_in('a', 'x');
delete from enroll.guess where kind = 'address';

-- Hashes.
select is(code, 'ok', 'an outdated hash') from pg_temp.sign_in('a', 'token a3', p_rehash => 'better hash');
select is((select hash || ' ' || via from enroll.password w join enroll.guardian g on g.id = w.guardian_id
  where g.id_no_index = pg_temp.b('guardian a') and until is null), 'better hash register', 'is made anew and keeps its origin');
select is((select f.code from enroll.session_finish('r', pg_temp.b('address'), null, pg_temp.b('phone a'), true, 'hash a', null,
  pg_temp.b('x'), pg_temp.b('device'), '', false, 'phone', pg_temp.b('phone a')) f), 'bad_credentials',
  'a password that was changed meanwhile is not the password');

-- What the hashes in use cost is told to everybody, known or not, so that every wrong password pays all of it.
update enroll.password set hash = '$scrypt$ln=3,r=8,p=2$x$x' where until is null and hash = 'better hash';
update enroll.password set hash = '$scrypt$ln=5,r=8,p=2$x$x' where until is null and hash = 'hash b';
select ok(b.costs like '%ln=3,r=8,p=2 %ln=5,r=8,p=2%', 'an unknown phone is told all costs')
  from enroll.session_begin('r', pg_temp.b('address'), null, null, pg_temp.b('phone d')) b;
select is((select array[b.hash, b.costs] from enroll.session_begin('r', pg_temp.b('address'), pg_temp.b('device'), null, pg_temp.b('phone a')) b),
  (select array['$scrypt$ln=3,r=8,p=2$x$x', b.costs] from enroll.session_begin('r', pg_temp.b('address'), null, null, pg_temp.b('phone d')) b),
  'a known one is told the same');

-- Signing out.
select is(enroll.session_end(pg_temp.b('token a3'), 'r'), 'ok', 'sign out');
select is(s.code, 'not_signed_in', 'is signed out') from enroll.session_get(pg_temp.b('token a3'), 'r') s;
select is(enroll.session_end(pg_temp.b('token a3'), 'r'), 'ok', 'a repeat is the same answer');
select is(enroll.session_end(pg_temp.b('token z'), 'r'), 'not_signed_in', 'a token that never was is not');
select is(enroll.session_end(null, 'r'), 'not_signed_in', 'nor is none');
select is(s.code, 'ok', 'other sessions stay') from enroll.session_get(pg_temp.b('token a2'), 'r') s;

select * from finish();
rollback;
