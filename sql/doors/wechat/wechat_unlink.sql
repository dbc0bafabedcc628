-- wechat_unlink: take a WeChat off one's own account. Called by wechat for DELETE /api/wechat/{id}. It signs in no more, and
-- other sessions that were made in it end. One that has been taken off already is as good.
-- Codes: ok, not_signed_in, identity_check_required, not_found (nobody's or another's).
create or replace function enroll.wechat_unlink(p_session bytea, p_ref text, p_id uuid, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
  w wechat;
begin
  select * into who from signed_in_alone(p_session, false);
  code := who.code;
  if code <> 'ok' then
    perform audit_put(p_ref, 'wechat_unlink', code, who.guardian_id);
    return;
  end if;
  select * into w from wechat l where l.id = p_id and l.guardian_id = who.guardian_id for no key update;
  if not found then
    code := 'not_found';
  elsif w.unlinked_at is null then
    update wechat set unlinked_at = now() where id = w.id;
    update session set ended_at = now(), ended_by = 'unlinked' where wechat_id = w.id and id <> who.session_id and ended_at is null;
  end if;
  perform audit_put(p_ref, 'wechat_unlink', code, who.guardian_id, null, jsonb_build_object('wechat', w.id));
end $$;
grant execute on function enroll.wechat_unlink(bytea, text, uuid) to enroll_wechat;
