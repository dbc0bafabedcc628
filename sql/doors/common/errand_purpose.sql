-- errand_purpose: which step the calling executable serves. The role decides, not a parameter, so that bind cannot speak
-- for license or the other way round. Called by doors alone.
create or replace function enroll.errand_purpose() returns text
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return case session_user when 'enroll_bind' then 'bind' when 'enroll_license' then 'authorize' end;
end $$;
