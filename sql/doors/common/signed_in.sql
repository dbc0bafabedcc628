-- signed_in: who holds this session? Called first by every signed-in door; no executable may call it by itself.
-- Codes: ok, not_signed_in, identity_check_required (the account is limited and the door is not on the allow-list).
-- Idle 30 min, absolute 12 h; last_seen_at is written at most every 5 min and not at all by status polls. It is written under
-- the guardian's row like all that is a family's; where another holds that at this moment, the next use writes it. A door that
-- has still to take a counter or an idempotency key asks without p_touch.
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
      perform from guardian g where g.id = signed_in.guardian_id for no key update skip locked;
      if found then
        update session set last_seen_at = now() where id = session_id;
      end if;
    end if;
  end if;
end $$;

-- signed_in_alone: the same for a door that writes: it holds the guardian's row first, so that nobody else decides anything
-- about this family, its sessions and limits included, until the door is done.
create or replace function enroll.signed_in_alone(
  p_session bytea, p_limited_ok boolean,
  out code text, out guardian_id uuid, out is_limited boolean, out session_id uuid, out device bytea)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  perform from guardian g where g.id = (select s.guardian_id from session s where s.token_hash = p_session and s.ended_at is null)
   for no key update;
  select s.code, s.guardian_id, s.is_limited, s.session_id, s.device into code, guardian_id, is_limited, session_id, device
    from signed_in(p_session, p_limited_ok) s;
end $$;
