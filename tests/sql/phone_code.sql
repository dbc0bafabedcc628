-- The code that proves a phone: what is sent to whom, how often, how often it may be tried, and that it works once, for one phone
-- and one purpose.
begin;
\ir support/account.psql

-- Ask for a code for the phone p_word. Its hash is that of purpose, word and p_code.
create function pg_temp.hash(p_purpose text, p_word text, p_code text) returns bytea language sql immutable as $$
  select pg_temp.b(p_purpose || ':' || p_word || ':' || p_code)
$$;
create function pg_temp.ask(p_word text, p_code text default '123456', p_address text default 'address', out code text, out retry_after_s int)
language sql as $$
  select r.code, r.retry_after_s from enroll.register_code('00000001', pg_temp.b(p_address), pg_temp.b('phone ' || p_word),
    pg_temp.hash('register', p_word, p_code), gen_random_uuid(), pg_temp.b('sealed phone ' || p_word), pg_temp.b('sealed code')) r
$$;
create function pg_temp.ask_for_change(p_purpose text, p_word text, p_token text default 'token', out code text) language plpgsql as $$
begin
  code := case p_purpose
    when 'recover' then (enroll.recover_code('00000001', pg_temp.b('address'), pg_temp.b('phone ' || p_word),
      pg_temp.hash('recover', p_word, '123456'), gen_random_uuid(), pg_temp.b('sealed'), pg_temp.b('sealed code'))).code
    else (enroll.account_code(pg_temp.b(p_token), '00000001', pg_temp.b('address'), pg_temp.b('phone ' || p_word),
      pg_temp.hash('account', p_word, '123456'), gen_random_uuid(), pg_temp.b('sealed'), pg_temp.b('sealed code'))).code end;
end $$;
-- Another minute, hour or day of a phone: what was counted began that much earlier.
create function pg_temp.pass(p_interval interval) returns void language sql as $$
  update enroll.guess set since = since - p_interval, next_at = next_at - p_interval where kind like 'code\_%'
$$;
-- The code of one registration, begun and, if p_is_finished, finished.
create function pg_temp.prove(p_word text, p_code text, p_is_finished boolean default false, p_key text default gen_random_uuid()::text,
  p_proof text default null) returns text language plpgsql as $$
declare
  v_hash bytea := coalesce(pg_temp.b(p_proof), pg_temp.hash('register', p_word, p_code));
  v_code text;
begin
  v_code := (enroll.register_begin('00000001', pg_temp.b('address'), p_key, pg_temp.b('body ' || p_word), pg_temp.b('phone ' || p_word),
    pg_temp.b('guardian ' || p_word), pg_temp.b('student ' || p_word), v_hash)).code;
  if v_code = 'ok' and p_is_finished then
    v_code := (enroll.register_finish('00000001', pg_temp.b('address'), p_key, gen_random_uuid(), 'Guardian ' || p_word, 'G**',
      pg_temp.b('sealed'), pg_temp.b('guardian ' || p_word), '4****************1', gen_random_uuid(), pg_temp.b('sealed'),
      pg_temp.b('phone ' || p_word), '138****0000', 'hash', gen_random_uuid(), 'Student ' || p_word, 'S**', pg_temp.b('sealed'),
      pg_temp.b('student ' || p_word), '4****************2', '2019-09-01', false, null, v_hash)).code;
  elsif v_code = 'ok' then
    perform enroll.register_drop('00000001', p_key);
  end if;
  return v_code;
end $$;
create function pg_temp.tries(p_word text, p_purpose text default 'register') returns int language sql as $$
  select c.tries from enroll.phone_code c where c.purpose = p_purpose and c.phone_index = pg_temp.b('phone ' || p_word)
$$;
create function pg_temp.message(p_word text) returns enroll.outbox language sql as $$
  select o from enroll.outbox o where o.phone = pg_temp.b('sealed phone ' || p_word) order by o.created_at desc limit 1
$$;

