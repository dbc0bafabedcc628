-- session_list: where the account is signed in. Called by session for GET /api/sessions; this one first, then the one used
-- last. Codes: ok (in answer), not_signed_in, identity_check_required.
create or replace function enroll.session_list(p_session bytea, p_ref text, out code text, out answer jsonb)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
begin
  select * into who from signed_in(p_session, false);
  code := who.code;
  if code = 'ok' then
    answer := jsonb_build_object('sessions', (
      select jsonb_agg(jsonb_build_object('id', s.id, 'device', s.device_name, 'created_at', beijing_time(s.created_at),
          'last_seen_at', beijing_time(s.last_seen_at), 'this', s.id = who.session_id)
          order by s.id = who.session_id desc, s.last_seen_at desc, s.id)
        from session s where s.guardian_id = who.guardian_id and session_is_live(s)));
  end if;
end $$;
grant execute on function enroll.session_list(bytea, text) to enroll_session;
