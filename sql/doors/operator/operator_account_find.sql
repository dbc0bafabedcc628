-- operator_account_find: whose account is this number's? Called by enrollctl account; masks only. p_id_no_index or p_phone_index
-- is null. limited_since and recovered_at: Beijing's time, null where there is none; device: where the last recovery was made
-- (or its undoing). seen: what the operator decides about; operator_account_confirm refuses if it is not so any more.
-- Codes: ok, not_found.
create or replace function enroll.operator_account_find(
  p_id_no_index bytea, p_phone_index bytea, out code text, out id uuid, out name text, out phone text, out n_students int,
  out is_proven boolean, out limited_since text, out recovered_at text, out device text, out seen text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  g guardian;
begin
  select * into g from guardian x where x.id_no_index = p_id_no_index
      or x.id = (select p.guardian_id from phone p where p.phone_index = p_phone_index and p.until is null);
  if not found then
    code := 'not_found';
    return;
  end if;
  code := 'ok';
  id := g.id;
  name := g.name_mask;
  phone := (select p.phone_mask from phone p where p.guardian_id = g.id and p.until is null);
  n_students := (select count(*) from student s where s.guardian_id = g.id and s.removed_at is null);
  is_proven := account_is_proven(g);
  limited_since := beijing_time(g.limited_since);
  recovered_at := beijing_time(account_recovered_at(g.id));
  device := (select s.device_name from session s where s.guardian_id = g.id and s.device = g.limited_device
    order by s.created_at desc limit 1);
  seen := account_seen(g);
end $$;
grant execute on function enroll.operator_account_find(bytea, bytea) to enroll_operator;

-- account_is_proven: has a face check, or the desk, ever shown that this guardian is who he says, or that a child is his?
create or replace function enroll.account_is_proven(g enroll.guardian) returns boolean
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return g.proven_at is not null or g.settled_at is not null
    or exists (select from student s where s.guardian_id = g.id and s.proven_at is not null);
end $$;

-- account_recovered_at: when was a password or phone last set by the four facts?
create or replace function enroll.account_recovered_at(p_guardian uuid) returns timestamptz
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return greatest((select max(p.since) from phone p where p.guardian_id = p_guardian and p.via = 'recover'),
    (select max(w.since) from password w where w.guardian_id = p_guardian and w.via = 'recover'));
end $$;

-- account_seen: the state of recovery in one text, to tell whether it has changed.
create or replace function enroll.account_seen(g enroll.guardian) returns text
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return encode(sha256(convert_to(concat_ws('/', extract(epoch from g.limited_since), encode(g.limited_device, 'hex'),
    extract(epoch from account_recovered_at(g.id))), 'UTF8')), 'hex');
end $$;
