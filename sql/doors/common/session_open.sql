-- session_open: one place where a session begins. The browser becomes a known device of the account, with a budget of its own for
-- guesses; while the account is limited it does not, for then nobody knows whose browser it is (limit_lift says so of the
-- owner's). Whoever signs in to an account that is being closed keeps it, and is told. Called by doors alone.
create or replace function enroll.session_open(
  p_guardian uuid, p_token_hash bytea, p_device bytea, p_device_name text, p_wechat uuid default null) returns uuid
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  session_id uuid;
begin
  update guardian set closing_at = null where id = p_guardian and closing_at is not null;
  if found then
    perform closing_tell(p_guardian, 'account_kept');
  end if;
  insert into session (token_hash, guardian_id, device, device_name, wechat_id)
  values (p_token_hash, p_guardian, p_device, left(p_device_name, 60), p_wechat) returning id into session_id;
  insert into device (guardian_id, device)
  select g.id, p_device from guardian g where g.id = p_guardian and g.limited_since is null and p_device is not null
  on conflict do nothing;
  return session_id;
end $$;
