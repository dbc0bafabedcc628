-- signed_in: who holds this session? Called first by every signed-in door; no executable may call it by itself.
-- Codes: ok, not_signed_in, identity_check_required (the account is limited and the door is not on the allow-list).
-- Idle 30 min, absolute 12 h; last_seen_at is written at most every 5 min and not at all by status polls.
create or replace function enroll.signed_in(
  p_session bytea, p_limited_ok boolean, p_touch boolean default true,
  out code text, out guardian_id uuid, out is_limited boolean, out session_id uuid, out device bytea)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  seen timestamptz;
begin
  select s.guardian_id, s.id, s.device, s.last_seen_at, g.limited_since is not null
    into guardian_id, session_id, device, seen, is_limited
    from session s join guardian g on g.id = s.guardian_id
   where s.token_hash = p_session and s.ended_at is null
     and s.last_seen_at > now() - interval '30 minutes' and s.created_at > now() - interval '12 hours';
  if not found then
    code := 'not_signed_in';
  elsif is_limited and not p_limited_ok then
    code := 'identity_check_required';
  else
    code := 'ok';
    if p_touch and seen < now() - interval '5 minutes' then
      update session set last_seen_at = now() where id = session_id;
    end if;
  end if;
end $$;
