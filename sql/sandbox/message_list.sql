-- message_list: what the hook delivered, newest first. Called by GET /sandbox/control/messages. Codes: ok.
create function sandbox.message_list(out code text, out body text)
language plpgsql stable set search_path = sandbox, pg_temp as $$
begin
  code := 'ok';
  select coalesce(json_agg(json_build_object('channel', m.channel, 'to', m.recipient, 'text', m.text, 'at', m.at)
      order by m.id desc), '[]')::text
    into body from (select * from message order by id desc limit 200) m;
end $$;
