-- wechat_credential_put: the renewer has a new credential, good for p_expires_s seconds; renewed from ten minutes before its
-- end, or from half of its time if that is shorter. Called by wechat. Codes: ok.
create or replace function enroll.wechat_credential_put(
  p_ref text, p_kind text, p_version uuid, p_value bytea, p_expires_s bigint, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  code := 'ok';
  update wechat_credential
     set version = p_version, value = p_value, expires_at = now() + make_interval(secs => p_expires_s),
         renew_at = now() + make_interval(secs => p_expires_s - least(600, p_expires_s / 2)), leased_until = null,
         is_refused = false
   where kind = p_kind;
  perform audit_put(p_ref, 'wechat_renew', code, null, null, jsonb_build_object('kind', p_kind));
end $$;
grant execute on function enroll.wechat_credential_put(text, text, uuid, bytea, bigint) to enroll_wechat;
