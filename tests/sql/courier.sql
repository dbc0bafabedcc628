-- The courier's doors: a chain that covers every row once and in order, and messages that are neither lost nor stuck.
begin;
set search_path = enroll, public, pg_temp;
set client_min_messages = warning;
select no_plan();

-- The chain. What this transaction wrote is not behind the oldest running one, so these rows are given older numbers.
select is((select n from courier_chain(100)), 0, 'nothing to chain');
create function pg_temp.note(p_xid text, p_n int) returns void language sql as $$
  insert into audit (xid, ref, action, outcome) select p_xid::xid8, '00000000', 'test', 'ok' from generate_series(1, p_n)
$$;
select pg_temp.note('12', 3);
select pg_temp.note('11', 2);
select pg_temp.note(pg_current_xact_id()::text, 1);
select results_eq('select n, seq from courier_chain(4)', $$ values (4, 4::bigint) $$, 'a batch takes what it is told');
select results_eq('select n, seq from courier_chain(4)', $$ values (1, 5::bigint) $$, 'the next goes on in the middle of a transaction');
select is((select n from courier_chain(4)), 0, 'what is still running waits');
select is((select array_agg(a.xid::text order by c.seq) from audit_chain c join audit a on a.id = c.audit_id), array['11', '11', '12', '12', '12'],
  'in the order of transactions, not of ids');
-- A row's hash covers its columns and the hash before.
create function pg_temp.is_chain_sound() returns boolean language plpgsql as $$
declare
  before bytea := '\x';
  r record;
begin
  for r in select c.hash, a as row from audit_chain c join audit a on a.id = c.audit_id order by c.seq loop
    if r.hash <> audit_hash(before, r.row) then
      return false;
    end if;
    before := r.hash;
  end loop;
  return true;
end $$;
select ok(pg_temp.is_chain_sound(), 'the chain verifies');
set local timezone = 'America/New_York';
select ok(pg_temp.is_chain_sound(), 'under other settings too');
update audit set outcome = 'forged' where id = (select audit_id from audit_chain where seq = 2);
select ok(not pg_temp.is_chain_sound(), 'a changed row breaks it');

-- The outbox.
insert into guardian (id, name, name_mask, id_no, id_no_index, id_no_mask) values (md5('g')::uuid, '家长', '家*', '\x00', '\x01', '4***1');
insert into phone (id, guardian_id, phone, phone_index, phone_mask, via) values (md5('p')::uuid, md5('g')::uuid, '\xaa', '\x02', '138****0000', 'register');
insert into wechat (id, guardian_id, openid, openid_index) values (md5('w')::uuid, md5('g')::uuid, '\xbb', '\x03');
insert into outbox (template, phone_id, detail) values ('application_submitted', md5('p')::uuid, '2999-0000-0000');
insert into outbox (template, wechat_id, token) values ('password_recovered', md5('w')::uuid, '\xcc');
insert into outbox (template, phone_id, token) values ('password_changed', md5('p')::uuid, '\xdd');
create temp table taken as select * from courier_take(10);
select results_eq('select template, detail, phone, openid from taken order by 1',
  $$ values ('application_submitted', '2999-0000-0000', '\xaa'::bytea, null::bytea), ('password_changed', null, '\xaa', null), ('password_recovered', null, null, '\xbb') $$, 'what is due is taken, with its address');
