-- account_close: the password was judged. Called by session for POST /api/account/close, right or wrong. Right: in seven days
-- everything is erased (account_sweep), unless somebody signs in before (session_open); until then every session has ended and
-- no WeChat signs in by itself. The owner is told. An application that is with the district is kept, and so is its account.
-- Codes: ok, not_signed_in, identity_check_required, bad_credentials, wrong_state.
create or replace function enroll.account_close(
  p_session bytea, p_ref text, p_is_right boolean, p_old_hash text, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
begin
  select * into who from account_judge(p_session, false, p_is_right, p_old_hash, null);
  code := case
    when who.code <> 'ok' then who.code
    when p_old_hash is null then 'bad_credentials'
    when account_is_kept(who.guardian_id) then 'wrong_state'
    else 'ok' end;
  if code = 'ok' then
    update guardian set closing_at = now() + interval '7 days' where id = who.guardian_id;
    update wechat set is_automatic = false where guardian_id = who.guardian_id and unlinked_at is null;
    update session set ended_at = now(), ended_by = 'closing' where guardian_id = who.guardian_id and ended_at is null;
    perform closing_tell(who.guardian_id, 'account_closing');
  end if;
  perform audit_put(p_ref, 'account_close', code, who.guardian_id);
end $$;
grant execute on function enroll.account_close(bytea, text, boolean, text) to enroll_session;
