-- application_get: a student's application as its guardian sees it; one never saved is an empty draft of version 0. Allowed
-- while limited, then without what was filled in. Signed in. p_blank: see application_problems.
-- lost_sources: the fields that read as a licence did when they were saved; C takes those out whose licence still says so.
-- saved: the sections that were saved, so that C prefills only the others. id_1, phone_1 …: the guardians' sealed phones.
-- Codes: ok, not_signed_in, not_found.
create or replace function enroll.application_get(
  p_session bytea, p_ref text, p_student uuid, p_blank jsonb,
  out code text, out answer jsonb, out version int, out is_limited boolean, out saved jsonb,
  out id_1 uuid, out phone_1 bytea, out id_2 uuid, out phone_2 bytea)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  me record;
  s student;
  a application;
begin
  select * into me from signed_in(p_session, true);
  code := me.code;
  if code <> 'ok' then
    return;
  end if;
  select * into s from student o where o.id = p_student and o.guardian_id = me.guardian_id and o.removed_at is null;
  if not found then
    code := 'not_found';
    return;
  end if;
  select * into a from application o where o.student_id = s.id;
  version := coalesce(a.version, 0);
  is_limited := me.is_limited;
  saved := coalesce((select jsonb_object_agg(c.section, true) from application_section c where c.application_id = a.id), '{}');
  answer := jsonb_build_object(
    'student_id', s.id, 'status', coalesce(a.status, 'draft'), 'version', version,
    'sections', case when is_limited then '{}' else application_sections(s, a) end, 'sources', '{}'::jsonb,
    'lost_sources', case when is_limited then '[]' else coalesce((select jsonb_agg(c.section || '.' || f order by c.section, f)
      from application_section c, unnest(c.sources) f where c.application_id = a.id), '[]') end,
    'problems', application_problems(s, a, coalesce(a.year, (select max(y.year) from season y)), p_blank),
    'verify_in_person', application_is_verified_in_person(s));
  if a.receipt_no is not null then
    answer := answer || jsonb_build_object('receipt_no', a.receipt_no, 'submitted_at', beijing_time(a.submitted_at));
  end if;
  select g.id, g.phone into id_1, phone_1 from application_guardian g where g.application_id = a.id and g.position = 1;
  select g.id, g.phone into id_2, phone_2 from application_guardian g where g.application_id = a.id and g.position = 2;
end $$;
grant execute on function enroll.application_get(bytea, text, uuid, jsonb) to enroll_enroll;
