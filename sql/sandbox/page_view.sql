-- page_view: what the space's pages show. Called by GET /sandbox/space/{id}/view. People go by a key ("guardian", "1", "2" …),
-- so that no full number ever reaches the page; names are masked until the face check. The way back holds the platform's one-time
-- code, so that nobody is told before the session has its final word. Codes: ok, not_found.
create function sandbox.page_view(p_id uuid, out code text, out body text)
language plpgsql stable set search_path = sandbox, pg_temp as $$
declare
  s session%rowtype;
  is_known boolean;
begin
  code := 'not_found';
  select * into s from session where id = p_id;
  if not found then
    return;
  end if;
  code := 'ok';
  is_known := s.subject is not null;
  body := json_build_object('purpose', s.purpose, 'status', session_status(s), 'return_url', case when session_status(s) in ('completed', 'denied', 'expired') then s.return_url end,
    'licenses', s.licenses, 'is_other_person', is_known and s.subject->>'id_no' <> s.guardian_id_no,
    'people', (select json_agg(json_build_object('key', p.key, 'name',
        case when is_known then p.name else mask_name(p.name) end, 'id_no', mask_id_no(p.id_no), 'is_linked', p.is_linked,
        'held', (select coalesce(json_agg(h.type), '[]') from held(s) h where h.holder_id_no = p.id_no),
        'claimed', (select coalesce(json_agg(c->>'type'), '[]') from jsonb_array_elements(s.claimed) c
          where c->>'holder_id_no' = p.id_no)) order by p.place) from people(s) p))::text;
end $$;
