-- guess_own: the budget of a browser that has signed in to this account before, or of a WeChat linked to it and just seen
-- here; null for everybody else. So strangers who guess at an account cannot lock its owner out. Called by doors alone.
create or replace function enroll.guess_own(p_guardian uuid, p_device bytea, p_wechat bytea, out kind text, out key bytea)
language plpgsql stable set search_path = enroll, pg_temp as $$
declare
  link uuid;
begin
  if exists (select from device d where d.guardian_id = p_guardian and d.device = p_device) then
    kind := 'device';
    key := p_device || uuid_send(p_guardian);
    return;
  end if;
  link := wechat_here(p_guardian, p_wechat);
  if link is not null then
    kind := 'wechat';
    key := uuid_send(link);
  end if;
end $$;

-- wechat_here: the WeChat that this browser has just shown, if it is linked to this account.
create or replace function enroll.wechat_here(p_guardian uuid, p_wechat bytea) returns uuid
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return (select w.id
    from wechat_visit v join wechat w on w.openid_index = v.openid_index and w.unlinked_at is null
   where v.token_hash = p_wechat and not v.is_virtual and v.expires_at > now() and w.guardian_id = p_guardian);
end $$;
