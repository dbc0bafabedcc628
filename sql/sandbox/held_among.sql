-- held_among: of the licences asked for, those that are really held. For anybody a licence of any type counts as held if its
-- holder belongs to the session; for a family made on purpose its list decides.
create function sandbox.held_among(p_session session, p_asked jsonb) returns jsonb
language plpgsql stable set search_path = sandbox, pg_temp as $$
declare
  is_listed boolean;
begin
  is_listed := exists (select from family f where f.guardian_id_no = p_session.guardian_id_no and f.licenses is not null);
  return (select coalesce(jsonb_agg(distinct jsonb_build_object('type', a->>'type', 'holder_id_no', a->>'holder_id_no')), '[]')
    from jsonb_array_elements(p_asked) a
    where case when is_listed
      then exists (select from held(p_session) h where h.type = a->>'type' and h.holder_id_no = a->>'holder_id_no')
      else a->>'holder_id_no' = p_session.guardian_id_no
        or exists (select from jsonb_array_elements(p_session.students) s where s->>'id_no' = a->>'holder_id_no') end);
end $$;
