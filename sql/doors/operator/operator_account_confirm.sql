-- operator_account_confirm: the desk has seen the guardian and his identity card. Called by enrollctl account
-- confirm-in-person. As good as a face check (limit_lift): the limit falls; what recoveries from another browser than the last
-- one have set is void; the browser of the last one is the owner's, which the operator has asked him. p_seen: what he was
-- shown. Codes: ok, not_found, wrong_state (there was another recovery meanwhile: look again).
create or replace function enroll.operator_account_confirm(
  p_id uuid, p_seen text, p_reason text, out code text, out is_password_void boolean)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  g guardian;
begin
  select * into g from guardian x where x.id = p_id for no key update;
  code := case when not found then 'not_found' when account_seen(g) <> p_seen then 'wrong_state' else 'ok' end;
  if code = 'ok' then
    perform limit_lift(g, g.limited_device, true);
    is_password_void := not exists (select from password w where w.guardian_id = g.id and w.until is null);
  end if;
  perform audit_put('00000000', 'confirm_in_person', code, g.id, null,
    jsonb_build_object('reason', p_reason, 'limited', g.limited_since is not null));
end $$;
grant execute on function enroll.operator_account_confirm(uuid, text, text) to enroll_operator;
