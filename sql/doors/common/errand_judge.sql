-- The judging, in one place, from what was recorded: called after each word of the space, after each licence, and again
-- when the register's spelling is taken over. Called by doors alone, with the guardian's row locked.

create or replace function enroll.errand_judge(p_ref text, p_errand uuid) returns void
language plpgsql set search_path = enroll, pg_temp as $$
declare
  e errand;
  g guardian;
begin
  select * into e from errand where id = p_errand;
  select * into g from guardian where id = e.guardian_id;

  -- The face check counts by itself, whatever becomes of the rest.
  if errand_is_proof(e, g) and coalesce(g.proven_at < e.verified_at, true) then
    update guardian set proven_at = greatest(e.verified_at, created_at) where id = g.id returning * into g;
    perform audit_put(p_ref, 'face_check', 'ok', g.id, null, jsonb_build_object('errand', e.id));
  end if;
  perform guardian_lift(p_ref, e);

  if e.purpose = 'authorize' then
    perform authorization_judge(p_ref, e);
  elsif e.provider_status in ('completed', 'denied', 'expired') then
    perform binding_judge(p_ref, e, g);
    update errand set status = e.provider_status, finished_at = coalesce(finished_at, now()) where id = e.id;
  end if;
end $$;

-- errand_is_proof: did a face check of level L2 or more show the account's guardian, by number and by name?
create or replace function enroll.errand_is_proof(e enroll.errand, g enroll.guardian) returns boolean
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return e.subject_is_guardian and e.subject_level >= 2 and coalesce(name_same(e.subject_name, g.name), false);
end $$;

-- guardian_lift: the limit falls when the face check has succeeded and the launching browser has brought its code, both
-- since the recovery. Every other session ends; passwords and phones that recoveries from other browsers have set since
-- the last face check but this one are void.
create or replace function enroll.guardian_lift(p_ref text, e enroll.errand) returns void
language plpgsql set search_path = enroll, pg_temp as $$
declare
  g guardian;
  v_last timestamptz;
  v_before phone;
begin
  select * into g from guardian where id = e.guardian_id;
  if g.limited_since is null or e.returned_at is null or e.created_at < g.limited_since or not errand_is_proof(e, g) then
    return;
  end if;
  update guardian set limited_since = null, limited_device = null, limited_wechat_id = null where id = g.id;
  update session set ended_at = now(), ended_by = 'lifted'
   where guardian_id = g.id and ended_at is null and device is distinct from e.device;
  select coalesce(max(x.verified_at), '-infinity') into v_last from errand x
   where x.guardian_id = g.id and x.id <> e.id and errand_is_proof(x, g);
  update password set until = now()
   where guardian_id = g.id and until is null and via = 'recover' and since > v_last and device is distinct from e.device;
  -- A number that another browser's recovery has put there gives way to the one before it, if that is still free.
  update phone set until = now()
   where guardian_id = g.id and until is null and via = 'recover' and since > v_last and device is distinct from e.device;
  if found then
    select * into v_before from phone p
     where p.guardian_id = g.id and (p.via <> 'recover' or p.device = e.device)
       and not exists (select from phone o where o.phone_index = p.phone_index and o.until is null)
     order by p.since desc limit 1;
    update phone set until = null where id = v_before.id;
  end if;
  perform audit_put(p_ref, 'limit_lifted', 'ok', g.id, null, jsonb_build_object('errand', e.id));
end $$;