-- Sent, and to whom.
select is(code, 'ok', 'a code is sent') from pg_temp.ask('a');
select is((m).template || ' ' || encode((m).token, 'hex'), 'phone_code ' || encode(pg_temp.b('sealed code'), 'hex'), 'in a message to the bare number')
  from pg_temp.message('a') m;
select ok((m).expires_at between now() + interval '9 minutes' and now() + interval '10 minutes', 'which is worth nothing after ten minutes')
  from pg_temp.message('a') m;
select is(code, 'created', 'an account') from pg_temp.register('b');
select is(code, 'ok', 'who asks for a code for its phone is answered alike') from pg_temp.ask('b');
select is((m).template || coalesce(encode((m).token, 'hex'), ' without a code'), 'phone_code_taken without a code', 'only the phone hears that it has one')
  from pg_temp.message('b') m;

-- How often. A refused one is not counted.
select is(code || ' ' || retry_after_s, 'too_many_attempts 60', 'a second one after a minute') from pg_temp.ask('a');
select is((enroll.recover_code('1', pg_temp.b('other address'), pg_temp.b('phone a'), pg_temp.b('h'), gen_random_uuid(), pg_temp.b('s'), pg_temp.b('s'))).code,
  'too_many_attempts', 'from wherever, for whatever');
select pg_temp.pass('1 minute') \g /dev/null
select is(code, 'ok', 'then it is sent') from pg_temp.ask('a', '222222');
select is(pg_temp.prove('a', '123456'), 'validation_failed', 'the one before counts no more');
select is(pg_temp.prove('a', '222222'), 'ok', 'the newest does');
create function pg_temp.ask_in_turn(p_word text, p_n int) returns text[] language plpgsql as $$
declare
  codes text[];
begin
  for n in 1 .. p_n loop
    perform pg_temp.pass('1 minute');
    codes := codes || (pg_temp.ask(p_word)).code;
  end loop;
  return codes;
end $$;
select is(pg_temp.ask_in_turn('c', 6), array['ok', 'ok', 'ok', 'ok', 'ok', 'too_many_attempts'], 'five an hour');
select pg_temp.pass('1 hour') \g /dev/null
select is(pg_temp.ask_in_turn('c', 5), array['ok', 'ok', 'ok', 'ok', 'ok'], 'five in the next');
select pg_temp.pass('1 hour') \g /dev/null
select is(code, 'too_many_attempts', 'ten a day') from pg_temp.ask('c');
select ok(retry_after_s > 20 * 3600, 'the next is for tomorrow') from pg_temp.ask('c');
select pg_temp.pass('1 day') \g /dev/null
select is(code, 'ok', 'and tomorrow comes') from pg_temp.ask('c');

-- An address that many share is slowed, never locked out.
select pg_temp.ask('many ' || n, p_address => 'school') from generate_series(1, 300) n \g /dev/null
select is(code || ' ' || retry_after_s, 'too_many_attempts 3', 'beyond three hundred an hour one waits for seconds') from pg_temp.ask('d', p_address => 'school');
select is((select count(*)::int from enroll.guess where key = pg_temp.b('phone d') and count > 0), 0, 'and nothing is counted at the phone');
update enroll.guess set next_at = next_at - interval '3 seconds' where key = pg_temp.b('school');
select is(code, 'ok', 'then one is sent') from pg_temp.ask('d', p_address => 'school');
select is(code, 'ok', 'another address is not slowed') from pg_temp.ask('e');

-- Tried. Booked before judging, over all addresses; the right one takes its own booking back.
select is(pg_temp.prove('e', n), 'validation_failed', n || ' is wrong') from unnest(array['000000', '000001', '000002', '000003']) n;
select is(pg_temp.tries('e'), 4, 'each is counted');
select is(pg_temp.prove('e', '123456'), 'ok', 'the right one is right');
select is(pg_temp.tries('e'), 4, 'and is not');
select is(pg_temp.prove('e', '000004'), 'validation_failed', 'a fifth wrong one');
select is(pg_temp.prove('e', '123456'), 'validation_failed', 'and the right one is worth nothing any more');
select is((select coalesce(sum(count), 0)::int from enroll.guess where key in (pg_temp.b('phone e'), pg_temp.b('guardian e'), pg_temp.b('student e'))
  and kind not like 'code\_%'), 0, 'of who proved nothing nothing is looked up');
