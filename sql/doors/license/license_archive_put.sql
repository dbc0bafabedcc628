-- license_archive_put: keep the archive (PDF or OFD, sealed) of a licence that was just stored. Called by license's asking thread
-- where the configuration says so. Codes: ok, not_found (stored anew or erased meanwhile: it goes to nobody).
create or replace function enroll.license_archive_put(p_ref text, p_license uuid, p_archive bytea, p_kind text, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  l license;
begin
  update license set archive = p_archive, archive_kind = p_kind where id = p_license and data is not null returning * into l;
  code := case when found then 'ok' else 'not_found' end;
  perform audit_put(p_ref, 'license_archive', code, l.guardian_id, l.student_id, jsonb_build_object('license', p_license));
end $$;
grant execute on function enroll.license_archive_put(text, uuid, bytea, text) to enroll_license;
