-- student_forget: what the province said of a child and what was fetched about him goes, because he was removed or because his
-- number was another's: facts recorded for one number must never prove another. Errands that waited for him alone are judged.
-- Called by doors alone, with the guardian's row locked.
create or replace function enroll.student_forget(p_ref text, p_student uuid) returns void
language plpgsql set search_path = enroll, pg_temp as $$
declare
  v_waiting uuid[] := array(select distinct n.errand_id from license_request q join signing n on n.id = q.signing_id
    where q.student_id = p_student and q.status = 'due' order by 1);
  v_errand uuid;
begin
  delete from license l where l.student_id = p_student;
  delete from license_request q where q.student_id = p_student;
  update errand_student
     set is_ward = false, register_name = null, register_name_mask = null, claimed = '{}'
   where student_id = p_student;
  foreach v_errand in array v_waiting loop
    perform errand_judge(p_ref, v_errand);
  end loop;
end $$;
