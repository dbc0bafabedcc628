-- courier_chain: chain the next p_limit audit rows. Only rows behind the oldest running transaction are taken, in the order of
-- (xid, id): ids commit out of order, transaction numbers behind that line do not come back. Called by courier alone.
-- n: rows chained; seq, hash: the head now (null without one). Codes: ok.
create or replace function enroll.courier_chain(p_limit int, out code text, out n int, out seq bigint, out hash text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  horizon xid8 := pg_snapshot_xmin(pg_current_snapshot());
  last record;
  head bytea;
  a audit;
begin
  perform pg_advisory_xact_lock(hashtext('enroll.audit_chain'));
  code := 'ok';
  n := 0;
  select c.seq, c.hash, o.xid, o.id into last from audit_chain c join audit o on o.id = c.audit_id order by c.seq desc limit 1;
  seq := coalesce(last.seq, 0);
  head := coalesce(last.hash, '\x');
  for a in select * from audit o where o.xid < horizon and (o.xid, o.id) > (coalesce(last.xid, '0'::xid8), coalesce(last.id, 0))
            order by o.xid, o.id limit p_limit loop
    seq := seq + 1;
    n := n + 1;
    head := audit_hash(head, a);
    insert into audit_chain (audit_id, seq, hash) values (a.id, seq, head);
  end loop;
  hash := nullif(encode(head, 'hex'), '');
end $$;
grant execute on function enroll.courier_chain(int) to enroll_courier;
