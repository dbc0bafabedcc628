-- Recovery by the four facts: what it needs, what it sets off, how it is counted; and when it does not limit.
begin;
\ir support/account.psql

select is(code, 'created', 'a family') from pg_temp.register('a');
select is(code, 'created', 'another family') from pg_temp.register('b');
select is(code, 'ok', 'that is signed in') from pg_temp.sign_in('a', 'before');

-- Wrong facts, each by itself.
select is(code, 'bad_credentials', 'another child') from pg_temp.recover('a', p_student => 'b');
select is(code, 'bad_credentials', 'another name') from pg_temp.recover('a', p_name => 'Guardian b');
select is(code, 'bad_credentials', 'an unknown family') from pg_temp.recover('nobody');
select is(s.code, 'ok', 'change nothing') from enroll.session_get(pg_temp.b('before'), 'r') s;
select is((select count from enroll.guess where kind = 'guardian' and key = pg_temp.b('guardian a')), 2, 'count at the guardian');
select is((select count from enroll.guess where kind = 'child' and key = pg_temp.b('student a')), 1, 'and at the child');

-- The right ones, the name in other letters' case and without its blank.
select is(code, 'ok', 'the four facts set a new password') from pg_temp.recover('a', 'recovered', p_name => 'GUARDIANA');
select is(s.code, 'not_signed_in', 'every session ends') from enroll.session_get(pg_temp.b('before'), 'r') s;
select is(s.answer #>> '{guardian,limited}', 'true', 'one opens, and is limited') from enroll.session_get(pg_temp.b('recovered'), 'r') s;
select is(s.answer #>> '{students,0,name}', 'S**', 'and sees masks') from enroll.session_get(pg_temp.b('recovered'), 'r') s;
select is((select b.hash from enroll.session_begin('r', pg_temp.b('address'), null, null, pg_temp.b('phone a')) b), 'new hash',
  'the new password counts');
select is((select count(*)::int from enroll.password w join enroll.guardian g on g.id = w.guardian_id
  where g.id_no_index = pg_temp.b('guardian a')), 2, 'the old one is kept for undoing');
select is((select count(*)::int from enroll.outbox o join enroll.phone p on p.id = o.phone_id
  where p.phone_index = pg_temp.b('phone a') and o.template = 'password_recovered'), 1, 'the phone is told');
select is((select count from enroll.guess where kind = 'guardian' and key = pg_temp.b('guardian a')), 2, 'a success is not counted');
select is((select limited_device from enroll.guardian where id_no_index = pg_temp.b('guardian a')), pg_temp.b('stranger'),
  'the browser is remembered');

-- Guessing at facts: five free, and 20 a day.
select (pg_temp.recover('b', p_name => 'wrong')).code from generate_series(1, 5) \g /dev/null
select is(code, 'too_many_attempts', 'the sixth guess waits') from pg_temp.recover('b');
select ok(retry_after_s between 1 and 60, 'a minute') from pg_temp.recover('b');
update enroll.guess set count = 20, next_at = now() where kind in ('guardian', 'child')
  and key in (pg_temp.b('guardian b'), pg_temp.b('student b'));
select ok(retry_after_s > 80000, 'twenty a day') from pg_temp.recover('b');
select is(code, 'ok', 'a browser that has signed in before') from pg_temp.sign_in('b', 'own', p_device => 'own browser');
select is(code, 'ok', 'has its own budget') from pg_temp.recover('b', p_device => 'own browser');
select is(enroll.recover_drop('r', pg_temp.b('guardian c'), pg_temp.b('student c'), null, null), 'ok', 'what is busy is given back');

-- Change of phone.
select is(code, 'created', 'a third family') from pg_temp.register('d');
select is(code, 'ok', 'signed in') from pg_temp.sign_in('d', 'token d');
select is(code, 'bad_credentials', 'the old phone must be the account''s') from pg_temp.change_phone('d', p_old => 'a');
select is((select count from enroll.guess where kind = 'guardian' and key = pg_temp.b('guardian d')), 1, 'and counts as a fact');
select is((select count from enroll.guess where kind = 'phone' and key = pg_temp.b('phone new')), 0, 'but not at the new phone');
select is(code, 'phone_taken', 'a phone in use is refused') from pg_temp.change_phone('d', p_new => 'b');
select is((select count from enroll.guess where kind = 'phone' and key = pg_temp.b('phone b')), 1, 'and that counts at the phone');
select is(s.code, 'ok', 'and changes nothing') from enroll.session_get(pg_temp.b('token d'), 'r') s;
select is(code, 'ok', 'a free one is set') from pg_temp.change_phone('d');
select is(s.code, 'not_signed_in', 'every session ends') from enroll.session_get(pg_temp.b('token d'), 'r') s;
select is((select count(*)::int from enroll.session s join enroll.guardian g on g.id = s.guardian_id
  where g.id_no_index = pg_temp.b('guardian d') and s.ended_at is null), 0, 'none opens');
select isnt(limited_since, null, 'the account is limited') from enroll.guardian where id_no_index = pg_temp.b('guardian d');
select is((select p.phone_index from enroll.outbox o join enroll.phone p on p.id = o.phone_id where o.template = 'phone_changed'),
  pg_temp.b('phone d'), 'the old phone is told');
select is(code, 'ok', 'one signs in with the new phone') from pg_temp.sign_in('new', 'token new');
select is(code, 'bad_credentials', 'and not with the old') from pg_temp.sign_in('d', 'x');
select is(code, 'created', 'which another family may have') from pg_temp.register('e', p_phone => 'd');

-- In a WeChat linked before.
select is(code, 'created', 'a fourth family') from pg_temp.register('w');
select (pg_temp.wechat('visit w', 'w', 'x')).is_signed_in \g /dev/null
select is(code, 'ok', 'links its WeChat') from pg_temp.sign_in('w', 'token w', p_wechat => 'visit w');
select is(code, 'ok', 'a thief recovers elsewhere') from pg_temp.recover('w', 'thief');
select is((select count(*)::int from enroll.outbox o join enroll.wechat l on l.id = o.wechat_id
  where l.openid_index = pg_temp.b('openid w')), 1, 'the WeChat is told');
select is(code, 'ok', 'and takes the phone') from pg_temp.change_phone('w', p_new => 'thief');
select is(code, 'ok', 'the owner recovers in the linked WeChat')
  from pg_temp.recover('w', 'owner', p_device => 'owner', p_wechat => 'visit w');
select is(s.answer #>> '{guardian,limited}', 'false', 'and is not limited') from enroll.session_get(pg_temp.b('owner'), 'r') s;
select is(s.code, 'not_signed_in', 'the thief is out') from enroll.session_get(pg_temp.b('thief'), 'r') s;
select is((select phone_index from enroll.phone p join enroll.guardian g on g.id = p.guardian_id
  where g.id_no_index = pg_temp.b('guardian w') and p.until is null), pg_temp.b('phone w'), 'the owner''s phone counts again');

-- The old phone is not in the owner's hands.
select is(code, 'ok', 'recovered with the phone lost') from pg_temp.recover('w', p_is_lost => true);
select is(is_signed_in, false, 'older links stop signing in') from pg_temp.wechat('visit w2', 'w', 'x');

-- A browser that got in by recovery alone is not known, and has no budget of its own; the owner's is once he has proved himself.
select is(code, 'created', 'a fifth family') from pg_temp.register('k');
select is(code, 'ok', 'a stranger recovers') from pg_temp.recover('k', 'thief k', p_device => 'thief k');
select is(code, 'ok', 'and signs in') from pg_temp.sign_in('k', 'thief k 2', p_device => 'thief k');
select is((select o.kind from enroll.guardian g, enroll.guess_own(g.id, pg_temp.b('thief k'), null) o
  where g.id_no_index = pg_temp.b('guardian k')), null, 'his browser is as strange as before');
insert into enroll.device (guardian_id, device) select g.id, pg_temp.b('guest k') from enroll.guardian g where g.id_no_index = pg_temp.b('guardian k');
select enroll.limit_lift(g, pg_temp.b('owner k'), true) from enroll.guardian g where g.id_no_index = pg_temp.b('guardian k') \g /dev/null
select is((select o.kind from enroll.guardian g, enroll.guess_own(g.id, pg_temp.b('owner k'), null) o
  where g.id_no_index = pg_temp.b('guardian k')), 'device', 'the owner''s is known');
select is((select o.kind from enroll.guardian g, enroll.guess_own(g.id, pg_temp.b('guest k'), null) o
  where g.id_no_index = pg_temp.b('guardian k')), null, 'and no other, whoever signed in there before');

select * from finish();
rollback;
