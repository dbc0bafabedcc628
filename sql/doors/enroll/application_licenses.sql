-- application_licenses: the licences that a student's application may be prefilled from: the student's own and the
-- guardian's, fetched under signings that still hold, newest first. Signed in, not while limited.
-- No rows where nothing may be seen. Codes: ok in every row.
create or replace function enroll.application_licenses(p_session bytea, p_ref text, p_student uuid)
returns table (code text, id uuid, type text, is_students boolean, issued_on text, data bytea)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  me record;
begin
  select * into me from signed_in(p_session, false, false);
  if me.code <> 'ok' then
    return;
  end if;
  return query
  select 'ok', l.id, l.type, l.student_id is not null, l.issued_on::text, l.data
    from license l join signing g on g.id = l.signing_id
    join student s on s.id = p_student and s.guardian_id = me.guardian_id and s.removed_at is null and s.route = 'licences'
   where l.guardian_id = me.guardian_id and (l.student_id = s.id or l.student_id is null) and l.state = 'fetched'
     and l.erased_at is null and g.revoked_at is null and (g.expires_at is null or g.expires_at > now())
   order by l.fetched_at desc limit 16;
end $$;
grant execute on function enroll.application_licenses(bytea, text, uuid) to enroll_enroll;
