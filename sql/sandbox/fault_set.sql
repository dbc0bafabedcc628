-- fault_set: throw or clear the switch of one target. Called by POST /sandbox/control/faults. Codes: ok.
-- WeChat's forge strikes the redirect of its authorize page, all its other faults the platform's exchange of the code.
create function sandbox.fault_set(p_target text, p_fault text, p_times integer, p_delay_ms integer, out code text)
language plpgsql set search_path = sandbox, pg_temp as $$
begin
  code := 'ok';
  delete from fault where target in (p_target, p_target || '_page');
  if p_fault <> 'none' and coalesce(p_times, 1) > 0 then
    insert into fault values (case when p_target = 'wechat' and p_fault = 'forge' then 'wechat_page' else p_target end,
      p_fault, p_times, p_delay_ms);
  end if;
end $$;
