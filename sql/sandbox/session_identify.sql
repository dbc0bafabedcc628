-- session_identify: the face check of a locked session, with the outcome that this family has. The guardian's own credential
-- and register are in the space already. Returns whether somebody was recognized.
create function sandbox.session_identify(p_id uuid) returns boolean
language plpgsql set search_path = sandbox, pg_temp as $$
declare
  s session%rowtype;
  f family%rowtype;
  who jsonb;
begin
  select * into s from session where id = p_id;
  select * into f from family where guardian_id_no = s.guardian_id_no;
  if f.face = 'fails' then
    return false;
  end if;
  who := case when f.face = 'other' then other_person(s.guardian_id_no)
    else jsonb_build_object('name', coalesce(f.guardian_name, s.guardian_name), 'id_no', s.guardian_id_no) end;
  update session set subject = who || jsonb_build_object('level', coalesce(f.level, 'L2'), 'verified_at', now()),
      claimed = case when f.face = 'other' then '[]'::jsonb else
        (select coalesce(jsonb_agg(jsonb_build_object('type', h.type, 'holder_id_no', h.holder_id_no)), '[]')
          from held(s) h where h.holder_id_no = s.guardian_id_no and h.type in ('household_register', 'identity_credential')) end
    where id = p_id;
  perform session_advance(p_id, 'identified');
  return true;
end $$;
