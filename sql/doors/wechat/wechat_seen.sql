-- wechat_seen: WeChat has told who is there. Called by wechat after the exchange, once a visit. The openid waits, sealed for
-- the row that a link would have, for the next sign-in by password. Codes: ok, forbidden (the visit is over).
create or replace function enroll.wechat_seen(
  p_ref text, p_wechat bytea, p_code_hash bytea, p_row uuid, p_openid bytea, p_openid_index bytea, p_is_virtual boolean,
  out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  update wechat_visit
     set seen_at = now(), wechat_row = p_row, openid = p_openid, openid_index = p_openid_index, is_virtual = p_is_virtual
   where token_hash = p_wechat and code_hash = p_code_hash and seen_at is null and expires_at > now();
  code := case when found then 'ok' else 'forbidden' end;
  -- What follows from an openid that was seen, wechat_finish says.
  if code <> 'ok' then
    perform audit_put(p_ref, 'wechat_callback', code);
  end if;
end $$;
grant execute on function enroll.wechat_seen(text, bytea, bytea, uuid, bytea, bytea, boolean) to enroll_wechat;
