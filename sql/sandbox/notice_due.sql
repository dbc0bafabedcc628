-- notice_due: lease the notices that are to be sent now; a sender that dies loses its lease after 10 s. Called by the sandbox's
-- sending thread.
create function sandbox.notice_due()
returns table (code text, event_id uuid, notify_url text, body text, fault text)
language plpgsql set search_path = sandbox, pg_temp as $$
begin
  return query
    with due as (
      select n.event_id from notice n where n.done_at is null and n.due_at <= clock_timestamp()
        order by n.due_at limit 16 for update skip locked),
    leased as (
      update notice n set due_at = clock_timestamp() + interval '10 seconds', attempts = n.attempts + 1
        from due where n.event_id = due.event_id returning n.*)
    select 'ok', l.event_id, s.notify_url, json_build_object('event_id', l.event_id, 'session_id', s.id, 'state', s.state,
        'status', l.status, 'occurred_at', l.occurred_at)::text, s.notify_fault
      from leased l join session s on s.id = l.session_id order by l.occurred_at;
end $$;
