-- 换手机接着办: the code names a step; it is good once, for ten minutes, for its own account; and whoever waits sees it finish.
begin;
\ir support/account.psql

select is(code, 'created', 'a family') from pg_temp.register('a');
select is(code, 'created', 'another family') from pg_temp.register('b');
select is(code, 'ok', 'signed in') from pg_temp.sign_in('a', 'first');
select is(code, 'ok', 'on another phone too') from pg_temp.sign_in('a', 'second', p_device => 'phone');
select is(code, 'ok', 'and a third') from pg_temp.sign_in('a', 'third', p_device => 'tablet');
select is(code, 'ok', 'somebody else') from pg_temp.sign_in('b', 'stranger');
select s.id as student from enroll.student s where s.id_no_index = pg_temp.b('student a') \gset

create function pg_temp.start(p_token text, p_page text default 'apply', p_student uuid default null, p_section text default null,
  p_session text default 'first', out code text, out answer jsonb) language sql as $$
  select * from enroll.handoff_start(pg_temp.b(p_session), '00000007', pg_temp.b(p_token), p_page, p_student, p_section)
$$;
create function pg_temp.open(p_session text, p_token text, out code text, out answer jsonb) language sql as $$
  select * from enroll.handoff_open(pg_temp.b(p_session), '00000007', pg_temp.b(p_token))
$$;
create function pg_temp.status(p_token text, p_session text default 'first') returns text language sql as $$
  select coalesce(g.answer ->> 'status', g.code) || ' ' || coalesce(g.answer ->> 'poll_after_ms', '-')
    from enroll.handoff_get(pg_temp.b(p_session), '00000007', (select id from enroll.handoff where token_hash = pg_temp.b(p_token))) g
$$;

-- Whose child, and which step.
select is(s.code, 'not_signed_in', 'a visitor gets no code') from pg_temp.start('x', p_session => 'nobody') s;
select is(s.code, 'not_found', 'another parent''s child gets none') from pg_temp.start('x', p_student => :'student', p_session => 'stranger') s;
select is(array[s.code, s.answer ->> 'status', s.answer ->> 'expires_in_s'], array['ok', 'waiting', '600'], 'a code waits ten minutes')
  from pg_temp.start('1', p_student => :'student', p_section => 'household') s;
select is(pg_temp.status('1'), 'waiting 2000', 'the first phone looks');
select is(pg_temp.status('1', 'stranger'), 'not_found -', 'nobody else does');
select is(o.code, 'not_signed_in', 'the code opens no session') from pg_temp.open('nobody', '1') o;
select is(o.code, 'forbidden', 'another account is told so') from pg_temp.open('stranger', '1') o;
select is(o.answer, null, 'and sees nothing') from pg_temp.open('stranger', '1') o;
select is(pg_temp.status('1'), 'waiting 2000', 'nor is the code used up by that');
select is(array[o.code, o.answer ->> 'path'], array['ok', '/apply?student=' || :'student' || '#household'], 'the same account is shown the step')
  from pg_temp.open('second', '1') o;
select is(o.code, 'ok', 'again, if the answer was lost') from pg_temp.open('second', '1') o;
select is(o.code, 'not_found', 'but no other session') from pg_temp.open('third', '1') o;
select is(o.code, 'not_found', 'and a stranger hears no more than of any other') from pg_temp.open('stranger', '1') o;
select is(pg_temp.status('1'), 'opened 3000', 'the first phone sees it opened');

-- Done, late, void.
insert into enroll.application (student_id, guardian_id, child_index, year, status)
  select id, guardian_id, '\x00', 2999, 'submitted' from enroll.student where id = :'student';
select is(pg_temp.status('1'), 'done 0', 'and finished');
delete from enroll.application where student_id = :'student';
update enroll.handoff set opened_at = now() - interval '61 minutes' where token_hash = pg_temp.b('1');
select is(pg_temp.status('1'), 'opened 0', 'after an hour nobody waits any more');
select is(s.code, 'ok', 'a second code') from pg_temp.start('2', 'bind') s;
update enroll.handoff set expires_at = now() where token_hash = pg_temp.b('2');
select is(pg_temp.status('2'), 'expired 0', 'is over after ten minutes');
select is(o.code, 'not_found', 'and opens nothing') from pg_temp.open('second', '2') o;
select is(s.code, 'ok', 'a third code') from pg_temp.start('3', 'bind') s;
select is(s.code, 'ok', 'a fourth') from pg_temp.start('4', 'authorize') s;
select is(o.code, 'not_found', 'makes the third void') from pg_temp.open('second', '3') o;
select is(o.answer ->> 'path', '/authorize', 'the fourth opens') from pg_temp.open('second', '4') o;
select is(pg_temp.status('4'), 'opened 3000', 'and is followed');
update enroll.student set route = 'licences', binding_status = 'bound' where id = :'student';
select is(pg_temp.status('4'), 'opened 3000', 'the step before it is not it');
update enroll.student set authorization_status = 'authorized' where id = :'student';
select is(pg_temp.status('4'), 'done 0', 'until it is done');

-- To look is no activity, and a session that ends takes nothing with it.
update enroll.session set last_seen_at = now() - interval '29 minutes' where token_hash = pg_temp.b('first');
select is(pg_temp.status('4'), 'done 0', 'the first phone looks again');
select is(i.answer ->> 'ends_in_s', '60', 'and has a minute left') from enroll.session_idle(pg_temp.b('first'), 'r') i;
select is((select last_seen_at from enroll.session where token_hash = pg_temp.b('first')), now() - interval '29 minutes', 'neither was activity');
select is(g.answer ->> 'ends_in_s', '1800', 'to be there is') from enroll.session_get(pg_temp.b('first'), 'r') g;
update enroll.session set created_at = now() - interval '719 minutes' where token_hash = pg_temp.b('first');
select is(i.answer ->> 'ends_in_s', '60', 'up to twelve hours') from enroll.session_idle(pg_temp.b('first'), 'r') i;

-- Limited: the codes are for nobody, their state may be seen.
select is(s.code, 'ok', 'a code') from pg_temp.start('5', 'bind') s;
select is(code, 'ok', 'the account is recovered') from pg_temp.recover('a', 'limited');
select is(s.code, 'identity_check_required', 'while limited there is no code') from pg_temp.start('6', 'bind', p_session => 'limited') s;
select is(o.code, 'identity_check_required', 'and none opens') from pg_temp.open('limited', '5') o;
select is(pg_temp.status('5', 'limited'), 'waiting 2000', 'it may be looked at');
select is((select count(*)::int from enroll.handoff h where h.token_hash in (pg_temp.b('6'), pg_temp.b('x'))), 0, 'what was refused left nothing');

select * from finish();
rollback;
