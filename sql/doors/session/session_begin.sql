-- session_begin: may this phone's password be tried now? Called by session for POST /api/session, before the password is
-- verified. Booked as failed until session_finish or session_drop takes it back; hash is null for an unknown phone, which
-- costs and looks the same. kind and key name the booking. Codes: ok, too_many_attempts.
create or replace function enroll.session_begin(
  p_ref text, p_address bytea, p_device bytea, p_wechat bytea, p_phone_index bytea,
  out code text, out retry_after_s int, out hash text, out kind text, out key bytea)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  booking record;
  v_guardian uuid;
begin
  select * into booking from address_check(p_address);
  if booking.allowed then
    select p.guardian_id, w.hash into v_guardian, hash
      from phone p left join password w on w.guardian_id = p.guardian_id and w.until is null
     where p.phone_index = p_phone_index and p.until is null;
    select o.kind, o.key into kind, key from guess_own(v_guardian, p_device, p_wechat) o;
    kind := coalesce(kind, 'phone');
    key := coalesce(key, p_phone_index);
    select * into booking from guess_book(kind, key, 100);
  end if;
  if booking.allowed then
    code := 'ok';
    return;
  end if;
  code := 'too_many_attempts';
  retry_after_s := booking.retry_after_s;
  hash := null;
  perform audit_put(p_ref, 'sign_in', code);
end $$;
grant execute on function enroll.session_begin(text, bytea, bytea, bytea, bytea) to enroll_session;
