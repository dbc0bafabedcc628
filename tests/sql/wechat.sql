-- WeChat: the state belongs to one browser, a code is exchanged once, a link is made by a password and moves by consent.
begin;
\ir support/account.psql

select is(code, 'created', 'a family') from pg_temp.register('a');
select is(code, 'created', 'another family') from pg_temp.register('b');

-- The state.
select is(enroll.wechat_authorize('r', pg_temp.b('v'), pg_temp.b('state'), '/steps'), 'ok', 'off to WeChat');
select is((select w.code from enroll.wechat_begin('r', pg_temp.b('v'), pg_temp.b('state and more'), pg_temp.b('c')) w), 'forbidden',
  'a state with something glued to it is refused');
select is((select w.code from enroll.wechat_begin('r', pg_temp.b('v2'), pg_temp.b('state'), pg_temp.b('c')) w), 'forbidden',
  'so is the state of another browser');
select is((select w.code from enroll.wechat_begin('r', null, pg_temp.b('state'), pg_temp.b('c')) w), 'forbidden', 'or of none');
select is(w.code || ' ' || w.is_exchange || ' ' || w.next_path, 'ok true /steps', 'the own one is exchanged')
  from enroll.wechat_begin('r', pg_temp.b('v'), pg_temp.b('state'), pg_temp.b('c')) w;
select is((select w.code from enroll.wechat_begin('r', pg_temp.b('v'), pg_temp.b('state'), pg_temp.b('c')) w), 'busy',
  'a second call waits');
select is((select w.code from enroll.wechat_begin('r', pg_temp.b('v'), pg_temp.b('state'), pg_temp.b('c2')) w), 'forbidden',
  'another code for the same state is refused');
select is(enroll.wechat_seen('r', pg_temp.b('v'), pg_temp.b('c'), gen_random_uuid(), pg_temp.b('s'), pg_temp.b('openid o'), false),
  'ok', 'the first has an answer');
select is(w.code || ' ' || w.is_exchange, 'ok false', 'the second knows it')
  from enroll.wechat_begin('r', pg_temp.b('v'), pg_temp.b('state'), pg_temp.b('c')) w;
select is(enroll.wechat_seen('r', pg_temp.b('v'), pg_temp.b('c'), gen_random_uuid(), pg_temp.b('s'), pg_temp.b('openid p'), false),
  'forbidden', 'and nobody writes another');
update enroll.wechat_visit set expires_at = now() where token_hash = pg_temp.b('v');
select is((select w.code from enroll.wechat_begin('r', pg_temp.b('v'), pg_temp.b('state'), pg_temp.b('c')) w), 'forbidden',
  'after ten minutes it is over');
select is(enroll.wechat_authorize('r', pg_temp.b('n'), pg_temp.b('state n'), '/'), 'ok', 'off again');
select is((select w.code from enroll.wechat_begin('r', pg_temp.b('n'), pg_temp.b('state n'), null) w), 'forbidden', 'the parent refuses');
select is((select count(*)::int from enroll.wechat_visit where token_hash = pg_temp.b('n')), 0, 'and the visit is over');
select is(enroll.wechat_authorize('r', pg_temp.b('f'), pg_temp.b('state f'), '/'), 'ok', 'off again');
select is(enroll.wechat_drop('r', pg_temp.b('f')), 'ok', 'WeChat does not answer');
select is((select w.code from enroll.wechat_begin('r', pg_temp.b('f'), pg_temp.b('state f'), pg_temp.b('c')) w), 'forbidden',
  'and whoever waited is told');

