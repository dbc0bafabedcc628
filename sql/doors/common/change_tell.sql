-- change_tell: before a password or a phone is changed, keep what is there and tell the owner: at the phone that is current
-- now, which is the old one, and in the linked WeChats, each with the link that undoes the change (这不是我). C has made the
-- token, its hash p_undo, and a sealed copy for each message; the sealing goes by the message's id. Called by doors alone,
-- with the guardian's row locked.
create or replace function enroll.change_tell(
  p_guardian uuid, p_template text, p_undo bytea, p_outbox_ids uuid[], p_outbox_tokens bytea[]) returns void
language plpgsql set search_path = enroll, pg_temp as $$
begin
  delete from undo where guardian_id = p_guardian and expires_at <= now();
  insert into undo (guardian_id, token_hash, phone_id, password_id, links, automatic)
  select p_guardian, p_undo,
    (select p.id from phone p where p.guardian_id = p_guardian and p.until is null),
    (select p.id from password p where p.guardian_id = p_guardian and p.until is null),
    coalesce(array_agg(w.id), '{}'), coalesce(array_agg(w.id) filter (where w.is_automatic), '{}')
    from wechat w where w.guardian_id = p_guardian and w.unlinked_at is null;

  insert into outbox (id, template, phone_id, wechat_id, token)
  select coalesce(p_outbox_ids[r.n], gen_random_uuid()), p_template, r.phone_id, r.wechat_id, p_outbox_tokens[r.n]
    from (
      select row_number() over (order by o.wechat_id nulls first) as n, o.phone_id, o.wechat_id
        from (
          select p.id as phone_id, null::uuid as wechat_id from phone p where p.guardian_id = p_guardian and p.until is null
          union all
          select null, w.id from wechat w where w.guardian_id = p_guardian and w.unlinked_at is null) o) r;
end $$;
