-- license_store: what the e-license system gave for one request, or why it did not; then the judging. Called by license's
-- asking thread. One array element a document; a signed type without a document is not held. Documents of an earlier try
-- of the same request are replaced. While the register is unavailable we try again by ourselves, for a day.
-- Codes: ok, not_found (revoked meanwhile, or stored before).
create or replace function enroll.license_store(
  p_ref text, p_request uuid, p_failure text, p_ids uuid[], p_types text[], p_states text[], p_data bytea[],
  p_number_masks text[], p_issued_on text[], out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  q license_request;
  n signing;
begin
  select * into n from signing where id = (select signing_id from license_request where id = p_request);
  perform from guardian g where g.id = n.guardian_id for no key update;
  select * into q from license_request where id = p_request and status = 'due' for no key update;
  if not found then
    code := 'not_found';
    return;
  end if;
  code := 'ok';
  delete from license where request_id = q.id;
  insert into license (id, request_id, signing_id, guardian_id, student_id, type, state, data, number_mask, issued_on)
  select d.id, q.id, n.id, n.guardian_id, q.student_id, d.type, d.state, d.data, nullif(d.mask, ''), day_read(d.issued_on)
    from unnest(p_ids, p_types, p_states, p_data, p_number_masks, p_issued_on) d(id, type, state, data, mask, issued_on)
   where d.type = any(q.types);
  insert into license (id, request_id, signing_id, guardian_id, student_id, type, state)
  select gen_random_uuid(), q.id, n.id, n.guardian_id, q.student_id, t, coalesce(p_failure, 'license_not_held')
    from unnest(q.types) t where not exists (select from license l where l.request_id = q.id and l.type = t);

  update license_request
     set leased_until = null,
         status = case
           when not exists (select from license l where l.request_id = q.id and l.state = 'register_unavailable') then 'done'
           when q.created_at < now() - interval '1 day' then 'failed' else 'due' end,
         next_at = now() + make_interval(secs => least(60, power(2, least(q.tries, 6)) / 2))
   where id = q.id returning * into q;
  perform audit_put(p_ref, 'license_fetch', coalesce(p_failure, q.status), n.guardian_id, q.student_id,
    jsonb_build_object('errand', n.errand_id, 'request', q.id, 'states', (
      select jsonb_object_agg(l.type, l.state) from license l where l.request_id = q.id)));
  perform errand_judge(p_ref, n.errand_id);
end $$;
grant execute on function enroll.license_store(text, uuid, text, uuid[], text[], text[], bytea[], text[], text[])
  to enroll_license;

-- day_read: the day, null where there is none: a document with an odd date is better than one that is fetched for ever.
create or replace function enroll.day_read(p_day text) returns date
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return nullif(p_day, '')::date;
exception when data_exception then
  return null;
end $$;
