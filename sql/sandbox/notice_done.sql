-- notice_done: what became of a notice. Delivered ones are done unless a second copy is due; others come again after 1, 2, 4 …
-- 60 s and are given up after 12 tries. Codes: ok.
create function sandbox.notice_done(p_event_id uuid, p_is_delivered boolean, out code text)
language plpgsql set search_path = sandbox, pg_temp as $$
begin
  code := 'ok';
  update notice set copies = case when p_is_delivered then copies - 1 else copies end,
      done_at = case when (p_is_delivered and copies <= 1) or attempts >= 12 then now() end,
      due_at = case when p_is_delivered then clock_timestamp()
        else clock_timestamp() + make_interval(secs => least(60, 2 ^ (attempts - 1))) end
    where event_id = p_event_id;
end $$;
