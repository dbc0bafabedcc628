-- wechat_tickets: the tickets that still hold, in one text with blanks between. Called by GET …/script/verify. Codes: ok.
create function sandbox.wechat_tickets(out code text, out body text)
language plpgsql stable set search_path = sandbox, pg_temp as $$
begin
  code := 'ok';
  body := coalesce((select string_agg(w.value, ' ') from wechat_lent w where w.kind = 'ticket' and w.expires_at > now()), '');
end $$;
