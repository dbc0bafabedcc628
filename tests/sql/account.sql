-- What a parent does with his account once he is in: his sessions, his password, his phone, his WeChats.
begin;
\ir support/account.psql

create function pg_temp.sid(p_token text) returns uuid language sql as $$ select id from enroll.session where token_hash = pg_temp.b(p_token) $$;
create function pg_temp.code_of(p_token text) returns text language sql as $$ select code from enroll.session_get(pg_temp.b(p_token), 'r') $$;
create function pg_temp.failed(p_device text, p_word text) returns int language sql as $$
  select coalesce((select n.count from enroll.guess n where n.kind = 'device' and n.key = pg_temp.b(p_device) || uuid_send(g.id)), 0)
    from enroll.guardian g where g.id_no_index = pg_temp.b('guardian ' || p_word)
$$;
-- A new password, as C asks for it: p_is_right is what C found of the old one.
create function pg_temp.set_password(p_token text, p_is_right boolean default true, p_undo text default gen_random_uuid()::text)
returns text language plpgsql as $$
declare
  b record;
begin
  select * into b from enroll.account_begin(pg_temp.b(p_token), '00000007');
  if b.code <> 'ok' then
    return b.code;
  end if;
  return enroll.account_password(pg_temp.b(p_token), '00000007', p_is_right, b.hash, 'hash of ' || p_token, pg_temp.b(p_undo), null,
    array[pg_temp.b('sealed')]);
end $$;
create function pg_temp.set_phone(p_token text, p_new text, p_old text default null, p_is_right boolean default true,
  p_undo text default gen_random_uuid()::text) returns text language plpgsql as $$
declare
  b record;
begin
  select * into b from enroll.account_begin(pg_temp.b(p_token), '00000008');
  if b.code <> 'ok' then
    return b.code;
  end if;
  return (select f.code from enroll.account_phone(pg_temp.b(p_token), '00000008', p_is_right, b.hash, pg_temp.b('phone ' || p_old),
    gen_random_uuid(), pg_temp.b('sealed'), pg_temp.b('phone ' || p_new), '139****0000', pg_temp.b(p_undo), null, array[pg_temp.b('sealed')]) f);
end $$;

