-- wechat_credential_drop: WeChat says that version p_version no longer holds: whoever comes next renews it, once, however many
-- were told so at the same time. p_version null: the renewal failed; the lease is kept for five more seconds, so that not every
-- request tries again. Called by wechat. Codes: ok.
create or replace function enroll.wechat_credential_drop(p_ref text, p_kind text, p_version uuid, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  code := 'ok';
  if p_version is null then
    update wechat_credential set leased_until = now() + interval '5 seconds' where kind = p_kind;
  else
    update wechat_credential set expires_at = now(), renew_at = now(), is_refused = true
     where kind = p_kind and version = p_version and expires_at > now();
  end if;
  perform audit_put(p_ref, 'wechat_renew', case when p_version is null then 'provider_unavailable' else 'refused' end, null,
    null, jsonb_build_object('kind', p_kind));
end $$;
grant execute on function enroll.wechat_credential_drop(text, text, uuid) to enroll_wechat;
