-- operator_account_remove: somebody registered a guardian's number who is not that guardian; so that the true one can
-- register, the account goes, with all that is kept of it. Called by enrollctl account remove. Only one that nobody has
-- proven, and on which nothing is decided. Codes: ok, not_found, forbidden (proven), wrong_state (an application was decided).
create or replace function enroll.operator_account_remove(p_id uuid, p_reason text, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  g guardian;
begin
  select * into g from guardian x where x.id = p_id for update;
  code := case
    when not found then 'not_found'
    when account_is_proven(g) then 'forbidden'
    when exists (select from application a where a.guardian_id = g.id and a.status in ('accepted', 'admitted', 'not_admitted'))
      then 'wrong_state'
    else 'ok' end;
  if code = 'ok' then
    perform account_erase(g.id);
  end if;
  perform audit_put('00000000', 'account_remove', code, g.id, null, jsonb_build_object('reason', p_reason));
end $$;
grant execute on function enroll.operator_account_remove(uuid, text) to enroll_operator;
