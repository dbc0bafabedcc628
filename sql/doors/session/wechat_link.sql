-- wechat_link: at a sign-in by password, link the WeChat that this browser has just shown. Returns the link that the session
-- is made in, or null. Called by session_finish alone, with the guardian's row locked.
create or replace function enroll.wechat_link(p_ref text, g enroll.guardian, p_wechat bytea, p_move boolean) returns uuid
language plpgsql set search_path = enroll, pg_temp as $$
declare
  v wechat_visit;
  w wechat;
  v_may_link boolean := g.limited_since is null
    and (select count(*) < 3 from wechat l where l.guardian_id = g.id and l.unlinked_at is null);
begin
  select * into v from wechat_visit where token_hash = p_wechat and not is_virtual and expires_at > now()
    and openid_index is not null;
  if not found then
    return null;
  end if;
  select * into w from wechat where openid_index = v.openid_index and unlinked_at is null for no key update;
  if w.guardian_id = g.id then
    update wechat set is_automatic = true where id = w.id and not is_automatic;
    return w.id;
  end if;
  if w.id is not null and not (p_move and v_may_link) then
    -- Whoever holds this WeChat now is somebody else: it must not open the other account to him by itself.
    update wechat set is_automatic = false where id = w.id;
    return null;
  end if;
  if not v_may_link then
    return null;
  end if;

  begin
    if w.id is not null then
      update wechat set unlinked_at = now() where id = w.id;
    end if;
    -- The openid is sealed for the visit's row; a second link within one visit takes that row over.
    insert into wechat (id, guardian_id, openid, openid_index) values (v.wechat_row, g.id, v.openid, v.openid_index)
    on conflict (id) do update
      set guardian_id = excluded.guardian_id, is_automatic = true, linked_at = now(), unlinked_at = null, name = null;
  exception when unique_violation then
    return null; -- linked elsewhere at this moment
  end;
  if w.id is not null then
    insert into outbox (template, phone_id)
    select 'wechat_moved', p.id from phone p where p.guardian_id = w.guardian_id and p.until is null;
    perform audit_put(p_ref, 'wechat_moved_away', 'ok', w.guardian_id);
  end if;
  perform audit_put(p_ref, 'wechat_link', 'ok', g.id, null, jsonb_build_object('wechat', v.wechat_row));
  return v.wechat_row;
end $$;
