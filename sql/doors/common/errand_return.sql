-- errand_return: the browser that launched brings the one-time code of the return_url. Called by bind and license; limited
-- accounts may, for this is how the limit falls. Code and result come in either order; again is the same answer.
-- Codes: ok, not_signed_in, not_found (unknown code, another account, another browser).
create or replace function enroll.errand_return(
  p_session bytea, p_ref text, p_device bytea, p_code_hash bytea, out code text, out answer jsonb)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
  e errand;
begin
  select * into who from signed_in_alone(p_session, true);
  code := who.code;
  if code <> 'ok' then
    perform audit_put(p_ref, errand_purpose() || '_return', code, who.guardian_id);
    return;
  end if;
  select * into e from errand
   where code_hash = p_code_hash and guardian_id = who.guardian_id and device = p_device and purpose = errand_purpose()
   for no key update;
  if not found then
    code := 'not_found';
    perform audit_put(p_ref, errand_purpose() || '_return', code, who.guardian_id);
    return;
  end if;
  update errand
     set returned_at = coalesce(returned_at, now()), polled_at = now(), waiting_since = now(),
         next_at = case when status = 'pending' and next_at is not null then least(next_at, now()) end
   where id = e.id returning * into e;
  perform errand_seen(e);
  perform guardian_lift(p_ref, e);
  perform audit_put(p_ref, e.purpose || '_return', 'ok', e.guardian_id, null, jsonb_build_object('errand', e.id));
  answer := errand_json(e, (select g.limited_since is not null from guardian g where g.id = e.guardian_id));
end $$;
grant execute on function enroll.errand_return(bytea, text, bytea, bytea) to enroll_bind, enroll_license;
