-- audit_put: one row an attempt, whatever became of it. p_detail never holds personal data.
create or replace function enroll.audit_put(
  p_ref text, p_action text, p_outcome text, p_guardian uuid default null, p_student uuid default null, p_detail jsonb default '{}')
returns void
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  insert into audit (ref, action, outcome, guardian_id, student_id, detail)
  values (p_ref, p_action, p_outcome, p_guardian, p_student, p_detail);
end $$;
