-- page_leave: the parent goes back. Called by POST /sandbox/space/{id}/leave. Who was recognized and is binding has finished,
-- with whatever was done; whoever refused, or signed nothing, has denied. Codes: ok (also when it had ended before), not_found.
create function sandbox.page_leave(p_id uuid, p_is_refusal boolean, out code text)
language plpgsql set search_path = sandbox, pg_temp as $$
declare
  s session%rowtype;
begin
  code := session_open_for(p_id, array['created', 'identified']);
  select * into s from session where id = p_id;
  if code = 'ok' then
    perform session_advance(p_id, case when s.status = 'identified' and s.purpose = 'bind' and not p_is_refusal
      then 'completed' else 'denied' end);
  elsif code = 'wrong_state' then
    code := 'ok';
  end if;
end $$;
