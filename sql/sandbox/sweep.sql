-- sweep: forget what can no longer be used. Called once a minute by the sending thread.
create function sandbox.sweep(out code text)
language plpgsql set search_path = sandbox, pg_temp as $$
begin
  code := 'ok';
  delete from nonce where seen_at < now() - interval '15 minutes';
  delete from access_token where expires_at < now() - interval '1 hour';
  delete from wechat_code where made_at < now() - interval '1 hour';
  delete from wechat_lent where expires_at < now() - interval '1 hour';
  delete from message where id <= (select max(id) - 1000 from message);
end $$;
