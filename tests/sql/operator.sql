-- The operator's doors: season, schools, and what a check finds.
begin;
set search_path = enroll, public, pg_temp;
set client_min_messages = warning;
select no_plan();

create function pg_temp.season(p_from text, p_opens text, p_closes text, p_birth_from text default '2992-09-01', p_birth_to text default '2993-08-31')
returns text language sql as $$ select code from operator_season_set(2999, p_from, p_opens, p_closes, p_birth_from, p_birth_to) $$;

select is((select code from operator_season_show()), 'not_found', 'at first there is no season');
select is((select code from operator_school_import('{0001}', '{一}', '{}', '{}', '{}')), 'not_found', 'and no schools without one');
select is((select season from operator_check()), null, 'which the check says');
select is(pg_temp.season('2999-13-01', '2999-05-01', '2999-06-01'), 'malformed_request', 'a thirteenth month');
select is(pg_temp.season('soon', '2999-05-01', '2999-06-01'), 'malformed_request', 'no time at all');
select is(pg_temp.season('2999-05-02', '2999-05-01', '2999-06-01'), 'wrong_state', 'registration after the opening');
select is(pg_temp.season('2999-04-01', '2999-06-01', '2999-06-01'), 'wrong_state', 'closed when it opens');
select is(pg_temp.season('2999-04-01', '2999-05-01', '2999-06-01', '2993-08-31', '2992-09-01'), 'wrong_state', 'ages upside down');
select is(pg_temp.season('2999-04-01', '2999-05-01T09:00', '2999-06-01T18:00+08:00'), 'ok', 'a season');
select is((select season ->> 'opens_at' from operator_season_show()), '2999-05-01T09:00:00+08:00', 'times without an offset are Beijing''s');
select is((select season ->> 'state' from operator_season_show()), 'before', 'not yet open');
select is(pg_temp.season('2020-04-01', '2020-05-01', '2999-06-01'), 'ok', 'changed');
select is((select season from operator_check()), 'open', 'open');
select is((select count(*)::int from season), 1, 'one row a year');

-- Schools.
select results_eq($$ select code, n_schools, n_places, n_withdrawn from operator_school_import('{0001,0002}', '{一小,二小}', '{"",""}', '{"",0753-1}',
  array['金山街道; 金山街道东山社区；', '']) $$, $$ values ('ok', 2, 2, 0) $$, 'two schools, places by either semicolon');
create temp table first_id as select id from school where code = '0001';
select results_eq($$ select code, n_schools, n_withdrawn from operator_school_import('{0001}', '{第一小学}', '{地址}', '{电话}', '{西郊街道}') $$,
  $$ values ('ok', 1, 1) $$, 'the list as a whole: who is not on it is not offered');
select results_eq('select code, is_offered from school order by code', $$ values ('0001', true), ('0002', false) $$, 'but stays');
select is((select id from school where code = '0001' and name = '第一小学'), (select id from first_id), 'a school keeps its id under a new name');
select results_eq($$ select code, fault from operator_school_import('{0003,0003}', '{一,二}', '{"",""}', '{"",""}', '{"",""}') $$, $$ values ('validation_failed', '0003') $$, 'a code twice');
select results_eq($$ select code, fault from operator_school_import('{0003,0004}', '{三,四}', '{"",""}', '{"",""}', '{"",街}') $$, $$ values ('validation_failed', '0004') $$, 'a place too short');
select is((select count(*)::int from school where code = '0003'), 0, 'one wrong line imports none');
select is((select n_schools from operator_check()), 1, 'what is offered is counted');

-- The check.
select is_empty('select * from operator_grants()', 'no role can more than it should');
grant select on guardian to enroll_content;
create function enroll.loose() returns int language sql as 'select 1';
grant execute on function enroll.loose() to public;
select set_eq('select finding from operator_grants()', array['table guardian: open to enroll_content', 'function loose: open to everybody or without search_path'],
  'a grant too many is found');
select is((select heartbeat_age_s from operator_check()), null, 'no heartbeat yet');
insert into heartbeat values ('courier', now() - interval '90 seconds');
select is((select heartbeat_age_s from operator_check()), 90, 'an old one');

select * from finish();
rollback;
