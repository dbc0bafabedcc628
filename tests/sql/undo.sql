-- 这不是我: what the link of a notice brings back, what it ends, and what outranks it.
begin;
\ir support/account.psql

-- Password and phone, changed by a stranger one after the other; the owner undoes the first of the two.
select is(code, 'created', 'a family') from pg_temp.register('a');
select (pg_temp.wechat('visit a', 'a', 'x')).is_signed_in \g /dev/null
select is(code, 'ok', 'with a linked WeChat') from pg_temp.sign_in('a', 'token a', p_wechat => 'visit a');
select is(code, 'ok', 'a stranger sets a password') from pg_temp.recover('a', 'thief', p_undo => 'link 1');
select is(code, 'ok', 'and a phone') from pg_temp.change_phone('a', p_new => 'thief 1', p_undo => 'link 2');
select is(code, 'ok', 'and another') from pg_temp.change_phone('a', 'thief 1', 'thief 2', p_undo => 'link 3');
select is((select array_agg(p.phone_index order by o.template desc, p.phone_index = pg_temp.b('phone a') desc) from enroll.outbox o
  join enroll.phone p on p.id = o.phone_id where o.token is not null),
  array[pg_temp.b('phone a'), pg_temp.b('phone thief 1'), pg_temp.b('phone a')], 'each time the old phone was sent a link');
select is((select count(*)::int from enroll.outbox o where o.wechat_id is not null), 3, 'and the WeChat was told');
select is(pg_temp.undo('link 4'), 'not_found', 'a made-up link does nothing');
select is(pg_temp.undo('link 1'), 'ok', 'the first link');
select is(s, row(pg_temp.b('phone a'), 'hash a'::text, array[pg_temp.b('openid a')], true)::record, 'brings all of it back, limited') from pg_temp.state('a') s;
select is(s.code, 'not_signed_in', 'the stranger is out') from enroll.session_get(pg_temp.b('thief'), 'r') s;
select is(pg_temp.undo(l), 'not_found', l || ' does nothing any more') from unnest(array['link 1', 'link 2', 'link 3']) l;
select is((select count(*)::int from enroll.outbox o join enroll.phone p on p.id = o.phone_id
  where o.template = 'change_undone' and p.phone_index = pg_temp.b('phone thief 2') and o.token is null), 1, 'who had the phone is told, without a link');