select is(pg_temp.prove('b', '123456'), 'phone_taken', 'that a phone is taken hears who has the phone');
select is(pg_temp.prove('b', '000000'), 'validation_failed', 'and nobody else');
select is(pg_temp.prove('never asked', '123456'), 'validation_failed', 'without a code there is nothing to be right');
update enroll.phone_code set expires_at = now() where phone_index = pg_temp.b('phone d');
select is(pg_temp.prove('d', '123456'), 'validation_failed', 'after ten minutes neither');

-- One phone, one purpose, once.
select is(pg_temp.prove('a', '', p_proof => 'register:c:123456'), 'validation_failed', 'the code of another phone proves none');
select is(pg_temp.ask_for_change('recover', 'f'), 'ok', 'a code for a change');
select is(pg_temp.prove('f', '', p_proof => 'recover:f:123456'), 'validation_failed', 'proves no registration');
select is(pg_temp.prove('a', '222222', true, 'the key of a'), 'created', 'a registration');
select is(pg_temp.tries('a'), null, 'uses its code up');
select is(pg_temp.prove('a', '222222', true, 'the key of a'), 'replayed', 'a repeat of it is answered all the same');
select is(pg_temp.prove('a', '222222'), 'validation_failed', 'another one with it is not');
select is(code, 'ok', 'a code') from pg_temp.ask('g');
select is((enroll.register_begin('00000001', pg_temp.b('address'), 'late', pg_temp.b('late'), pg_temp.b('phone g'), pg_temp.b('guardian g'),
  pg_temp.b('student g'), pg_temp.hash('register', 'g', '123456'))).code, 'ok', 'judged right');
delete from enroll.phone_code where phone_index = pg_temp.b('phone g');
select is((enroll.register_finish('00000001', pg_temp.b('address'), 'late', gen_random_uuid(), 'n', 'n', pg_temp.b('s'),
  pg_temp.b('guardian g'), '4', gen_random_uuid(), pg_temp.b('s'), pg_temp.b('phone g'), '1', 'h', gen_random_uuid(), 'n', 'n', pg_temp.b('s'),
  pg_temp.b('student g'), '4', '2019-09-01', false, null, pg_temp.hash('register', 'g', '123456'))).code, 'validation_failed',
  'but used elsewhere before it was finished');
select is((select count(*)::int from enroll.guardian where id_no_index = pg_temp.b('guardian g')), 0, 'leaves nothing');

-- The new number of a change: judged before anything else, used up by the change.
create function pg_temp.recover_to(p_word text, p_new text, p_code text, p_old text default null) returns text language sql as $$
  select f.code from enroll.recover_phone('00000005', pg_temp.b('address'), pg_temp.b('stranger'), null, pg_temp.b('guardian ' || p_word),
    'Guardian ' || p_word, pg_temp.b('student ' || p_word), 'Student ' || p_word, pg_temp.b('phone ' || coalesce(p_old, p_word)),
    gen_random_uuid(), pg_temp.b('sealed'), pg_temp.b('phone ' || p_new), '139****0000', pg_temp.b('stranger'), false,
    pg_temp.b('undo ' || p_new), null, array[pg_temp.b('sealed')], pg_temp.hash('recover', p_new, p_code)) f
$$;
create function pg_temp.counted(p_word text) returns int language sql as $$
  select coalesce(sum(count), 0)::int from enroll.guess where kind in ('guardian', 'child', 'phone')
    and key in (pg_temp.b('guardian ' || p_word), pg_temp.b('student ' || p_word), pg_temp.b('phone ' || p_word))
