-- wechat_name: give one of one's own WeChats a name (妈妈的微信). Called by wechat for PATCH /api/wechat/{id}. The name is the
-- account's alone: shown on its pages, sent in no message.
-- Codes: ok, not_signed_in, identity_check_required, not_found (nobody's, another's, or taken off).
create or replace function enroll.wechat_name(p_session bytea, p_ref text, p_id uuid, p_name text, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
begin
  select * into who from signed_in_alone(p_session, false);
  code := who.code;
  if code = 'ok' then
    update wechat set name = p_name where id = p_id and guardian_id = who.guardian_id and unlinked_at is null;
    code := case when found then 'ok' else 'not_found' end;
  end if;
  perform audit_put(p_ref, 'wechat_name', code, who.guardian_id, null, jsonb_build_object('wechat', p_id));
end $$;
grant execute on function enroll.wechat_name(bytea, text, uuid, text) to enroll_wechat;