-- Sessions: seen, ended.
select is(code, 'created', 'a family') from pg_temp.register('a');
select is(code, 'created', 'another family') from pg_temp.register('b');
select is(code, 'ok', 'signed in here') from pg_temp.sign_in('a', 'here', p_device => 'here');
select (pg_temp.wechat('visit a', 'a', 'x')).is_signed_in \g /dev/null
select is(code, 'ok', 'and in a WeChat') from pg_temp.sign_in('a', 'in wechat', p_device => 'phone', p_wechat => 'visit a');
select is(code, 'ok', 'and there') from pg_temp.sign_in('a', 'there', p_device => 'there');
select is(code, 'ok', 'the other family too') from pg_temp.sign_in('b', 'theirs', p_device => 'theirs');
update enroll.session set last_seen_at = now() - interval '31 minutes' where token_hash = pg_temp.b('there');
select is(jsonb_array_length(l.answer -> 'sessions'), 2, 'those that live are listed') from enroll.session_list(pg_temp.b('here'), 'r') l;
select is(l.answer #>> '{sessions,0,id}', pg_temp.sid('here')::text, 'this one first') from enroll.session_list(pg_temp.b('here'), 'r') l;
select is(l.answer #> '{sessions,1,this}', 'false', 'the other is not this one') from enroll.session_list(pg_temp.b('here'), 'r') l;
select is(enroll.session_end_one(pg_temp.b('here'), 'r', pg_temp.sid('theirs')), 'not_found', 'another family''s cannot be ended');
select is(pg_temp.code_of('theirs'), 'ok', 'it goes on');
select is(enroll.session_end_one(pg_temp.b('here'), 'r', pg_temp.sid('in wechat')), 'ok', 'one''s own can');
select is(enroll.session_end_one(pg_temp.b('here'), 'r', pg_temp.sid('in wechat')), 'ok', 'a repeat is the same answer');
select is(pg_temp.code_of('in wechat'), 'not_signed_in', 'it has ended');
select is(is_signed_in, false, 'and its WeChat signs in by itself no more') from pg_temp.wechat('visit a2', 'a', 'x');
select is(code, 'ok', 'until the next password there') from pg_temp.sign_in('a', 'in wechat 2', p_device => 'phone', p_wechat => 'visit a2');
select is(code, 'ok', 'and there again') from pg_temp.sign_in('a', 'there 2', p_device => 'there');
select is(enroll.session_end_others(pg_temp.b('in wechat 2'), 'r'), 'ok', 'all others are ended');
select is(array[pg_temp.code_of('in wechat 2'), pg_temp.code_of('here'), pg_temp.code_of('there 2')],
  array['ok', 'not_signed_in', 'not_signed_in'], 'this one stays');
select is((select is_automatic from enroll.wechat where openid_index = pg_temp.b('openid a')), true, 'and so does the WeChat it was made in');

-- A new password.
select is(code, 'ok', 'signed in elsewhere') from pg_temp.sign_in('a', 'elsewhere', p_device => 'elsewhere');
select is(pg_temp.set_password('in wechat 2', false), 'bad_credentials', 'a wrong old password');
select is(s.hash, 'hash a', 'changes nothing') from pg_temp.state('a') s;
select is(pg_temp.failed('phone', 'a'), 1, 'and counts');
select is(pg_temp.set_password('in wechat 2', p_undo => 'link'), 'ok', 'the right one');
select is(s.hash, 'hash of in wechat 2', 'sets the new') from pg_temp.state('a') s;
select is(pg_temp.failed('phone', 'a'), 1, 'a success is not counted');
select is(array[pg_temp.code_of('in wechat 2'), pg_temp.code_of('elsewhere')], array['ok', 'not_signed_in'], 'other sessions end');
select is((select count(*)::int from enroll.outbox where template = 'password_changed' and token is not null), 1, 'the phone is told, with a link');
select is((select count(*)::int from enroll.outbox where template = 'password_changed'), 2, 'and the WeChat');
select is(enroll.account_password(pg_temp.b('in wechat 2'), 'r', true, 'hash a', 'x', pg_temp.b('l'), null, null), 'bad_credentials',
  'a password that was changed meanwhile is not the password');
select (pg_temp.set_password('in wechat 2', false)) from generate_series(1, 4) \g /dev/null
select is(pg_temp.set_password('in wechat 2'), 'too_many_attempts', 'five wrong ones, and one waits');
select is(pg_temp.undo('link'), 'ok', 'the link undoes it');
select is(s.hash, 'hash a', 'the old password counts again') from pg_temp.state('a') s;
select is(code, 'ok', 'signed in, limited') from pg_temp.sign_in('a', 'limited', p_device => 'new');
select is(pg_temp.set_password('limited'), 'identity_check_required', 'while limited the password is not changed');
select is(pg_temp.set_phone('limited', 'a2', 'a'), 'identity_check_required', 'nor the phone');
select is(code, 'identity_check_required', 'nor are sessions listed') from enroll.session_list(pg_temp.b('limited'), 'r');

-- None counts: a stranger's recovery was void.
select is(code, 'created', 'a family') from pg_temp.register('v');
select is(code, 'ok', 'signed in') from pg_temp.sign_in('v', 'token v', p_device => 'own');
update enroll.password w set until = now() from enroll.guardian g where g.id = w.guardian_id and g.id_no_index = pg_temp.b('guardian v');
select is(s.answer #> '{guardian,password_void}', 'true', 'without a password') from enroll.session_get(pg_temp.b('token v'), 'r') s;
select is(pg_temp.set_phone('token v', 'v new', 'v'), 'bad_credentials', 'the phone is not changed');
select is(pg_temp.set_password('token v', false), 'ok', 'but a password is set without one');
select is(s.answer #> '{guardian,password_void}', 'false', 'which counts') from enroll.session_get(pg_temp.b('token v'), 'r') s;

-- A new phone.
select is(pg_temp.set_phone('theirs', 'b2'), 'bad_credentials', 'without the old phone');
select is(pg_temp.set_phone('theirs', 'b2', 'a'), 'bad_credentials', 'with the old phone of another account');
select is(pg_temp.set_phone('theirs', 'b2', 'b', false), 'bad_credentials', 'with a wrong password');
select is(pg_temp.failed('theirs', 'b'), 3, 'each counts');
select is(pg_temp.set_phone('theirs', 'a', 'b'), 'phone_taken', 'a phone in use is refused');
select is((select count from enroll.guess where kind = 'phone' and key = pg_temp.b('phone a')), 1, 'and that counts at the phone');
select is(s.phone, pg_temp.b('phone b'), 'nothing has changed') from pg_temp.state('b') s;
select is(pg_temp.set_phone('theirs', 'b2', 'b', p_undo => 'link b'), 'ok', 'all right');
select is(s.phone, pg_temp.b('phone b2'), 'the new one counts') from pg_temp.state('b') s;
select is((select count from enroll.guess where kind = 'phone' and key = pg_temp.b('phone b2')), 0, 'and is not counted');
select is((select p.phone_index from enroll.outbox o join enroll.phone p on p.id = o.phone_id where o.template = 'phone_changed'),
  pg_temp.b('phone b'), 'the old phone is told');
select is(pg_temp.undo('link b'), 'ok', 'and can undo it');
select is(s.phone, pg_temp.b('phone b'), 'to itself') from pg_temp.state('b') s;

-- After a face check, or at the desk, no old phone is needed; a later recovery makes it needed again.
select is(code, 'created', 'a family with a mistyped phone') from pg_temp.register('m');
select is(code, 'ok', 'signed in') from pg_temp.sign_in('m', 'token m', p_device => 'm');
update enroll.guardian set proven_at = now() where id_no_index = pg_temp.b('guardian m');
update enroll.phone set since = now() - interval '1 hour' where phone_index = pg_temp.b('phone m');
update enroll.password w set since = now() - interval '1 hour' from enroll.guardian g where g.id = w.guardian_id and g.id_no_index = pg_temp.b('guardian m');
select is(pg_temp.set_phone('token m', 'm2', 'a'), 'bad_credentials', 'a wrong old phone is wrong even so');
select is(pg_temp.set_phone('token m', 'm2'), 'ok', 'none is needed');
select is(pg_temp.set_phone('token m', 'm3'), 'ok', 'nor the next time');
insert into enroll.password (guardian_id, hash, via, since, until)
  select id, 'x', 'recover', clock_timestamp(), now() from enroll.guardian where id_no_index = pg_temp.b('guardian m');
select is(pg_temp.set_phone('token m', 'm4'), 'bad_credentials', 'after a recovery it is');
update enroll.guardian set settled_at = clock_timestamp() where id_no_index = pg_temp.b('guardian m');
select is(pg_temp.set_phone('token m', 'm4'), 'ok', 'until the desk has seen the guardian');

-- Closing: after seven days, unless somebody signs in, and unless an application is with the district.
create function pg_temp.close(p_token text, p_is_right boolean default true) returns text language sql as $$
  select enroll.account_close(pg_temp.b(p_token), 'r', p_is_right, b.hash) from enroll.account_begin(pg_temp.b(p_token), 'r') b where b.code = 'ok'
$$;
select is(code, 'created', 'a family') from pg_temp.register('z');
select (pg_temp.wechat('visit z', 'z', 'x')).is_signed_in \g /dev/null
select is(code, 'ok', 'signed in') from pg_temp.sign_in('z', 'token z', p_wechat => 'visit z');
select s.id as student, s.guardian_id as guardian from enroll.student s where s.id_no_index = pg_temp.b('student z') \gset
select is(pg_temp.close('token z', false), 'bad_credentials', 'a wrong password closes nothing');
insert into enroll.application (student_id, guardian_id, child_index, year, status) values (:'student', :'guardian', '\x00', 2999, 'submitted');
select is(pg_temp.close('token z'), 'wrong_state', 'an application that is with the district is kept');
update enroll.application set status = 'withdrawn' where student_id = :'student';
select is(pg_temp.close('token z'), 'ok', 'withdrawn, the account is closed');
select is(pg_temp.code_of('token z'), 'not_signed_in', 'every session ends');
select is(is_signed_in, false, 'no WeChat signs in by itself') from pg_temp.wechat('visit z2', 'z', 'x');
select is((select count(*)::int from enroll.outbox where template = 'account_closing'), 2, 'phone and WeChat are told');
select is((select n from enroll.account_sweep()), 0, 'nothing is erased before its time');
select is(code, 'ok', 'signing in') from pg_temp.sign_in('z', 'token z2');
select is((select closing_at from enroll.guardian where id = :'guardian'), null, 'keeps the account');
select is((select count(*)::int from enroll.outbox where template = 'account_kept'), 2, 'which is told too');
select is(pg_temp.close('token z2'), 'ok', 'closed again');
update enroll.guardian set closing_at = now() where id = :'guardian';
update enroll.application set status = 'submitted' where student_id = :'student';
select is((select n from enroll.account_sweep()), 0, 'what has come to the district meanwhile is kept');
update enroll.application set status = 'withdrawn' where student_id = :'student';
update enroll.guardian set closing_at = now() where id = :'guardian';
select is((select n from enroll.account_sweep()), 1, 'after seven days it is erased');
select is((select count(*)::int from enroll.guardian where id = :'guardian'), 0, 'and gone');
select is(code, 'created', 'the family may register anew') from pg_temp.register('z');

-- One account that cannot be erased keeps no other back.
select is(code, 'created', 'one') from pg_temp.register('stuck');
select is(code, 'created', 'another') from pg_temp.register('free');
create function pg_temp.fail() returns trigger language plpgsql as $$ begin raise exception 'no' using errcode = 'EN001'; end $$;
create trigger fail before delete on enroll.guardian for each row when (old.name = 'Guardian stuck') execute function pg_temp.fail();
update enroll.guardian set closing_at = now() where name in ('Guardian stuck', 'Guardian free');
select results_eq('select n, failed from enroll.account_sweep()', $$ values (1, 'EN001') $$, 'one is erased, and why the other is not');
select is((select array_agg(name::text) from enroll.guardian where name in ('Guardian stuck', 'Guardian free')), '{Guardian stuck}', 'which is still whole');
select is((select count(*)::int from enroll.phone where phone_index = pg_temp.b('phone stuck')), 1, 'with all that is his');
select results_eq('select n_unerased, last_unerased from enroll.operator_check()', $$ values (1, 'EN001') $$, 'the operator is told');
select results_eq('select n, failed from enroll.account_sweep()', $$ values (0, null::text) $$, 'it is tried again later');
select ok((select swept >= 0 and failed is null from enroll.courier_sweep()), 'and nothing else is kept from being swept');

select * from finish();
rollback;