$$;
select is(code, 'created', 'an account') from pg_temp.register('h');
select is(pg_temp.ask_for_change('recover', 'h2'), 'ok', 'a code for its new number');
select is(pg_temp.recover_to('h', 'h2', '000000', 'wrong'), 'validation_failed', 'a wrong code comes before wrong facts');
select is(pg_temp.counted('h'), 0, 'which are not looked at');
select is(pg_temp.recover_to('h', 'h2', '123456', 'wrong'), 'bad_credentials', 'with the right one they are');
select is(pg_temp.tries('h2', 'recover'), 1, 'the code is still there');
select is(pg_temp.recover_to('h', 'h2', '123456'), 'ok', 'changed');
select is(pg_temp.tries('h2', 'recover'), null, 'the code is used up');
select is(s.phone, pg_temp.b('phone h2'), 'the new number counts') from pg_temp.state('h') s;

create function pg_temp.change_to(p_token text, p_new text, p_code text, p_is_right boolean default true) returns text language plpgsql as $$
declare
  v_hash text := (enroll.account_begin(pg_temp.b(p_token), 'r')).hash;
begin
  return (enroll.account_phone(pg_temp.b(p_token), 'r', p_is_right, v_hash, pg_temp.b('phone i'), gen_random_uuid(), pg_temp.b('sealed'),
    pg_temp.b('phone ' || p_new), '139****0000', pg_temp.b('undo ' || p_new), null, array[pg_temp.b('sealed')],
    pg_temp.hash('account', p_new, p_code))).code;
end $$;
select is(code, 'created', 'an account') from pg_temp.register('i');
select is(code, 'ok', 'signed in') from pg_temp.sign_in('i', 'token i');
select is(pg_temp.ask_for_change('account', 'i2', 'nobody'), 'not_signed_in', 'no code for who is not');
select is(pg_temp.ask_for_change('account', 'i2', 'token i'), 'ok', 'a code for the new number');
select is(pg_temp.change_to('token i', 'i2', '000000'), 'validation_failed', 'a wrong code');
select is(pg_temp.change_to('token i', 'i2', '123456', false), 'bad_credentials', 'the right one and a wrong password');
select is(pg_temp.change_to('token i', 'i2', '123456'), 'ok', 'both right');
select is(encode(s.phone, 'hex') || coalesce(pg_temp.tries('i2', 'account')::text, ' used up'), encode(pg_temp.b('phone i2'), 'hex') || ' used up', 'the new number counts, the code no more')
  from pg_temp.state('i') s;
select is(pg_temp.change_to('token i', 'i3', '123456'), 'validation_failed', 'each number needs its own');

-- On its way, and gone.
create temp table sent as select (m).id from pg_temp.message('c') m;
update enroll.outbox set next_at = now() + interval '1 hour' where id not in (select id from sent);
create temp table taken as select * from enroll.courier_take(10);
select is(row(phone, is_bare, token), row(pg_temp.b('sealed phone c'), true, pg_temp.b('sealed code')), 'the courier gets number and code')
  from taken where id = (select id from sent);
select is(enroll.courier_settle(id, 'http_500', false), 'ok', 'an attempt in vain') from sent;
select isnt((select phone from enroll.outbox join sent using (id)), null, 'keeps them');
select is(enroll.courier_settle(id, null, false), 'ok', 'delivered') from sent;
select is((select num_nonnulls(phone, token) from enroll.outbox join sent using (id)), 0, 'they are forgotten');
select is((select channel from enroll.delivery d join sent on sent.id = d.outbox_id), 'sms', 'what is left is the log');
update enroll.outbox set expires_at = now() - interval '1 second', next_at = now() - interval '1 minute' where phone is not null;
select is((select count(*)::int from enroll.courier_take(1000)), 0, 'what has expired is not sent');
update enroll.outbox set expires_at = now() - interval '2 minutes' where phone is not null;
update enroll.phone_code set expires_at = now() - interval '1 second';
select is((select code from enroll.courier_sweep()), 'ok', 'a minute later');
select is((select count(*)::int from enroll.outbox where phone is not null or template like 'phone\_code%' and token is not null), 0, 'it is forgotten too');
select is((select count(*)::int from enroll.phone_code), 0, 'and so are the codes');
select throws_ok($$ insert into enroll.outbox (template) values ('nobody') $$, '23514', null, 'a message that waits has a recipient');

select * from finish();
rollback;
