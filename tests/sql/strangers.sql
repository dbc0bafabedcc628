-- Every signed-in door × a session that is none, and × another parent's ids: it gives nothing. And × a limited session: only
-- the allow-list answers. The doors are found in the catalogue, so that a new one is tried without being listed here.
begin;
set search_path = public;
set client_min_messages = warning;
select no_plan();

insert into enroll.season values (2999, now() - interval '2 days', now() - interval '1 day', now() + interval '1 day', '2992-09-01', '2993-08-31');

create function pg_temp.id(p_word text) returns uuid language sql immutable as $$ select md5(p_word)::uuid $$;

-- A family with a session, a child on route licences, an errand of either purpose under way, a draft, and a code for another phone.
create function pg_temp.family(p_word text, p_limited timestamptz default null) returns void language plpgsql as $$
declare
  purpose text;
begin
  insert into enroll.guardian (id, name, name_mask, id_no, id_no_index, id_no_mask, limited_since)
  values (pg_temp.id(p_word), '温' || p_word, '温*', '\x00', decode(md5('g' || p_word), 'hex'), '4****************1', p_limited);
  insert into enroll.session (token_hash, guardian_id, device) values (decode(md5(p_word), 'hex'), pg_temp.id(p_word), '\xdd');
  insert into enroll.student (id, guardian_id, name, name_mask, id_no, id_no_index, id_no_mask, birth_date, is_female, register_place, route)
  values (pg_temp.id('child ' || p_word), pg_temp.id(p_word), '温小' || p_word, '温**', '\x00', decode(md5('c' || p_word), 'hex'),
    '4****************2', '2993-01-01', false, 'guangdong', 'licences');
  foreach purpose in array array['bind', 'authorize'] loop
    insert into enroll.errand (id, purpose, guardian_id, device, state_hash, code_hash)
    values (pg_temp.id(purpose || p_word), purpose, pg_temp.id(p_word), '\xdd', decode(md5('s' || purpose || p_word), 'hex'),
      decode(md5('k' || purpose || p_word), 'hex'));
    insert into enroll.errand_student (errand_id, student_id) values (pg_temp.id(purpose || p_word), pg_temp.id('child ' || p_word));
  end loop;
  insert into enroll.application (student_id, guardian_id, child_index, year)
  values (pg_temp.id('child ' || p_word), pg_temp.id(p_word), decode(md5('c' || p_word), 'hex'), 2999);
  insert into enroll.handoff (id, token_hash, guardian_id, page)
  values (pg_temp.id('handoff ' || p_word), decode(md5('handoff ' || p_word), 'hex'), pg_temp.id(p_word), 'steps');
end $$;
select pg_temp.family('a');
select pg_temp.family('b');
select pg_temp.family('limited', now());

-- The doors, and the role that calls each; but the one that takes the whole family away (tests/site/walk.test.mjs).
create temp table door as
select p.oid, p.proname as name, r.rolname as role
  from pg_proc p join pg_roles r on r.rolname like 'enroll\_%' and r.rolname <> 'enroll_owner' and has_function_privilege(r.oid, p.oid, 'execute')
 where p.pronamespace = 'enroll'::regnamespace and p.proargnames[1] = 'p_session' and p.proname <> 'operator_trial_remove';
select cmp_ok((select count(*)::int from door), '>=', 15, 'there are signed-in doors to try');

-- The code of a door called by p_role with a session and somebody's ids; 'none' if it answers no row.
create function pg_temp.ask(p_door oid, p_role text, p_session bytea, p_whose text) returns text language plpgsql as $$
declare
  purpose text := case p_role when 'enroll_license' then 'authorize' else 'bind' end;
  arguments text;
  answer text;
begin
  select string_agg(case n.name
      when 'p_session' then quote_nullable(p_session)
      when 'p_ref' then quote_literal('00000000')
      when 'p_student' then quote_literal(pg_temp.id('child ' || p_whose))
      when 'p_student_ids' then quote_literal(array[pg_temp.id('child ' || p_whose)])
      when 'p_errand' then quote_literal(pg_temp.id(purpose || p_whose))
      when 'p_id' then quote_literal(gen_random_uuid())
      when 'p_device' then quote_literal('\xdd'::bytea)
      when 'p_code_hash' then quote_literal(decode(md5('k' || purpose || p_whose), 'hex'))
      when 'p_handoff' then quote_literal(pg_temp.id('handoff ' || p_whose))
      when 'p_handoff_hash' then quote_literal(decode(md5('handoff ' || p_whose), 'hex'))
      when 'p_token_hash' then quote_literal(uuid_send(gen_random_uuid()))
      when 'p_page' then quote_literal('steps')
      when 'p_section' then quote_literal('student')
      when 'p_version' then '0'
      when 'p_key' then quote_literal('a key of enough characters')
      when 'p_fingerprint' then quote_literal('\xf1'::bytea)
      when 'p_data' then quote_literal('{}')
      when 'p_blank' then quote_literal('{}')
      when 'p_problems' then quote_literal('[]')
      when 'p_kind' then quote_literal('jsapi_ticket')
      when 'p_register_place' then quote_literal('guangdong')
      else 'null' end || '::' || n.type, ', ' order by n.place) into arguments
    from (select proargnames[i] as name, format_type(proargtypes[i - 1], null) as type, i as place
            from pg_proc, generate_series(1, pronargs) i where oid = p_door) n;
  execute format('set session authorization %I', p_role);
  begin
    execute format('select %s from %s(%s) x limit 1',
      case (select prorettype from pg_proc where oid = p_door) when 'text'::regtype then 'x' else 'x.code' end,
      p_door::regproc, arguments) into answer;
  exception when others then
    answer := 'exception ' || sqlstate || ' ' || sqlerrm;
  end;
  reset session authorization;
  return coalesce(answer, 'none');
