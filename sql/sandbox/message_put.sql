-- message_put: the courier's hook delivers a message. Called by POST /sandbox/messages. Codes: ok.
create function sandbox.message_put(p_channel text, p_to text, p_text text, out code text)
language plpgsql set search_path = sandbox, pg_temp as $$
begin
  code := 'ok';
  insert into message (channel, recipient, text) values (p_channel, p_to, p_text);
end $$;
