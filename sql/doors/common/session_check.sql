-- session_check: is this session good? Asked only before a field error is answered on a signed-in route, so that a
-- stranger learns nothing from our field rules. Codes: ok, not_signed_in.
create or replace function enroll.session_check(p_session bytea, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  select s.code into code from signed_in(p_session, true, false) s;
end $$;
grant execute on function enroll.session_check(bytea) to enroll_session, enroll_wechat, enroll_bind, enroll_license, enroll_enroll;
