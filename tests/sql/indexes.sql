-- What is asked at every page, and what goes: found by an index, however long the tables grow.
begin;
\ir support/account.psql
set search_path = enroll, public;

-- An account is erased, a message is taken back: who refers to the row that goes is found without reading a table whole.
-- Seasons, schools and texts stay.
select is_empty($$
  select c.conrelid::regclass || '.' || a.attname from pg_constraint c
    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
   where c.contype = 'f' and c.connamespace = 'enroll'::regnamespace
     and c.confrelid not in ('season'::regclass, 'school'::regclass, 'content'::regclass)
     and not exists (select from pg_index i where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1]
       and coalesce(pg_get_expr(i.indpred, i.indrelid), '') in ('', format('(%I IS NOT NULL)', a.attname))) $$,
  'each row that refers to another is found from that one');

-- The history of an errand lies in the audit trail, the longest table of all.
select is((pg_temp.register('a')).code, 'created', 'a family');
insert into errand (id, purpose, guardian_id, device, state_hash, code_hash)
select gen_random_uuid(), 'bind', g.id, '\x01', '\x02', '\x03' from guardian g where g.id_no_index = pg_temp.b('guardian a');
select audit_put('00000001', 'bind_ask', 'identified', e.guardian_id, null, jsonb_build_object('errand', e.id))
  from errand e where e.code_hash = '\x03';
set local enable_seqscan = off;
set local enable_indexscan = off;
select pg_stat_get_xact_numscans('audit_errand'::regclass) as before \gset
select is((select string_agg(h.kind, ' ' order by h.place) from errand e, errand_history(e) h where e.code_hash = '\x03'), 'begun identified',
  'the history of an errand');
select ok(pg_stat_get_xact_numscans('audit_errand'::regclass) > :before, 'is found by its index');

select * from finish();
rollback;
