-- beijing_time: a time as the contract writes it, RFC 3339 with Beijing's offset. Called by doors alone.
create or replace function enroll.beijing_time(p_at timestamptz) returns text
language plpgsql immutable set search_path = enroll, pg_temp as $$
begin
  return to_char(p_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS') || '+08:00';
end $$;