select is_empty('select * from courier_take(10)', 'and leased to one courier');
update outbox set next_at = now() - interval '1 second';
select is((select count(*)::int from courier_take(1)), 1, 'a lease that ran out is taken again, in batches');
select from taken, courier_settle(id, null, false) where template = 'application_submitted';
select from taken, courier_settle(id, 'http_500', false) where template = 'password_recovered';
select is((select delivered_at is not null and failed is null from outbox where template = 'application_submitted'), true, 'delivered');
select ok((select next_at > clock_timestamp() and failed is null and delivered_at is null from outbox where template = 'password_recovered'), 'tried again later');
update outbox set tries = 30 where template = 'password_recovered';
select from taken, courier_settle(id, 'http_500', false) where template = 'password_recovered';
select is((select token from outbox where template = 'password_recovered'), '\xcc'::bytea, 'with its link');
select from taken, courier_settle(id, null, false) where template = 'password_changed';
select is((select token from outbox where template = 'password_changed'), null, 'a link that has been delivered lies here no more');
select ok((select next_at between now() + interval '59 minutes' and now() + interval '61 minutes' from outbox where template = 'password_recovered'), 'at most an hour apart');
update outbox set created_at = now() - interval '25 hours' where template = 'password_recovered';
select from taken, courier_settle(id, 'http_500', false) where template = 'password_recovered';
select is((select failed is null and phone_id = md5('p')::uuid from outbox where template = 'password_recovered'), true, 'after a day in vain WeChat is given up for the phone');
select from taken, courier_settle(id, 'http_500', false) where template = 'password_recovered';
select is((select failed from outbox where template = 'password_recovered'), 'http_500', 'and then the message is given up');
select is((select token from outbox where template = 'password_recovered'), null, 'with its link');

-- The log of deliveries.
select results_eq($$ select d.attempt, d.channel, d.outcome from delivery d join outbox o on o.id = d.outbox_id where o.template = 'application_submitted' order by d.id $$,
  $$ values (1, 'sms', 'lost'), (2, 'sms', 'delivered') $$, 'an attempt whose courier died is called lost, the one that follows is the second');
select is((select count(*)::int from delivery where outcome is not null and finished_at is null or outcome is null), 0, 'nothing is left under way');

-- A WeChat that can never be reached.
create function pg_temp.message(p_template text) returns uuid language sql as $$
  insert into outbox (template, wechat_id, created_at) values (p_template, md5('w')::uuid, now() - interval '1 minute') returning id
$$;
create temp table alone as select pg_temp.message('alone') as id;
select from courier_take(10);
select from alone, courier_settle(alone.id, 'not_follower', true);
select ok((select o.phone_id = md5('p')::uuid and o.wechat_id is null and o.failed is null and o.next_at <= clock_timestamp() from outbox o, alone where o.id = alone.id),
  'a message to who does not follow goes to the current phone at once');
select results_eq('select t.phone from courier_take(10) t, alone where t.id = alone.id', $$ values ('\xaa'::bytea) $$, 'under its own id');
select from alone, courier_settle(alone.id, null, false);
select results_eq('select d.channel, d.outcome from delivery d, alone where d.outbox_id = alone.id order by d.id', $$ values ('wechat', 'not_follower'), ('sms', 'delivered') $$,
  'both attempts are in the log');
create temp table beside as select pg_temp.message('beside') as id;
insert into outbox (template, phone_id, created_at) values ('beside', md5('p')::uuid, now() - interval '1 minute');
select from courier_take(10);
select from beside, courier_settle(beside.id, 'not_follower', true);
select is((select o.failed from outbox o, beside where o.id = beside.id), 'not_follower', 'but not a second time to a phone that hears of it anyway');
update phone set until = now() where id = md5('p')::uuid;
create temp table nowhere as select pg_temp.message('nowhere') as id;
select from courier_take(10);
select from nowhere, courier_settle(nowhere.id, 'not_follower', true);
select is((select o.failed from outbox o, nowhere where o.id = nowhere.id), 'not_follower', 'nor to an account without a phone');

-- What has served its time.
insert into idempotency (route, caller, key, fingerprint, started_at) values ('x', '', 'old', '\x00', now() - interval '25 hours'), ('x', '', 'new', '\x00', now());
insert into guess (kind, key, since, next_at) values ('phone', '\x01', now() - interval '3 days', null), ('phone', '\x02', now(), null),
  ('phone', '\x03', now() - interval '3 days', now() + interval '1 minute');
