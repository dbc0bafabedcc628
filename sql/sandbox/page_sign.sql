-- page_sign: 签署授权 on the page. Called by POST /sandbox/space/{id}/sign. Codes: ok, not_found, wrong_state.
create function sandbox.page_sign(p_id uuid, p_items jsonb, out code text)
language plpgsql set search_path = sandbox, pg_temp as $$
declare
  s session%rowtype;
begin
  code := session_open_for(p_id, array['identified']);
  select * into s from session where id = p_id;
  if code = 'ok' then
    perform session_sign(p_id, people_licenses(s, p_items));
  end if;
end $$;
