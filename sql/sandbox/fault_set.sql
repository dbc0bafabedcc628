-- fault_set: throw or clear the switch of one target. Called by POST /sandbox/control/faults. Codes: ok.
create function sandbox.fault_set(p_target text, p_fault text, p_times integer, p_delay_ms integer, out code text)
language plpgsql set search_path = sandbox, pg_temp as $$
begin
  code := 'ok';
  delete from fault where target = p_target;
  if p_fault <> 'none' and coalesce(p_times, 1) > 0 then
    insert into fault values (p_target, p_fault, p_times, p_delay_ms);
  end if;
end $$;
