-- session_begin: may this phone's password be tried now? Called by session for POST /api/session, before the password is
-- verified. Booked as failed until session_finish or session_drop takes it back; hash is null for an unknown phone, which
-- costs and looks the same. costs are those of all current hashes, whoever the phone belongs to. kind and key name the
-- booking. Codes: ok, too_many_attempts.
drop function if exists enroll.session_begin(text, bytea, bytea, bytea, bytea);
create function enroll.session_begin(
  p_ref text, p_address bytea, p_device bytea, p_wechat bytea, p_phone_index bytea,
  out code text, out retry_after_s int, out hash text, out costs text, out kind text, out key bytea)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  booking record;
  v_guardian uuid;
begin
  select p.guardian_id, w.hash into v_guardian, hash
    from phone p left join password w on w.guardian_id = p.guardian_id and w.until is null
   where p.phone_index = p_phone_index and p.until is null;
  select o.kind, o.key into kind, key from guess_own(v_guardian, p_device, p_wechat) o;
  -- What strangers do at the same address, or to the same phone, is nothing to a browser that the account knows.
  select * into booking from address_check(p_address);
  if booking.allowed or kind is not null then
    kind := coalesce(kind, 'phone');
    key := coalesce(key, p_phone_index);
    select * into booking from guess_book(kind, key, 100);
  end if;
  if booking.allowed then
    costs := password_costs();
    code := 'ok';
    return;
  end if;
  code := 'too_many_attempts';
  retry_after_s := booking.retry_after_s;
  hash := null;
  perform audit_put(p_ref, 'sign_in', code);
end $$;
grant execute on function enroll.session_begin(text, bytea, bytea, bytea, bytea) to enroll_session;

-- password_costs: the costs of all current hashes, each once, separated by blanks; null without any. It leaps from one to the
-- next along the index password_cost, however many hashes there are.
create or replace function enroll.password_costs() returns text
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return (
    with recursive used (cost) as (
      select min(w.cost) from password w where w.until is null and w.cost > ''
      union all
      select (select min(w.cost) from password w where w.until is null and w.cost > used.cost) from used where used.cost is not null)
    select string_agg(cost, ' ' order by cost) from used);
end $$;
