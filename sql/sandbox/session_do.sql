-- session_do: what a parent would have done on the pages, in one step. Called by POST /sandbox/control/sessions/{id}.
-- complete without a scope takes everything held; forget_child only the guardian's, and links no child. A family whose face
-- check fails cannot complete: it ends denied. Codes: ok, not_found, wrong_state (states only move forward).
create function sandbox.session_do(p_id uuid, p_do text, p_scope jsonb, out code text)
language plpgsql set search_path = sandbox, pg_temp as $$
declare
  s session%rowtype;
  taken jsonb;
begin
  code := session_open_for(p_id, array['created', 'identified']);
  select * into s from session where id = p_id;
  if code <> 'ok' or (p_do = 'identify' and s.status = 'identified') then
    return;
  end if;
  if p_do = 'deny' or (s.status = 'created' and not session_identify(p_id)) then
    perform session_advance(p_id, 'denied');
    return;
  end if;
  if p_do = 'identify' then
    return;
  end if;
  select * into s from session where id = p_id;
  taken := case when p_scope is not null then held_among(s, p_scope)
    else (select coalesce(jsonb_agg(jsonb_build_object('type', h.type, 'holder_id_no', h.holder_id_no)), '[]') from held(s) h
      where (p_do = 'complete' or h.holder_id_no = s.guardian_id_no)
        and (s.purpose = 'bind' or jsonb_array_length(s.licenses) = 0 or s.licenses ? h.type)) end;
  if s.subject->>'id_no' <> s.guardian_id_no then
    taken := jsonb_build_array(jsonb_build_object('type', 'household_register', 'holder_id_no', s.subject->>'id_no'));
  end if;
  if s.purpose = 'bind' then
    if p_do = 'complete' and s.subject->>'id_no' = s.guardian_id_no then
      update session set wards = (select coalesce(jsonb_agg(jsonb_build_object('name', c.name, 'id_no', c.id_no)), '[]')
        from registered_children(s) c where c.is_ward) where id = p_id;
    end if;
    update session set claimed = taken where id = p_id;
    perform session_advance(p_id, 'completed');
  else
    perform session_sign(p_id, taken);
  end if;
end $$;
