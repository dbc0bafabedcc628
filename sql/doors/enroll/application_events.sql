-- application_events: what became of an application, oldest first. Signed in, allowed while limited, then without the
-- district's own words, which may name somebody.
-- Codes: ok, not_signed_in, not_found.
create or replace function enroll.application_events(p_session bytea, p_ref text, p_student uuid, out code text, out events jsonb)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  me record;
begin
  select * into me from signed_in(p_session, true);
  code := me.code;
  if code <> 'ok' then
    return;
  end if;
  if not exists (select from student s where s.id = p_student and s.guardian_id = me.guardian_id and s.removed_at is null) then
    code := 'not_found';
    return;
  end if;
  select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('kind', e.kind, 'at', beijing_time(e.at), 'reason', case when not me.is_limited then e.reason end))
      order by e.id), '[]')
    into events
    from application_event e join application a on a.id = e.application_id where a.student_id = p_student;
end $$;
grant execute on function enroll.application_events(bytea, text, uuid) to enroll_enroll;
