-- courier_prune: audit rows of more than 190 days ago go, from the beginning of the chain on, some thousands at a time; what
-- goes leaves a checkpoint, from whose hash the rest still verifies. It ends at an anchored row, so that the checkpoint stands
-- in the anchor file too; the head always stays. Called by courier_sweep. Returns how many rows went.
create or replace function enroll.courier_prune() returns int
language plpgsql set search_path = enroll, pg_temp as $$
declare
  -- By the day, so that a day's rows leave a checkpoint or two, not one a minute.
  v_before timestamptz := date_trunc('day', now()) - interval '190 days';
  v_first bigint;
  v_old bigint;
  v_end bigint;
  v_gone bigint[];
begin
  perform pg_advisory_xact_lock(hashtext('enroll.audit_chain'));
  select c.seq into v_first from audit_chain c join audit a on a.id = c.audit_id order by c.seq limit 1;
  -- The last of the old rows with which the chain begins.
  select c.seq - 1 into v_old from audit_chain c join audit a on a.id = c.audit_id where a.at >= v_before order by c.seq limit 1;
  v_old := coalesce(v_old, (select max(c.seq) - 1 from audit_chain c));
  if v_first is null or v_old < v_first then
    return 0;
  end if;
  v_end := least(v_old, v_first + 4999);
  if exists (select from audit_anchor) then
    select coalesce((select min(r.seq) from audit_anchor r where r.seq between v_end and v_old),
      (select max(r.seq) from audit_anchor r where r.seq between v_first and v_old)) into v_end;
    if v_end is null then
      return 0;
    end if;
  end if;

  insert into audit_checkpoint (seq, hash, first_seq, last_at)
  select c.seq, c.hash, v_first, (select max(a.at) from audit_chain o join audit a on a.id = o.audit_id where o.seq <= v_end)
    from audit_chain c where c.seq = v_end;
  with gone as (delete from audit_chain where seq <= v_end returning audit_id)
  select array_agg(audit_id) into v_gone from gone;
  delete from audit where id = any(v_gone);
  delete from audit_anchor where seq < v_end;
  perform audit_put('00000000', 'audit_prune', 'ok', null, null, jsonb_build_object('first', v_first, 'last', v_end));
  return cardinality(v_gone);
end $$;