insert into guardian (id, name, name_mask, id_no, id_no_index, id_no_mask) values (md5('sweep')::uuid, '家长', '家*', '\x00', '\x77', '4****************1');
insert into session (token_hash, guardian_id, created_at) values ('\x5001', md5('sweep')::uuid, now() - interval '191 days'), ('\x5002', md5('sweep')::uuid, now() - interval '189 days');
insert into undo (guardian_id, token_hash, links, automatic, expires_at) values (md5('sweep')::uuid, '\x5001', '{}', '{}', now()),
  (md5('sweep')::uuid, '\x5002', '{}', '{}', now() + interval '1 hour');
update outbox set created_at = now() - interval '191 days' where template = 'beside' and failed is not null;
insert into outbox (template, phone_id, created_at) values ('undelivered', md5('p')::uuid, now() - interval '191 days');
insert into handoff (token_hash, guardian_id, page, created_at, opened_at, opened_by)
  select '\x5001', s.guardian_id, 'steps', now() - interval '25 hours', now(), s.id from session s where s.token_hash = '\x5001';
insert into handoff (token_hash, guardian_id, page, created_at) values ('\x5002', md5('sweep')::uuid, 'steps', now() - interval '23 hours');
select is((select swept from courier_sweep()), 6, 'what is old is swept');
select results_eq($$ select token_hash from handoff where guardian_id = md5('sweep')::uuid $$, $$ values ('\x5002'::bytea) $$, 'of codes for another phone those of a day');
select set_eq($$ select token_hash from session where guardian_id = md5('sweep')::uuid union all select token_hash from undo where guardian_id = md5('sweep')::uuid $$,
  $$ values ('\x5002'::bytea) $$, 'of sessions and links what may still be asked for stays');
select set_eq($$ select template from outbox where created_at < now() - interval '190 days' $$, $$ values ('undelivered') $$, 'of messages what is not settled stays');
delete from outbox where template = 'undelivered';
select is((select swept from courier_sweep()), 0, 'and nothing else');
select is((select count(*)::int from guess), 2, 'a counter that still holds somebody back stays');

-- What is older than 190 days goes from the trail; a checkpoint stays. All of it is new, so some is made old.
truncate audit, audit_chain;
select pg_temp.note('20', 6);
update audit set at = now() - interval '200 days' where id in (select id from audit order by id limit 4);
select from courier_chain(100);
create temp table before as select c.seq, c.hash from audit_chain c;
insert into audit_anchor (seq, hash) select seq, hash from audit_chain where seq in (3, 6);
select is((select swept from courier_sweep()), 3, 'what is old goes, up to an anchored row');
select results_eq('select first_seq, seq, hash from audit_checkpoint', 'select 1::bigint, seq, hash from before where seq = 3', 'and leaves its last hash');
select results_eq('select seq, hash from audit_chain order by seq', 'select seq, hash from before where seq > 3 order by seq', 'the rest of the chain is as it was');
select is((select count(*)::int from audit where action = 'test'), 3, 'and so are its rows');
select is((select count(*)::int from audit where action = 'audit_prune'), 1, 'the pruning itself is in the trail');
select is((select swept from courier_sweep()), 0, 'an old row beyond the last anchor waits');
update audit set at = now() - interval '200 days' where action = 'test';
delete from audit_anchor;
select is((select swept from courier_sweep()), 2, 'without anchors all that is old goes, but for the head');
select results_eq('select first_seq, seq from audit_checkpoint order by seq', $$ values (1::bigint, 3::bigint), (4, 5) $$, 'checkpoints follow each other');

select from courier_beat(true);
select from courier_beat(false);
select ok((select now() - at < interval '1 minute' from heartbeat where name = 'courier'), 'the heart beats');
update heartbeat set started_at = now() - interval '1 hour';
select from courier_beat(false);
select ok((select started_at < now() from heartbeat), 'and remembers when it began');

select * from finish();
rollback;
