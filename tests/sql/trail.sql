-- Every attempt leaves a row: what a door refuses as well as what it does.
begin;
set search_path = enroll, public, pg_temp;
set client_min_messages = warning;
select no_plan();

-- Doors that no attempt of anybody stands behind: the courier's rounds, the asking threads' taking of work, and look-ups (errand_get
-- notes that somebody waits, wechat_credential_take who renews).
create temp table background (name) as values ('courier_beat'), ('courier_chain'), ('courier_anchor'), ('courier_take'), ('courier_settle'),
  ('courier_sweep'), ('errand_due'), ('license_due'), ('errand_get'), ('operator_grants'), ('wechat_credential_take');
select is_empty($$
  select p.proname from pg_proc p join pg_roles o on o.oid = p.proowner and o.rolname = 'enroll_owner'
   where p.pronamespace = 'enroll'::regnamespace and p.provolatile = 'v'
     and exists (select from aclexplode(p.proacl) a join pg_roles r on r.oid = a.grantee where a.grantee <> p.proowner and r.rolname like 'enroll\_%')
     and p.prosrc ~* '\m(insert into|update|delete from)\M' and p.prosrc !~ 'audit_put' and p.proname not in (table background)
$$, 'every door that writes leaves a row in the trail');

-- What the doors refuse at their very beginning.
create function pg_temp.rows() returns text language sql as $$
  select coalesce(string_agg(action || ' ' || outcome, ', ' order by id), '') from audit where ref = '00000042'
$$;
create function pg_temp.leaves(p_call text, p_rows text) returns text language plpgsql as $$
begin
  delete from audit where ref = '00000042';
  execute 'select from ' || p_call;
  return is(pg_temp.rows(), p_rows, p_call);
end $$;
select pg_temp.leaves($$ session_end('\x00', '00000042') $$, 'sign_out not_signed_in');
select pg_temp.leaves($$ session_end_one('\x00', '00000042', gen_random_uuid()) $$, 'session_end not_signed_in');
select pg_temp.leaves($$ session_end_others('\x00', '00000042') $$, 'session_end_others not_signed_in');
select pg_temp.leaves($$ account_begin('\x00', '00000042') $$, 'account_change not_signed_in');
select pg_temp.leaves($$ account_drop('\x00', '00000042') $$, 'account_change not_signed_in');
select pg_temp.leaves($$ wechat_authorize('00000042', '\x01', '\x02', '/') $$, 'wechat_authorize ok');
select pg_temp.leaves($$ wechat_begin('00000042', '\x01', '\x03', '\x04') $$, 'wechat_callback forbidden');
select pg_temp.leaves($$ wechat_seen('00000042', '\x01', '\x04', gen_random_uuid(), '\x05', '\x06', false) $$, 'wechat_callback forbidden');
select pg_temp.leaves($$ wechat_finish('00000042', '\x01', null, '\x07', null, '') $$, 'wechat_callback not_linked');
select pg_temp.leaves($$ wechat_unlink('\x00', '00000042', gen_random_uuid()) $$, 'wechat_unlink not_signed_in');
select pg_temp.leaves($$ application_submit('\x00', '00000042', gen_random_uuid(), 'k', '\x00', '{}') $$, 'application_submit not_signed_in');
select pg_temp.leaves($$ application_withdraw('\x00', '00000042', gen_random_uuid(), 'k', '\x00') $$, 'application_withdraw not_signed_in');


-- A key used again, for the same and for another body.
insert into season (year, register_from, opens_at, closes_at, birth_from, birth_to)
values (2999, now() - interval '2 days', now() - interval '1 day', now() + interval '1 day', '2992-09-01', '2993-08-31');
select from idempotency_begin('register', '', 'trail-key', '\x01');
select idempotency_finish('register', '', 'trail-key', '{"a": 1}');
select pg_temp.leaves($$ register_begin('00000042', '\x00', 'trail-key', '\x01', '\x0a', '\x0b', '\x0c') $$, 'register replayed');
select pg_temp.leaves($$ register_begin('00000042', '\x00', 'trail-key', '\x02', '\x0a', '\x0b', '\x0c') $$, 'register key_reused');

select * from finish();
rollback;
