-- page_claim: 申领 of licences, after 同意. Called by POST /sandbox/space/{id}/claim. Only what is held and whose holder is the
-- guardian or linked. When every child is linked and has both its licences, the session completes by itself. Codes: ok,
-- not_found, wrong_state; body has how many of those asked for were found.
create function sandbox.page_claim(p_id uuid, p_items jsonb, out code text, out body text)
language plpgsql set search_path = sandbox, pg_temp as $$
declare
  s session%rowtype;
  found_ones jsonb;
begin
  code := session_open_for(p_id, array['identified']);
  select * into s from session where id = p_id;
  if code <> 'ok' then
    return;
  end if;
  select coalesce(jsonb_agg(l), '[]') into found_ones from jsonb_array_elements(people_licenses(s, p_items)) l
    where exists (select from people(s) p where p.id_no = l->>'holder_id_no' and p.is_linked);
  update session set claimed = (select jsonb_agg(distinct c) from jsonb_array_elements(claimed || found_ones) c)
    where id = p_id and jsonb_array_length(found_ones) > 0 returning * into s;
  if s.id is not null and not exists (select from people(s) p, unnest(array['household_register', 'identity_credential']) t
      where p.key <> 'guardian' and not (p.is_linked
        and s.claimed @> jsonb_build_array(jsonb_build_object('type', t, 'holder_id_no', p.id_no)))) then
    perform session_advance(p_id, 'completed');
  end if;
  body := json_build_object('claimed', jsonb_array_length(found_ones))::text;
end $$;