-- Linking at the first sign-in by password, and signing in by itself from then on.
select is(is_signed_in, false, 'an unknown WeChat signs nobody in') from pg_temp.wechat('1', 'o', 'x');
select is(s.code, 'not_signed_in', 'really') from enroll.session_get(pg_temp.b('x'), 'r') s;
select is(answer #>> '{guardian,wechat,0,this}', 'true', 'a sign-in by password links it') from pg_temp.sign_in('a', 'a1', p_wechat => '1');
select is(is_opened, true, 'then it signs in') from pg_temp.wechat('2', 'o', 'a2');
select is(s.answer #>> '{students,0,name}', 'Student a', 'the account it is linked to') from enroll.session_get(pg_temp.b('a2'), 'r') s;
select is((select w.is_opened from enroll.wechat_finish('r', pg_temp.b('2'), null, pg_temp.b('a2 again'), pg_temp.b('device'), '') w), true,
  'a repeat gets a session of its own');
select is(is_signed_in and not is_opened, true, 'who is signed in already stays so') from pg_temp.wechat('3', 'o', 'x', p_session => 'a2');

-- Signing out stops it, until the next password there.
select is(enroll.session_end(pg_temp.b('a2'), 'r'), 'ok', 'sign out');
select is(is_signed_in, false, 'it stays signed out') from pg_temp.wechat('4', 'o', 'x');
select is(code, 'ok', 'a password outside WeChat') from pg_temp.sign_in('a', 'a3');
select is(is_signed_in, false, 'changes nothing') from pg_temp.wechat('5', 'o', 'x');
select is(code, 'ok', 'a password in WeChat') from pg_temp.sign_in('a', 'a4', p_wechat => '5');
select is(is_signed_in, true, 'starts it again') from pg_temp.wechat('6', 'o', 'a5');
select is(code, 'ok', 'another browser') from pg_temp.sign_in('a', 'a3b', p_device => 'another');
select is(enroll.session_end(pg_temp.b('a3b'), 'r'), 'ok', 'signing out there');
select is(is_signed_in, true, 'does not touch the link') from pg_temp.wechat('7', 'o', 'a6');
select is(enroll.session_end(pg_temp.b('a3'), 'r'), 'ok', 'this browser, signed in while its WeChat was not known');
select is(is_signed_in, false, 'does stay signed out') from pg_temp.wechat('7a', 'o', 'x');
select is(code, 'ok', 'until the next password') from pg_temp.sign_in('a', 'a6b', p_wechat => '7a');

-- Another family in the same WeChat.
select is(answer #> '{guardian,wechat}', '[]', 'b signs in there and links nothing') from pg_temp.sign_in('b', 'b1', p_wechat => '7');
select is(s.answer #>> '{students,0,name}', 'Student b', 'b sees b') from enroll.session_get(pg_temp.b('b1'), 'r') s;
select is(is_signed_in, false, 'and opening the page does not show a to b') from pg_temp.wechat('8', 'o', 'x');
select is((select count(*)::int from enroll.outbox where template = 'wechat_moved'), 0, 'nobody is told of nothing');
select is(jsonb_array_length(answer #> '{guardian,wechat}'), 1, 'with consent it moves')
  from pg_temp.sign_in('b', 'b2', p_wechat => '8', p_move => true);
select is((select p.phone_index from enroll.outbox o join enroll.phone p on p.id = o.phone_id where o.template = 'wechat_moved'),
  pg_temp.b('phone a'), 'a is told');
select is(enroll.wechat_name(pg_temp.b('b2'), 'r', (select id from enroll.wechat where openid_index = pg_temp.b('openid o') and unlinked_at is null),
  'b''s own'), 'ok', 'b names it');
select is(s.answer #> '{guardian,wechat}', '[]', 'and has it no more') from enroll.session_get(pg_temp.b('a1'), 'r') s;
select is(jsonb_array_length(answer #> '{guardian,wechat}'), 1, 'within one visit it may move back')
  from pg_temp.sign_in('a', 'a7', p_wechat => '8', p_move => true);
select is(answer #>> '{guardian,wechat,0,name}', null, 'without the name that somebody else gave it')
  from pg_temp.sign_in('a', 'a7b', p_wechat => '8');
select is(s.answer #> '{guardian,wechat}', '[]', 'then b has it no more') from enroll.session_get(pg_temp.b('b2'), 'r') s;

-- Never: virtual accounts, a fourth, a limited account.
select is(is_signed_in, false, 'a snapshot page signs nobody in') from pg_temp.wechat('9', 'o', 'x', p_is_virtual => true);
select is(jsonb_array_length(answer #> '{guardian,wechat}'), 1, 'and is never linked') from pg_temp.sign_in('a', 'a8', p_wechat => '9');
select (pg_temp.wechat('q' || n, 'q' || n, 'x' || n)).is_signed_in, (pg_temp.sign_in('a', 'q' || n, p_wechat => 'q' || n)).code
  from generate_series(1, 3) n \g /dev/null
select is(jsonb_array_length(s.answer #> '{guardian,wechat}'), 3, 'three are linked, never a fourth')
  from enroll.session_get(pg_temp.b('q3'), 'r') s;

-- Which WeChat is in hand: what was just shown decides, and "other" does not tell whose.
create function pg_temp.here(p_session text, p_visit text default null) returns text language sql as $$
  select answer ->> 'wechat_here' from enroll.session_get(pg_temp.b(p_session), 'r', pg_temp.b(p_visit))
$$;
select is(pg_temp.here('a1'), 'none', 'a session by password alone knows of none');
select is(pg_temp.here('q1'), 'linked', 'one that was made in a WeChat knows that');
select is(pg_temp.here('q1', 'no such visit'), 'linked', 'also when its visit is long over');
select is(pg_temp.here('a1', 'q1'), 'linked', 'one of the account''s is shown');
select (pg_temp.wechat('n', 'never seen', 'x n')).is_signed_in \g /dev/null
select is(pg_temp.here('q1', 'n'), 'other', 'one that nobody has linked');
select is(pg_temp.here('b1', 'q1'), 'other', 'and one of another account''s are the same');
select is(pg_temp.here('q1', '9'), 'linked', 'a virtual account is nobody');
select is(enroll.wechat_authorize('r', pg_temp.b('u'), pg_temp.b('state u'), '/'), 'ok', 'off to WeChat');
select is(pg_temp.here('a1', 'u'), 'none', 'a visit that has shown nobody yet says nothing');
update enroll.wechat_visit set expires_at = now() where token_hash = pg_temp.b('n');
select is(pg_temp.here('q1', 'n'), 'linked', 'nor one that is over');

-- Named by its owner.
create function pg_temp.link(p_openid text) returns uuid language sql as $$
  select id from enroll.wechat where openid_index = pg_temp.b('openid ' || p_openid) and unlinked_at is null
$$;
select pg_temp.link('q1') as q1 \gset
create function pg_temp.names(p_session text) returns text language sql as $$
  select string_agg(w ->> 'name', ',') from enroll.session_get(pg_temp.b(p_session), 'r') s, jsonb_array_elements(s.answer #> '{guardian,wechat}') w
$$;
select is(enroll.wechat_name(pg_temp.b('nobody'), 'r', :'q1', '妈妈'), 'not_signed_in', 'a visitor names none');
select is(enroll.wechat_name(pg_temp.b('b2'), 'r', :'q1', '妈妈'), 'not_found', 'nor does another account');
select is(enroll.wechat_name(pg_temp.b('q2'), 'r', :'q1', '妈妈的微信'), 'ok', 'its owner does');
select is(pg_temp.names('q2'), '妈妈的微信', 'and sees it');

-- Taken off by its owner.
select is(enroll.wechat_unlink(pg_temp.b('b2'), 'r', :'q1'), 'not_found', 'another account''s link is not found');
select is(enroll.wechat_unlink(pg_temp.b('q2'), 'r', gen_random_uuid()), 'not_found', 'nor is nobody''s');
select is(enroll.wechat_unlink(pg_temp.b('q2'), 'r', :'q1'), 'ok', 'one''s own is taken off');
select is(enroll.wechat_unlink(pg_temp.b('q2'), 'r', :'q1'), 'ok', 'a repeat is the same answer');
select is(enroll.wechat_name(pg_temp.b('q2'), 'r', :'q1', '妈妈'), 'not_found', 'what is off has no name to give');
select is(s.code, 'not_signed_in', 'the session made in it ends') from enroll.session_get(pg_temp.b('q1'), 'r') s;
select is(s.code, 'ok', 'others go on') from enroll.session_get(pg_temp.b('q2'), 'r') s;
select is(is_signed_in, false, 'it signs in no more') from pg_temp.wechat('q1 again', 'q1', 'x again');
select is(jsonb_array_length(answer #> '{guardian,wechat}'), 3, 'until the next password there') from pg_temp.sign_in('a', 'q1 again', p_wechat => 'q1 again');

-- A visit may be repeated, each time with a session of its own, but not for ever.
select is(code, 'created', 'a family') from pg_temp.register('r');
select (pg_temp.wechat('r', 'r', 'x')).is_signed_in \g /dev/null
select is(code, 'ok', 'with a WeChat') from pg_temp.sign_in('r', 'r0', p_wechat => 'r');
select is((select count(*)::int from generate_series(1, 30) n, enroll.wechat_finish('r', pg_temp.b('r'), null, pg_temp.b('r' || n), pg_temp.b('d' || n), 'x') f
  where f.is_opened), 19, 'twenty sessions begin in one WeChat within ten minutes');
update enroll.session set created_at = created_at - interval '10 minutes' where token_hash = pg_temp.b('r0');
select is(f.is_opened, true, 'then the next') from enroll.wechat_finish('r', pg_temp.b('r'), null, pg_temp.b('r31'), pg_temp.b('d'), 'x') f;

select is(code, 'ok', 'b is recovered by a stranger') from pg_temp.recover('b');
select (pg_temp.wechat('l', 'l', 'x')).is_signed_in \g /dev/null
select is(answer #> '{guardian,wechat}', '[]', 'a limited account links none') from pg_temp.sign_in('b', 'b3', p_wechat => 'l');
select is(answer #> '{guardian,wechat}', '[]', 'and moves none to itself')
  from pg_temp.sign_in('b', 'b4', p_wechat => '8', p_move => true);

select * from finish();
rollback;