select is(code, 'ok', 'the old password signs in') from pg_temp.sign_in('a', 'token a2');
select is(s.answer #>> '{guardian,limited}', 'true', 'limited') from enroll.session_get(pg_temp.b('token a2'), 'r') s;
select is((select count(*)::int from enroll.audit where action = 'recover_undo' and outcome = 'ok'), 1, 'it is on record');

-- Undoing the later change alone: what came before it stands, and its link too.
select is(code, 'created', 'a second family') from pg_temp.register('b');
select is(code, 'ok', 'a password') from pg_temp.recover('b', p_undo => 'b 1');
select is(code, 'ok', 'a phone') from pg_temp.change_phone('b', p_new => 'b new', p_undo => 'b 2');
select is(pg_temp.undo('b 2'), 'ok', 'the second is undone');
select is(s.hash || s.phone::text, 'new hash' || pg_temp.b('phone b')::text, 'the first stands') from pg_temp.state('b') s;
select is(pg_temp.undo('b 1'), 'ok', 'until it is undone as well');
select is(s.hash, 'hash b', 'then the first password is back') from pg_temp.state('b') s;

-- Links to WeChats made and taken away since.
select is(code, 'created', 'a third family') from pg_temp.register('c');
select (pg_temp.wechat('visit c', 'c', 'x')).is_signed_in \g /dev/null
select is(code, 'ok', 'with a WeChat') from pg_temp.sign_in('c', 'token c', p_wechat => 'visit c');
select is(code, 'ok', 'its phone is said to be lost') from pg_temp.recover('c', p_is_lost => true, p_undo => 'c 1');
select is((select is_automatic from enroll.wechat where openid_index = pg_temp.b('openid c')), false, 'the WeChat signs in no more');
update enroll.wechat set unlinked_at = now() where openid_index = pg_temp.b('openid c');
insert into enroll.wechat (id, guardian_id, openid, openid_index)
  select gen_random_uuid(), g.id, '\x00', pg_temp.b('openid thief') from enroll.guardian g where g.id_no_index = pg_temp.b('guardian c');
select is(pg_temp.undo('c 1'), 'ok', 'undone');
select is(s.links, array[pg_temp.b('openid c')], 'the link of before is back, the new one is gone') from pg_temp.state('c') s;
select is((select is_automatic from enroll.wechat where openid_index = pg_temp.b('openid c')), true, 'and signs in again');

-- What the account cannot have back.
select is(code, 'created', 'a fourth family') from pg_temp.register('d');
select is(code, 'ok', 'changes its phone') from pg_temp.change_phone('d', p_new => 'd new', p_undo => 'd 1');
select is(code, 'created', 'another family gets the old number') from pg_temp.register('e', p_phone => 'd');
select is(pg_temp.undo('d 1'), 'ok', 'undone all the same');
select is(s.phone, null, 'without the number that others have') from pg_temp.state('d') s;
select is((select guardian_id from enroll.phone where phone_index = pg_temp.b('phone d') and until is null),
  (select id from enroll.guardian where id_no_index = pg_temp.b('guardian e')), 'which stays theirs');

-- How a link ends: by time, by a later change with the old phone lost, by a proof.
select is(code, 'created', 'a fifth family') from pg_temp.register('f');
select is(code, 'ok', 'recovers') from pg_temp.recover('f', p_undo => 'f 1');
update enroll.undo set expires_at = now() where token_hash = pg_temp.b('f 1');
select is(pg_temp.undo('f 1'), 'not_found', 'after its time it does nothing');
select is(code, 'ok', 'again') from pg_temp.recover('f', p_undo => 'f 2');
select is((select count(*)::int from enroll.undo where token_hash = pg_temp.b('f 1')), 0, 'links beyond their time are cleared away');
select is(code, 'ok', 'and with the old phone lost') from pg_temp.recover('f', p_is_lost => true, p_undo => 'f 3');
select is(pg_temp.undo('f 2'), 'not_found', 'the older link is void');
select is(pg_temp.undo('f 3'), 'ok', 'that change''s own is not');
select is(code, 'ok', 'recovered from a stranger''s browser') from pg_temp.recover('f', p_undo => 'f 4');
select enroll.limit_lift(g, pg_temp.b('owner'), true) from enroll.guardian g where g.id_no_index = pg_temp.b('guardian f') \g /dev/null
select is(pg_temp.undo('f 4'), 'not_found', 'a proof outranks every link');
select is(s.hash, null, 'and the stranger''s password is void') from pg_temp.state('f') s;
select is(s.is_limited, false, 'nothing is limited') from pg_temp.state('f') s;

-- The limit falls twice: a number that was void before does not come back for being the newest.
select is(code, 'created', 'a sixth family') from pg_temp.register('g');
select is(code, 'ok', 'a stranger changes its phone') from pg_temp.change_phone('g', p_new => 'g thief 1', p_device => 'thief');
select enroll.limit_lift(g, pg_temp.b('owner'), true) from enroll.guardian g where g.id_no_index = pg_temp.b('guardian g') \g /dev/null
update enroll.phone set until = until - interval '1 hour' where until is not null and phone_index = pg_temp.b('phone g thief 1');
select is(s.phone, pg_temp.b('phone g'), 'the owner has it back') from pg_temp.state('g') s;
update enroll.guardian set closing_at = now() + interval '1 day' where id_no_index = pg_temp.b('guardian g');
select is(code, 'ok', 'the stranger comes again') from pg_temp.change_phone('g', p_new => 'g thief 2', p_device => 'thief');
select enroll.limit_lift(g, pg_temp.b('owner'), true) from enroll.guardian g where g.id_no_index = pg_temp.b('guardian g') \g /dev/null
select is(s.phone, pg_temp.b('phone g'), 'and the owner has it back again') from pg_temp.state('g') s;
select is(closing_at, null, 'what the stranger asked for besides is off') from enroll.guardian where id_no_index = pg_temp.b('guardian g');

-- A stranger says that the phone is lost. Links to an earlier number are nothing to the phone he has now, and the one link that is
-- left undoes what the void ones did.
select is(code, 'created', 'a seventh family') from pg_temp.register('h');
select is(code, 'ok', 'a stranger changes its phone') from pg_temp.change_phone('h', p_new => 'h thief 1', p_undo => 'h 1');
select is(code, 'ok', 'and once more, the phone of before being lost')
  from pg_temp.change_phone('h', 'h thief 1', 'h thief 2', p_is_lost => true, p_undo => 'h 2');
select is(pg_temp.undo('h 1'), 'ok', 'the owner''s link is good');
select is(s.phone, pg_temp.b('phone h'), 'and brings his number back') from pg_temp.state('h') s;
select is(pg_temp.undo('h 2'), 'not_found', 'the stranger''s is void');
select is(code, 'ok', 'he sets a password') from pg_temp.recover('h', p_undo => 'h 3');
select is(code, 'ok', 'and another, the phone being lost') from pg_temp.recover('h', p_is_lost => true, p_undo => 'h 4');
select is(pg_temp.undo('h 3'), 'not_found', 'the older link is void');
select is(pg_temp.undo('h 4'), 'ok', 'the newest');
select is(s.hash, 'hash h', 'undoes both') from pg_temp.state('h') s;

-- The owner is back by his WeChat: no link brings back the number or the password that is void now.
select is(code, 'created', 'an eighth family') from pg_temp.register('i');
select (pg_temp.wechat('visit i', 'i', 'x')).is_signed_in \g /dev/null
select is(code, 'ok', 'with a linked WeChat') from pg_temp.sign_in('i', 'token i', p_wechat => 'visit i');
select is(code, 'ok', 'a stranger sets a password') from pg_temp.recover('i', p_undo => 'i 1');
select is(code, 'ok', 'another') from pg_temp.recover('i', p_undo => 'i 2');
select is(code, 'ok', 'a phone') from pg_temp.change_phone('i', p_new => 'i thief 1', p_undo => 'i 3');
select is(code, 'ok', 'another') from pg_temp.change_phone('i', 'i thief 1', 'i thief 2', p_undo => 'i 4');
select is(code, 'ok', 'the owner recovers in his WeChat') from pg_temp.recover('i', 'owner', p_device => 'owner', p_wechat => 'visit i', p_undo => 'i 5');
select is(pg_temp.undo(l), 'not_found', l || ' brings back nothing void') from unnest(array['i 2', 'i 3', 'i 4']) l;
select is(s, row(pg_temp.b('phone i'), 'new hash'::text, array[pg_temp.b('openid i')], false)::record, 'all is the owner''s') from pg_temp.state('i') s;

select * from finish();
rollback;
