-- session_status: the status as it stands now: one that nobody finished in time is expired.
create function sandbox.session_status(p_session session) returns text
language plpgsql stable set search_path = sandbox, pg_temp as $$
begin
  return case when p_session.status in ('created', 'identified') and p_session.expires_at < now() then 'expired'
    else p_session.status end;
end $$;
