-- The operator's doors to the audit trail, for enrollctl audit verify, which recomputes the chain outside the database. They
-- only read. Codes: ok in every row.

-- operator_audit_state: where chain and anchors end, by the database's own word (0: there are none).
create or replace function enroll.operator_audit_state(out code text, out head_seq bigint, out anchored_seq bigint)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  code := 'ok';
  head_seq := coalesce((select max(c.seq) from audit_chain c), 0);
  anchored_seq := coalesce((select max(r.seq) from audit_anchor r), 0);
end $$;
grant execute on function enroll.operator_audit_state() to enroll_operator;

-- operator_audit_checkpoints: what prunings have left, in order. young_from: what was written after this moment may not have
-- been pruned then, in the form of the anchor file's times.
create or replace function enroll.operator_audit_checkpoints()
returns table (code text, first_seq bigint, seq bigint, hash bytea, young_from text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  return query
  select 'ok', k.first_seq, k.seq, k.hash, to_char((k.pruned_at - interval '190 days') at time zone 'Asia/Shanghai',
    'YYYY-MM-DD"T"HH24:MI:SS.MS') || '+08:00'
    from audit_checkpoint k order by k.seq;
end $$;
grant execute on function enroll.operator_audit_checkpoints() to enroll_operator;

-- operator_audit_page: the next rows of the chain after p_after. body: what is hashed, null where the audit row has gone.
create or replace function enroll.operator_audit_page(p_after bigint, p_limit int)
returns table (code text, seq bigint, hash bytea, audit_id bigint, body text, at text, action text, ref text,
  is_anchored boolean)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  return query
  select 'ok', c.seq, c.hash, c.audit_id, case when a.id is not null then audit_text(a) end, beijing_time(a.at), a.action, a.ref,
    exists (select from audit_anchor r where r.seq = c.seq)
    from (select * from audit_chain o where o.seq > p_after order by o.seq limit p_limit) c
    left join audit a on a.id = c.audit_id order by c.seq;
end $$;
grant execute on function enroll.operator_audit_page(bigint, int) to enroll_operator;

-- operator_audit_stray: the first row that is not in the chain though it should be: one that stands before the chain's end
-- (inserted), or one that has waited for ten minutes.
create or replace function enroll.operator_audit_stray()
returns table (code text, audit_id bigint, at text, action text, ref text, is_inserted boolean)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  last record;
begin
  select o.xid, o.id into last from audit_chain c join audit o on o.id = c.audit_id order by c.seq desc limit 1;
  return query
  select 'ok', a.id, beijing_time(a.at), a.action, a.ref, coalesce((a.xid, a.id) < (last.xid, last.id), false)
    from audit a
   where not exists (select from audit_chain c where c.audit_id = a.id)
     and (coalesce((a.xid, a.id) < (last.xid, last.id), false) or a.at < now() - interval '10 minutes')
   order by a.xid, a.id limit 1;
end $$;
grant execute on function enroll.operator_audit_stray() to enroll_operator;
