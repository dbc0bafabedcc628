-- child_lock: whoever writes what may decide whose child it is holds the child itself, by its number: two families may prove
-- one at the same instant, and a rival's student is written without his guardian's row. All children of these accounts, and
-- the one of p_id_no_index that is about to be theirs, at once and in one order. Called by doors alone, after the guardian's
-- row and before any other. Planned once: for an array of unknown length it would be planned anew at each call.
create or replace function enroll.child_lock(p_guardians uuid[], p_id_no_index bytea default null) returns void
language plpgsql set search_path = enroll, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  perform pg_advisory_xact_lock(c.child) from (
    select hashtextextended(encode(s.id_no_index, 'hex'), 0) as child from student s
     where s.guardian_id = any(p_guardians) and s.removed_at is null
     union
    select hashtextextended(encode(p_id_no_index, 'hex'), 0) where p_id_no_index is not null
     order by 1) c;
end $$;