end $$;

-- Sessions that are none: unknown, ended, idle for too long, too old.
insert into enroll.session (token_hash, guardian_id, ended_at) values ('\x01', pg_temp.id('a'), now());
insert into enroll.session (token_hash, guardian_id, last_seen_at) values ('\x02', pg_temp.id('a'), now() - interval '31 minutes');
insert into enroll.session (token_hash, guardian_id, created_at) values ('\x03', pg_temp.id('a'), now() - interval '13 hours');
select ok(pg_temp.ask(d.oid, d.role, s.token, 'a') in ('not_signed_in', 'none'), format('%s by %s gives nothing to %s session', d.name, d.role, s.what))
  from door d, (values ('\xff'::bytea, 'an unknown'), ('\x02', 'an idle'), ('\x03', 'an old')) s (token, what)
 where d.name <> 'session_end' or s.what = 'an unknown'
 order by d.name, d.role, s.what;
-- Signing out of what has ended is no error; nothing else knows such a session.
select ok(pg_temp.ask(d.oid, d.role, '\x01', 'a') in ('not_signed_in', 'none'), format('%s by %s gives nothing to an ended session', d.name, d.role))
  from door d where d.name <> 'session_end' order by d.name, d.role;

-- Another parent's child, errand, application.
select ok(pg_temp.ask(d.oid, d.role, decode(md5('a'), 'hex'), 'b') in ('not_found', 'none'), format('%s by %s knows no ids of another parent''s', d.name, d.role))
  from door d
 where (select p.proargnames && array['p_student', 'p_student_ids', 'p_errand', 'p_code_hash', 'p_handoff'] from pg_proc p where p.oid = d.oid)
 order by d.name, d.role;

select is(pg_temp.ask(d.oid, d.role, decode(md5('a'), 'hex'), 'b'), 'forbidden', 'another account''s code says so, and no more') from door d where d.name = 'handoff_open';
select is((select opened_at from enroll.handoff where id = pg_temp.id('handoff b')), null, 'and is not used up');

-- Limited: what is not on the list is refused.
select is(pg_temp.ask(d.oid, d.role, decode(md5('limited'), 'hex'), 'limited'), 'identity_check_required', format('%s by %s is not for a limited account', d.name, d.role))
  from door d
 where d.name not in ('session_get', 'session_idle', 'handoff_get', 'session_end', 'session_check', 'student_change', 'errand_begin', 'errand_launched', 'errand_get',
   'errand_return', 'errand_events', 'authorization_receipt', 'application_get', 'application_events', 'application_licenses', 'wechat_credential_take')
 order by d.name, d.role;
select is(pg_temp.ask(d.oid, d.role, decode(md5('limited'), 'hex'), 'limited'), 'none', 'a limited account is shown no licences')
  from door d where d.name = 'application_licenses';
select ok(pg_temp.ask(d.oid, d.role, decode(md5('limited'), 'hex'), 'limited') not in ('identity_check_required', 'not_signed_in', 'none'),
    format('%s by %s is for a limited account', d.name, d.role))
  from door d
 where d.name in ('session_get', 'session_idle', 'handoff_get', 'session_check', 'student_change', 'errand_begin', 'errand_get', 'errand_return', 'errand_events', 'authorization_receipt', 'application_get', 'application_events',
   'wechat_credential_take')
 order by d.name, d.role;

-- The ids above are right: their owner is answered.
select ok(pg_temp.ask(d.oid, d.role, decode(md5('a'), 'hex'), 'a') !~ 'not_found|not_signed_in|exception', format('%s by %s answers the owner', d.name, d.role))
  from door d where d.name not in ('errand_begin', 'application_licenses', 'student_add', 'student_remove', 'session_end', 'session_end_one', 'wechat_unlink', 'wechat_name',
   'account_password', 'account_code', 'authorization_revoke')
 order by d.name = 'application_withdraw', d.name, d.role;

select * from finish();
rollback;
