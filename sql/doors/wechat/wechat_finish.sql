-- wechat_finish: sign in the account that the WeChat just seen is linked to, if it still signs in by itself. Called by wechat
-- for GET /api/wechat/callback, by the first call and by its repeat alike: each gets a session of its own, because a browser
-- may keep the cookies of either. Who is signed in already stays who he is.
-- Codes: ok. is_signed_in: go on to next; is_opened: with a new session; otherwise to the login page, which may say that it is
-- a virtual account (is_virtual), or that this WeChat is linked already, though it does not sign in by itself (is_linked).
create or replace function enroll.wechat_finish(
  p_ref text, p_wechat bytea, p_session bytea, p_token_hash bytea, p_device bytea, p_device_name text,
  out code text, out is_signed_in boolean, out is_opened boolean, out is_virtual boolean,
  out is_linked boolean)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  v wechat_visit;
  w wechat;
  v_guardian uuid;
begin
  code := 'ok';
  is_opened := false;
  is_linked := false;
  select * into v from wechat_visit where token_hash = p_wechat and expires_at > now();
  is_virtual := coalesce(v.is_virtual, false);
  is_signed_in := coalesce((select s.code = 'ok' from signed_in(p_session, true) s), false);
  if is_signed_in or is_virtual then
    perform audit_put(p_ref, 'wechat_callback', case when is_signed_in then 'signed_in' else 'virtual_account' end);
    return;
  end if;
  -- The account's row before the link's; if the link moves at this very moment, it signs in nobody.
  select g.id into v_guardian from guardian g where g.id = (select l.guardian_id from wechat l
    where l.openid_index = v.openid_index and l.unlinked_at is null) for no key update;
  select * into w from wechat l where l.openid_index = v.openid_index and l.unlinked_at is null
     and l.guardian_id = v_guardian for no key update;
  is_linked := found;
  if is_linked and w.is_automatic and wechat_is_busy(w.id) then
    perform audit_put(p_ref, 'wechat_callback', 'too_many_attempts', w.guardian_id, null, jsonb_build_object('wechat', w.id));
  elsif is_linked and w.is_automatic then
    perform session_open(w.guardian_id, p_token_hash, p_device, p_device_name, w.id);
    is_signed_in := true;
    is_opened := true;
    perform audit_put(p_ref, 'wechat_sign_in', 'ok', w.guardian_id, null, jsonb_build_object('wechat', w.id));
  else
    perform audit_put(p_ref, 'wechat_callback', case when is_linked then 'not_automatic' else 'not_linked' end, w.guardian_id);
  end if;
end $$;
grant execute on function enroll.wechat_finish(text, bytea, bytea, bytea, bytea, text) to enroll_wechat;

-- wechat_is_busy: have twenty sessions begun in this WeChat within ten minutes? A visit may be repeated at no cost, and no person
-- does so that often.
create or replace function enroll.wechat_is_busy(p_wechat uuid) returns boolean
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return (select count(*) >= 20 from session s where s.wechat_id = p_wechat and s.created_at > now() - interval '10 minutes');
end $$;
