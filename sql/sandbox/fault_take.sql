-- fault_take: what must go wrong with this call of p_target? Uses up one of the fault's times. Called at every call that the
-- platform makes, and once a session for its notices. Codes: ok, with fault 'none' if nothing is to go wrong.
create function sandbox.fault_take(p_target text, out code text, out fault text, out delay_ms bigint)
language plpgsql set search_path = sandbox, pg_temp as $$
declare
  f fault%rowtype;
begin
  code := 'ok';
  fault := 'none';
  delay_ms := 0;
  select * into f from fault t where t.target = p_target;
  if not found then
    return;
  end if;
  if f.times is not null then
    update fault t set times = t.times - 1 where t.target = p_target and t.times > 0 returning * into f;
    if not found then
      return;
    end if;
    delete from fault t where t.target = p_target and t.times <= 0;
  end if;
  fault := f.fault;
  delay_ms := f.delay_ms;
end $$;
