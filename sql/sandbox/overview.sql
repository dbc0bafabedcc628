-- overview: families, sessions and faults for the page of people, newest first. Called by GET /sandbox/control/overview.
create function sandbox.overview(out code text, out body text)
language plpgsql set search_path = sandbox, pg_temp as $$
begin
  code := 'ok';
  body := json_build_object(
    'families', coalesce((select json_agg(json_build_object('guardian', json_build_object('name', f.guardian_name,
        'id_no', f.guardian_id_no), 'children', f.children, 'licenses', f.licenses, 'wards_linked', f.wards_linked,
        'face', f.face, 'level', f.level) order by f.made_at desc)
      from (select * from family order by made_at desc limit 50) f), '[]'),
    'sessions', coalesce((select json_agg(json_build_object('session_id', s.id, 'purpose', s.purpose, 'status', s.status,
        'guardian', mask_name(s.guardian_name), 'at', s.created_at) order by s.created_at desc)
      from (select * from session order by created_at desc limit 20) s), '[]'),
    'faults', coalesce((select json_agg(json_build_object('target', t.target, 'fault', t.fault, 'times', t.times,
        'delay_ms', t.delay_ms) order by t.target) from fault t), '[]'))::text;
end $$;
