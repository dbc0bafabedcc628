-- session_end_others: end all sessions but this one. Called by session for DELETE /api/sessions. The WeChats that they were
-- made in stop signing in by themselves (session_stop), but not the one that this session was made in.
-- Codes: ok, not_signed_in, identity_check_required.
create or replace function enroll.session_end_others(p_session bytea, p_ref text, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
  s session;
  v_keep uuid;
begin
  select * into who from signed_in_alone(p_session, false);
  code := who.code;
  if code <> 'ok' then
    perform audit_put(p_ref, 'session_end_others', code, who.guardian_id);
    return;
  end if;
  select wechat_id into v_keep from session where id = who.session_id;
  for s in select * from session o
            where o.guardian_id = who.guardian_id and o.id <> who.session_id and o.ended_at is null order by o.id loop
    perform session_stop(s, 'ended', v_keep);
  end loop;
  perform audit_put(p_ref, 'session_end_others', code, who.guardian_id);
end $$;
grant execute on function enroll.session_end_others(bytea, text) to enroll_session;
