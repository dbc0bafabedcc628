-- recover_drop: the password could not be hashed (busy), so nothing was judged and the booking is taken back. Called by
-- recover. Codes: ok.
create or replace function enroll.recover_drop(
  p_ref text, p_guardian_index bytea, p_student_index bytea, p_kind text, p_key bytea, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  perform facts_take_back(p_kind, p_key, p_guardian_index, p_student_index);
  perform audit_put(p_ref, 'recover_password', 'busy');
  code := 'ok';
end $$;
grant execute on function enroll.recover_drop(text, bytea, bytea, text, bytea) to enroll_recover;
