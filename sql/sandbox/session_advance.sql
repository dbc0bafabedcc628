-- session_advance: move a locked session forward and leave a notice of it, with the fault that this session's notices have.
create function sandbox.session_advance(p_id uuid, p_status text) returns void
language plpgsql set search_path = sandbox, pg_temp as $$
declare
  s session%rowtype;
  late interval;
begin
  update session set status = p_status where id = p_id returning * into s;
  if s.notify_fault is null then
    select t.fault, t.delay_ms into s.notify_fault, s.notify_delay_ms from fault_take('notify') t;
    update session set notify_fault = s.notify_fault, notify_delay_ms = s.notify_delay_ms where id = p_id;
  end if;
  late := make_interval(secs => case when s.notify_delay_ms > 0 then s.notify_delay_ms else 2000 end / 1000.0);
  if s.notify_fault in ('drop', 'hang', 'refuse') then
    return;
  end if;
  insert into notice (session_id, status, due_at, copies) values (p_id, p_status,
    clock_timestamp() + case when s.notify_fault in ('late', 'slow') then late
      -- Reordered: the first waits until the last has been sent.
      when s.notify_fault = 'reorder' and p_status = 'identified' then late
      else interval '0' end,
    case s.notify_fault when 'duplicate' then 2 else 1 end);
end $$;
