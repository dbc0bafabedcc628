-- Guessing at the four facts and at passwords, from however many addresses: what a day holds, and who gets in all the same.
begin;
\ir support/account.psql

-- Wait until the next try is allowed: as a guesser would who has all day.
create function pg_temp.wait() returns void language sql as $$ update enroll.guess set next_at = null where next_at is not null and kind <> 'address' $$;
-- One try at the facts of a guardian and a child with wrong names, each from an address and a browser of its own. Was it judged?
create function pg_temp.try_facts(p_guardian text, p_student text, p_n int) returns boolean language plpgsql as $$
declare
  b record;
begin
  perform pg_temp.wait();
  select * into b from enroll.recover_begin('r', pg_temp.b('address ' || p_n), pg_temp.b('device ' || p_n), null, pg_temp.b('guardian ' || p_guardian),
    pg_temp.b('student ' || p_student));
  return b.code = 'ok';
end $$;
create function pg_temp.try_phone(p_guardian text, p_student text, p_old text, p_n int) returns boolean language plpgsql as $$
begin
  perform pg_temp.wait();
  return (select f.code <> 'too_many_attempts' from enroll.recover_phone('r', pg_temp.b('address ' || p_n), null, null, pg_temp.b('guardian ' || p_guardian),
    'Guardian ' || p_guardian, pg_temp.b('student ' || p_student), 'Student ' || p_student, pg_temp.b('phone ' || p_old), gen_random_uuid(), '\x00',
    pg_temp.b('phone free ' || p_n), '139****0000', null, false, pg_temp.b('undo ' || p_n), null, null) f);
end $$;

select is(code, 'created', 'a family') from pg_temp.register('a');
select is(code, 'created', 'another family') from pg_temp.register('b');
select is((select count(*)::int from generate_series(1, 60) n where pg_temp.try_facts('a', 'child ' || n, n)), 20, 'one guardian is tried 20 times a day');
select is((select count(*)::int from generate_series(61, 120) n where pg_temp.try_facts('guardian ' || n, 'a', n)), 20, 'one child is tried 20 times a day');
select is((select count(*)::int from generate_series(121, 180) n where pg_temp.try_facts('nobody', 'nobody', n)), 20, 'so is a family that does not exist');
select is((select count(*)::int from generate_series(181, 240) n where case n % 2 when 0 then pg_temp.try_facts('b', 'b', n)
  else pg_temp.try_phone('b', 'b', 'old ' || n, n) end), 20, 'one account is tried 20 times a day, in whichever way');
update enroll.guess set since = now() - interval '25 hours' where key in (pg_temp.b('guardian a'), pg_temp.b('student a'));
select ok(pg_temp.try_facts('a', 'a', 241), 'the next day it begins anew');

-- Passwords: 100 a day; the delays in between.
create function pg_temp.try_password(p_word text, p_n int) returns text language plpgsql as $$
begin
  perform pg_temp.wait();
  return (select code from enroll.session_begin('r', pg_temp.b('address ' || p_n), pg_temp.b('device ' || p_n), null, pg_temp.b('phone ' || p_word)));
end $$;
create function pg_temp.delay(p_n int) returns int language plpgsql as $$
begin
  perform pg_temp.try_password('slow', p_n);
  return (select coalesce(round(extract(epoch from next_at - clock_timestamp()) / 60), 0) from enroll.guess
    where kind = 'phone' and key = pg_temp.b('phone slow'));
end $$;
select is(array(select pg_temp.delay(n) from generate_series(1, 12) n), array[0, 0, 0, 0, 1, 2, 4, 8, 15, 15, 15, 15], '5 are free, then 1, 2, 4, 8, 15 minutes');
select is((select count(*)::int from generate_series(1, 300) n where pg_temp.try_password('a', n) = 'ok'), 100,
  'one account''s password is tried 100 times a day');

-- Beside all that: a known browser and a linked WeChat, also at an address beyond its budget.
select is(code, 'created', 'a family') from pg_temp.register('w');
select (pg_temp.wechat('visit w', 'w', 'x')).is_signed_in \g /dev/null
select is(code, 'ok', 'with a known browser and a WeChat') from pg_temp.sign_in('w', 'token w', p_device => 'known', p_wechat => 'visit w');
insert into enroll.guess (kind, key, count, next_at)
  select k, v, c, now() + interval '1 day' from (values ('phone', pg_temp.b('phone w'), 100), ('guardian', pg_temp.b('guardian w'), 20),
    ('child', pg_temp.b('student w'), 20), ('address', pg_temp.b('address'), 100000)) f (k, v, c)
  on conflict (kind, key) do update set since = now(), count = excluded.count, next_at = excluded.next_at;
select is(code, 'too_many_attempts', 'after a flood strangers are stopped') from pg_temp.sign_in('w', 'x', p_device => 'stranger');
select is(code, 'too_many_attempts', 'at the facts too') from pg_temp.recover('w');
select is(code, 'ok', 'the known browser is not') from pg_temp.sign_in('w', 'token w2', p_device => 'known');
select is(code, 'ok', 'nor is the linked WeChat') from pg_temp.sign_in('w', 'token w3', p_device => 'stranger', p_wechat => 'visit w');
select is(is_signed_in, true, 'which signs in by itself') from pg_temp.wechat('visit w2', 'w', 'x');
select is(code, 'ok', 'and may recover') from pg_temp.recover('w', p_device => 'stranger', p_wechat => 'visit w');
update enroll.guess set next_at = now() where kind = 'address' and key = pg_temp.b('address');
select is(code, 'ok', 'a family beside it waits seconds, not for the hour') from pg_temp.sign_in('b', 'token b', p_device => 'new');

-- What was not judged, and a success, leave everything as it was, however many came before.
select is(code, 'created', 'a family') from pg_temp.register('back');
select is((select count(*)::int from generate_series(1, 7) n where pg_temp.try_password('back', n) = 'ok'), 7, 'seven mistypes');
select pg_temp.wait() \g /dev/null
create function pg_temp.counter(p_word text) returns text language sql as $$
  select count || case when next_at > clock_timestamp() then ', later' else ', now' end from enroll.guess
   where kind = 'phone' and key = pg_temp.b('phone ' || p_word)
$$;
select is(code, 'ok', 'one more') from enroll.session_begin('r', pg_temp.b('address x'), null, null, pg_temp.b('phone back'));
select is(pg_temp.counter('back'), '8, later', 'is booked');
select is(code, 'ok', 'busy') from enroll.session_drop('r', 'phone', pg_temp.b('phone back'));
select is(pg_temp.counter('back'), '7, now', 'takes back its booking, and the wait with it');
select is(code, 'bad_credentials', 'wrong facts with this phone as the new one')
  from pg_temp.change_phone('nobody at all', p_new => 'back');
select is(pg_temp.counter('back'), '7, now', 'are no guess at it, and keep nobody from it');
delete from enroll.guess where kind = 'address';
select is(code, 'ok', 'the right password') from pg_temp.sign_in('back', 'token back', p_device => 'device back');
select is(pg_temp.counter('back'), '7, now', 'takes back its own');

select * from finish();
rollback;
