-- errand_door: which other door stands beside the button after this result, because going the same way again is unlikely to
-- help: in_person after five face checks of this guardian in vain, materials once one of the children was twice not to be
-- linked. Nothing is locked; null where neither is so. Called by doors alone.
create or replace function enroll.errand_door(e enroll.errand, g enroll.guardian) returns text
language plpgsql stable set search_path = enroll, pg_temp as $$
declare
  v_faces int := (
    select count(*) from errand x
     where x.guardian_id = g.id and x.created_at > coalesce(g.proven_at, '-infinity')
       and (x.status = 'denied' or x.status = 'completed' and not (x.subject_is_guardian and x.subject_level >= 2)));
begin
  return case
    when v_faces >= 5 then 'in_person'
    when e.purpose = 'bind' and exists (
        select from errand_student here
          join student s on s.id = here.student_id and s.removed_at is null and s.binding_status not in ('bound', 'confirmed_by_hand')
          join errand_student es on es.student_id = s.id
         where here.errand_id = e.id and 'ward_not_linked' = any(here.missing) and 'ward_not_linked' = any(es.missing)
         group by s.id having count(*) >= 2) then 'materials' end;
end $$;
