-- wechat_credential_take: the credential p_kind that WeChat has lent us. Called by wechat for GET /api/wechat/jssdk, for a
-- signed-in parent (limited accounts too). One caller at a time is told to renew it (is_renewer), under a lease of ten
-- seconds; all others go on with the old one until it ends. is_refused: WeChat has said that the last one no longer holds, so
-- a really new one must be asked for. version and value are null when there is none that still holds.
-- Codes: ok, not_signed_in, busy (none that holds, and somebody is fetching one: ask again in a moment).
create or replace function enroll.wechat_credential_take(
  p_session bytea, p_kind text,
  out code text, out version uuid, out value bytea, out is_renewer boolean, out is_refused boolean)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  c wechat_credential;
begin
  code := (select s.code from signed_in(p_session, true) s);
  if code <> 'ok' then
    return;
  end if;
  select * into c from wechat_credential w where w.kind = p_kind;
  if not found then
    insert into wechat_credential (kind) values (p_kind) on conflict do nothing;
  end if;
  is_renewer := false;
  if coalesce(c.renew_at <= now(), true) and coalesce(c.leased_until < now(), true) then
    update wechat_credential w set leased_until = now() + interval '10 seconds'
     where w.kind = p_kind and coalesce(w.renew_at <= now(), true) and coalesce(w.leased_until < now(), true);
    is_renewer := found;
    select * into c from wechat_credential w where w.kind = p_kind;
  end if;
  is_refused := c.is_refused;
  if c.expires_at > now() then
    version := c.version;
    value := c.value;
  elsif not is_renewer then
    code := 'busy';
  end if;
end $$;
grant execute on function enroll.wechat_credential_take(bytea, text) to enroll_wechat;
