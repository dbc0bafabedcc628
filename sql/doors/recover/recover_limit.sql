-- recover_limit: what follows from every recovery, before it changes anything. The current phone and the linked WeChats are
-- told (change_tell); all sessions end; the account is limited until a face check, unless the recovery was made in a WeChat
-- linked before it, which lifts at once. p_is_lost: the old phone is not in the owner's hands, so older links stop signing in
-- and older undo links that went to it are void; the one that goes to it now undoes their changes as well, so that a stranger
-- who says so cuts off no owner who follows the newest. Links that went to an earlier number are nothing to this phone. Returns the link that the recovery was made in, or null. Called by recover's doors alone,
-- with the guardian's row locked.
drop function if exists enroll.recover_limit(enroll.guardian, bytea, bytea, boolean, text);
drop function if exists enroll.recover_void(enroll.guardian, bytea);
create or replace function enroll.recover_limit(
  g enroll.guardian, p_device bytea, p_wechat bytea, p_is_lost boolean, p_template text, p_undo bytea, p_outbox_ids uuid[],
  p_outbox_tokens bytea[]) returns uuid
language plpgsql set search_path = enroll, pg_temp as $$
declare
  v_link uuid := wechat_here(g.id, p_wechat);
  v_phone uuid := (select p.id from phone p where p.guardian_id = g.id and p.until is null);
  v_oldest undo;
begin
  if v_link is null then
    update guardian set limited_since = coalesce(limited_since, now()), limited_device = p_device where id = g.id;
  else
    perform limit_lift(g, p_device, false);
  end if;
  perform change_tell(g.id, p_template, p_undo, p_outbox_ids, p_outbox_tokens);
  if p_is_lost then
    select * into v_oldest from undo u where u.guardian_id = g.id and u.phone_id is not distinct from v_phone and u.ended_at is null
     order by u.id limit 1;
    update undo set ended_at = now()
     where guardian_id = g.id and phone_id is not distinct from v_phone and ended_at is null and token_hash <> p_undo;
    update undo set password_id = v_oldest.password_id, links = v_oldest.links, automatic = v_oldest.automatic
     where token_hash = p_undo;
    update wechat set is_automatic = false
     where guardian_id = g.id and unlinked_at is null and id is distinct from v_link;
  end if;
  update session set ended_at = now(), ended_by = 'recover' where guardian_id = g.id and ended_at is null;
  return v_link;
end $$;
