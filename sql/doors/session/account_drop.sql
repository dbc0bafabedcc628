-- account_drop: nothing was judged (busy, or a field was wrong), so the booking of account_begin is taken back. Called by
-- session. Codes: ok, not_signed_in, identity_check_required.
create or replace function enroll.account_drop(p_session bytea, p_ref text, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
  budget record;
begin
  select * into who from signed_in(p_session, false, false);
  code := who.code;
  if code = 'ok' then
    select * into budget from account_budget(who.guardian_id, who.device);
    perform guess_take_back(budget.kind, budget.key);
  end if;
  perform audit_put(p_ref, 'account_change', case code when 'ok' then 'dropped' else code end, who.guardian_id);
end $$;
grant execute on function enroll.account_drop(bytea, text) to enroll_session;
