-- No state machine of the province's side makes a step that is not listed, whoever writes.
begin;
\ir support/province.psql

select pg_temp.family(1);
select pg_temp.child(1, 1);
select is(pg_temp.launch(1, 1), 'ok/ok', 'an errand is under way');

select throws_ok($$ update student set binding_status = 'bound' where guardian_id = pg_temp.id('guardian', 1);
  update student set binding_status = 'pending' where guardian_id = pg_temp.id('guardian', 1) $$,
  '23514', 'no transition: binding bound > pending', 'what is bound is not pending again');
select throws_ok($$ update student set authorization_status = 'revoked' where guardian_id = pg_temp.id('guardian', 1) $$,
  '23514', 'no transition: authorization none > revoked', 'what was never authorized is not revoked');
select throws_ok($$ update errand set status = 'launching' $$,
  '23514', 'no transition: errand pending > launching', 'an errand does not begin twice');
select throws_ok($$ update errand set status = 'completed'; update errand set status = 'expired' $$,
  '23514', 'no transition: errand completed > expired', 'what is over is over');
select throws_ok($$ update errand set provider_status = 'denied'; update errand set provider_status = 'completed' $$,
  '23514', 'no transition: space denied > completed', 'the space has one last word');
select lives_ok($$ update errand set provider_status = 'created', status = 'pending' $$, 'staying is no step');

select set_eq($$ select distinct split_part(t, ' ', 1) from unnest(transitions()) t $$,
  $$ select distinct encode(substring(tgargs from 1 for position('\000'::bytea in tgargs) - 1), 'escape')
       from pg_trigger where tgfoid = 'enroll.transition_check'::regproc $$,
  'every machine of the list has its trigger, and every trigger its machine');
select is_empty($$ select t from unnest(transitions()) t where split_part(t, ' ', 1) in ('binding', 'authorization', 'errand')
  and t !~ '^(errand (launching|pending)>|binding |authorization )' $$, 'nothing leads out of a final errand');

-- A launch that was killed in the middle is given up by the next.
select is(pg_temp.begin(1, 2, 'null', 'bind', 9)->>'code', 'ok', 'another browser launches');
update errand set created_at = now() - interval '16 seconds' where id = pg_temp.id('errand', 2);
select is(pg_temp.begin(1, 3, 'null', 'bind', 9)->>'code', 'ok', 'a killed launch is not waited for');
select is((select status from errand where id = pg_temp.id('errand', 2)), 'failed', 'and is over');

select * from finish();
rollback;
