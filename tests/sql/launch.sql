-- What surrounds the launch: the one message about a result that nobody looks at, the door that stands beside the button, what
-- the desk confirms by hand, and WeChat's credentials, renewed by one for all.
begin;
\ir support/province.psql

create function pg_temp.messages(p_n int) returns text[] language sql as $$
  select coalesce(array_agg(template order by template), '{}') from outbox where phone_id = pg_temp.id('phone', p_n)
$$;
create function pg_temp.end_badly(p_n int, p_errand int) returns void language sql as $$
  select from pg_temp.launch(p_n, p_errand);
  select from pg_temp.settle(p_errand, 'completed', p_n);
$$;

-- A result that lacks something, and nobody asks.
select from pg_temp.family(1), pg_temp.child(1, 1);
select from pg_temp.end_badly(1, 1);
select is(pg_temp.messages(1), '{bind_incomplete}', 'a binding that lacks something puts one message down');
select is((select next_at from outbox where phone_id = pg_temp.id('phone', 1)), now() + interval '30 seconds', 'for half a minute later');
select from pg_temp.get(1, 1);
select is(pg_temp.messages(1), '{}', 'a page that asks before then takes it back');
select from pg_temp.door('bind', format('select * from enroll.student_change(%s, ''r'', %L, null, null, null, null, null, null, null, null,
  false, true)', pg_temp.s(1), pg_temp.id('student1', 1)));
select is(pg_temp.messages(1), '{}', 'a result that is judged again is not told again');
select from pg_temp.end_badly(1, 2);
update outbox set tries = 1 where phone_id = pg_temp.id('phone', 1);
select from pg_temp.get(1, 2);
select from pg_temp.get(1, 2);
select is(pg_temp.messages(1), '{bind_incomplete}', 'what has gone stays in the log');
select from pg_temp.launch(1, 3); select from pg_temp.settle(3, 'completed', 1, '{1}', '{1}');
select is(pg_temp.messages(1), '{bind_incomplete}', 'a good result needs none');
select from pg_temp.launch(1, 4, format('array[%L]::uuid[]', pg_temp.id('student1', 1))); select from pg_temp.settle(4, 'completed', 1);
select is(pg_temp.messages(1), '{bind_incomplete}', 'nor does a bad one for a child that is bound already');

select from pg_temp.family(2), pg_temp.child(2, 2);
update student set binding_status = 'bound', proven_at = now() where id = pg_temp.id('student2', 2);
select from pg_temp.begin(2, 20, 'null', 'license'); select from pg_temp.launched(2, 20, 'license');
select from pg_temp.sign(20, 2, '{g household_register}');
select is(pg_temp.messages(2), '{}', 'nothing is told while licences are being fetched');
select from pg_temp.store(2, 20, 'g', '{household_register fetched}');
select is(pg_temp.messages(2), '{student_not_added}', '您已签署，但授权里没有孩子');
select from pg_temp.door('license', format('select * from enroll.errand_return(%s, ''r'', %L, %L)', pg_temp.s(2), '\x' || md5('d2'),
  '\x' || md5('code20')));
select is(pg_temp.messages(2), '{}', 'the return takes it back too');

select from pg_temp.family(3), pg_temp.child(3, 3);
update guardian set limited_since = now() where id = pg_temp.id('guardian', 3);
select from pg_temp.end_badly(3, 30);
update guardian set limited_since = null, closing_at = now() where id = pg_temp.id('guardian', 3);
select from pg_temp.end_badly(3, 31);
select from pg_temp.launch(3, 32); select from pg_temp.settle(32, 'denied', null);
select is(pg_temp.messages(3), '{}', 'none to a limited or a closing account, and none to who refused');

-- The other door.
create function pg_temp.other(p_n int, p_errand int) returns text language sql as $$
  select pg_temp.get(p_n, p_errand)->'answer'->>'door'
$$;
select from pg_temp.family(4), pg_temp.child(4, 4);
select from pg_temp.end_badly(4, 40);
select is(pg_temp.other(4, 40), null, 'once not linked: try again');
select from pg_temp.end_badly(4, 41);
select is(pg_temp.other(4, 41), 'materials', 'twice not linked: papers stand beside the button');
select is(pg_temp.begin(4, 42)->>'code', 'ok', 'and nothing is locked');
select from pg_temp.family(5), pg_temp.child(5, 5);
select from pg_temp.launch(5, 50); select from pg_temp.settle(50, 'denied', null);
select from pg_temp.launch(5, 51); select from pg_temp.settle(51, 'denied', null);
select from pg_temp.launch(5, 52); select from pg_temp.settle(52, 'denied', null);
select from pg_temp.launch(5, 53); select from pg_temp.settle(53, 'completed', 9);
select is(pg_temp.other(5, 53), null, 'four face checks in vain');
select from pg_temp.launch(5, 54); select from pg_temp.settle(54, 'completed', 5, '{5}', '{5}', '温雨棠', 1);
select is(pg_temp.other(5, 54), 'in_person', 'the fifth: in person stands beside the button');
select from pg_temp.launch(5, 55); select from pg_temp.settle(55, 'completed', 5, '{5}', '{5}');
select is(pg_temp.other(5, 55), null, 'and goes once one succeeds');

-- Confirmed by hand.
create function pg_temp.confirm(p_n int, p_child int, p_what text, p_seen text default null) returns text language sql as $$
  select c.code from enroll.operator_student_find(decode(md5('g' || p_n), 'hex'), null, decode(md5('c' || p_child), 'hex')) f,
    enroll.operator_student_confirm(f.id, coalesce(p_seen, f.seen), p_what, 'papers seen') c
$$;
select from pg_temp.family(6), pg_temp.child(6, 60);
select from pg_temp.child(6, 61);
select from pg_temp.family(7), pg_temp.child(7, 60);
select is(code, 'not_found', 'a child that is not the account''s is not found')
  from enroll.operator_student_find(decode(md5('g7'), 'hex'), null, decode(md5('c61'), 'hex'));
select is(code || guardian || student || n_rivals, 'ok温*棠温*源1', 'found by phone, in masks, with the number of rivals')
  from enroll.operator_student_find(null, decode(md5('p6'), 'hex'), decode(md5('c60'), 'hex'));
select is(pg_temp.confirm(6, 60, 'authorization'), 'wrong_state', 'no authorization before the child is bound');
select is(pg_temp.confirm(6, 60, 'both', 'stale'), 'wrong_state', 'what has changed meanwhile is looked at again');
select is(pg_temp.confirm(6, 60, 'everything'), 'wrong_state', 'nothing but what there is');
select is(pg_temp.confirm(6, 60, 'binding'), 'ok', 'the desk binds the child');
select is(pg_temp.status(6, 60), 'confirmed_by_hand', 'by hand');
select is(pg_temp.status(7, 60), 'student_taken', 'the rival''s entry ends as by a face check');
select is(pg_temp.messages(6), '{student_confirmed,student_proven}', 'the family is told');
select is(pg_temp.messages(7), '{student_taken}', 'and the rival');
select is(pg_temp.confirm(6, 60, 'binding'), 'wrong_state', 'once');
select is(pg_temp.confirm(6, 60, 'authorization'), 'ok', 'then the registers');
select is((select authorization_status from student where id = pg_temp.id('student6', 60)), 'confirmed_by_hand', 'by hand too');
select is(pg_temp.confirm(7, 60, 'both'), 'student_taken', 'not for whom another family has proven it');
select is(pg_temp.confirm(6, 61, 'both'), 'ok', 'both at once');
select is((select count(*)::int from audit where action = 'confirm_by_hand' and outcome = 'ok' and detail ->> 'reason' = 'papers seen'
  and student_id is not null), 3, 'each with its reason in the trail');
select from pg_temp.launch(6, 62, format('array[%L]::uuid[]', pg_temp.id('student6', 61))); select from pg_temp.settle(62, 'completed', 6, '{61}', '{61}');
select is(pg_temp.status(6, 61), 'confirmed_by_hand', 'a later binding leaves it as it is');
select from pg_temp.family(8), pg_temp.child(8, 80); select from pg_temp.launch(8, 80); select from pg_temp.settle(80, 'completed', 8, '{80}', '{80}');
select is(pg_temp.confirm(8, 80, 'both'), 'ok', 'what is bound may be confirmed for the registers');
select is(pg_temp.status(8, 80), 'bound', 'and stays bound');

-- WeChat's credentials.
create function pg_temp.take(p_n int, p_kind text default 'jsapi_ticket') returns jsonb language sql as $$
  select pg_temp.door('wechat', format('select * from enroll.wechat_credential_take(%s, %L)', pg_temp.s(p_n), p_kind))
$$;
create function pg_temp.put(p_version int, p_seconds int) returns void language sql as $$
  select from pg_temp.door('wechat', format('select * from enroll.wechat_credential_put(''r'', ''jsapi_ticket'', %L, ''\x%s'', %s)',
    pg_temp.id('version', p_version), to_char(p_version, 'FM00'), p_seconds))
$$;
create function pg_temp.drop(p_version int) returns void language sql as $$
  select from pg_temp.door('wechat', format('select * from enroll.wechat_credential_drop(''r'', ''jsapi_ticket'', %L)',
    pg_temp.id('version', p_version)))
$$;
select is(pg_temp.take(99)->>'code', 'not_signed_in', 'nobody takes one without a session');
select is(pg_temp.take(1)->>'is_renewer', 'true', 'the first fetches it');
select is(pg_temp.take(2)->>'code', 'busy', 'the second waits');
select is(pg_temp.take(2, 'access_token')->>'is_renewer', 'true', 'another kind is another matter');
select from pg_temp.put(1, 7200);
select is(pg_temp.take(2) - 'version', '{"code": "ok", "value": "\\x01", "is_renewer": false, "is_refused": false}'::jsonb, 'then all have it');
update wechat_credential set renew_at = now() - interval '1 second' where kind = 'jsapi_ticket';
select is(pg_temp.take(1)->>'is_renewer', 'true', 'when it is due one renews it');
select is(pg_temp.take(2) - 'version', '{"code": "ok", "value": "\\x01", "is_renewer": false, "is_refused": false}'::jsonb, 'and the others go on with the old one');
select from pg_temp.door('wechat', 'select * from enroll.wechat_credential_drop(''r'', ''jsapi_ticket'', null)');
select is(pg_temp.take(2)->>'is_renewer', 'false', 'after a failure nobody tries at once');
update wechat_credential set leased_until = now() - interval '1 second' where kind = 'jsapi_ticket';
select is(pg_temp.take(2)->>'is_renewer', 'true', 'but a moment later, as after a renewer that died');
select from pg_temp.put(2, 7200);
select from pg_temp.drop(1);
select is(pg_temp.take(2)->>'is_renewer', 'false', 'a word about an old version means nothing');
select from pg_temp.drop(2);
select is(pg_temp.take(2) - 'version', '{"code": "ok", "value": null, "is_renewer": true, "is_refused": true}'::jsonb, 'one that WeChat refuses is replaced by a really new one');
select from pg_temp.drop(2);
select is(pg_temp.take(1)->>'code', 'busy', 'once, however many were told so');
select from pg_temp.put(3, 60);
select is((select renew_at from wechat_credential where kind = 'jsapi_ticket'), now() + interval '30 seconds', 'a short one is renewed at half of its time');

select * from finish();
rollback;
