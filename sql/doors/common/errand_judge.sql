-- The judging, in one place, from what was recorded: called after each word of the space, after each licence, and again
-- when the register's spelling is taken over. Called by doors alone, with the guardian's row locked, and the children's for a
-- binding.

create or replace function enroll.errand_judge(p_ref text, p_errand uuid) returns void
language plpgsql set search_path = enroll, pg_temp as $$
declare
  e errand;
  g guardian;
begin
  select * into e from errand where id = p_errand for no key update;
  select * into g from guardian where id = e.guardian_id;
  perform errand_decide(p_ref, g, e, e);
end $$;

-- errand_decide: judge e, the errand as it is to be, and write it down, once: each writing costs as much as the judging.
-- p_was: the same as it stands in the table, its row locked.
create or replace function enroll.errand_decide(p_ref text, g enroll.guardian, p_was enroll.errand, e enroll.errand) returns void
language plpgsql set search_path = enroll, pg_temp as $$
declare
  is_over boolean := false;
begin
  -- The face check counts by itself, whatever becomes of the rest.
  if errand_is_proof(e, g) and coalesce(g.proven_at < e.verified_at, true) then
    update guardian set proven_at = greatest(e.verified_at, created_at) where id = g.id returning * into g;
    perform audit_put(p_ref, 'face_check', 'ok', g.id, null, jsonb_build_object('errand', e.id));
  end if;
  if e.returned_at is not null then
    perform guardian_lift(p_ref, e);
  end if;

  if e.purpose = 'authorize' then
    is_over := authorization_judge(p_ref, e);
  elsif e.provider_status in ('completed', 'denied', 'expired') then
    perform binding_judge(p_ref, e, g);
    is_over := true;
  end if;
  if is_over then
    e.status := e.provider_status;
    e.finished_at := coalesce(e.finished_at, now());
    if p_was.status = 'pending' then
      e.message_id := errand_tell(e);
    end if;
  end if;
  if e is distinct from p_was then
    update errand
       set status = e.status, finished_at = e.finished_at, message_id = e.message_id, provider_status = e.provider_status,
           faults = e.faults, next_at = e.next_at, leased_until = e.leased_until, subject_is_guardian = e.subject_is_guardian,
           subject_name = e.subject_name, subject_name_mask = e.subject_name_mask, subject_level = e.subject_level,
           verified_at = e.verified_at
     where id = e.id;
  end if;
end $$;

-- errand_is_proof: did a face check of level L2 or more show the account's guardian, by number and by name?
create or replace function enroll.errand_is_proof(e enroll.errand, g enroll.guardian) returns boolean
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return e.subject_is_guardian and e.subject_level >= 2 and coalesce(name_same(e.subject_name, g.name), false);
end $$;

-- guardian_lift: the owner is proven when the face check has succeeded and the launching browser has brought its code. That
-- lifts the limit if both came since the recovery, and outranks what was changed before (limit_lift). Either may be known to us
-- first, but the face is shown before the space sends the browser back: a code that came long before its face check (beyond the
-- 300 s that the clocks may differ) was taken along from a page that somebody left, who then passed launch_url on for another to
-- show the face. It shows results and lifts nothing, brought again neither; a new launch has a new code. The space for its part
-- sends to return_url only at its final word (lib/space.h).
create or replace function enroll.guardian_lift(p_ref text, e enroll.errand) returns void
language plpgsql set search_path = enroll, pg_temp as $$
declare
  g guardian;
begin
  select * into g from guardian where id = e.guardian_id;
  if e.returned_at is null or g.settled_at >= e.returned_at or e.created_at < g.limited_since or not errand_is_proof(e, g)
     or e.verified_at > e.returned_at + interval '5 minutes' then
    return;
  end if;
  perform limit_lift(g, e.device, true);
  if g.limited_since is not null then
    perform audit_put(p_ref, 'limit_lifted', 'ok', g.id, null, jsonb_build_object('errand', e.id));
  end if;
end $$;
