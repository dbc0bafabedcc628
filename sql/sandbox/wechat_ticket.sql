-- wechat_ticket: a ticket for WeChat's script, for two hours. Called by GET …/cgi-bin/ticket/getticket. Codes: ok; the answer is
-- WeChat's own: 42001 for an access token that has expired, 40001 for one that never was.
create function sandbox.wechat_ticket(p_token text, p_ticket text, out code text, out body text)
language plpgsql set search_path = sandbox, pg_temp as $$
declare
  w wechat_lent%rowtype;
begin
  code := 'ok';
  select * into w from wechat_lent t where t.value = p_token and t.kind = 'access_token';
  if w.value is null or w.expires_at <= now() then
    body := case when w.value is null then '{"errcode":40001,"errmsg":"invalid credential"}'
      else '{"errcode":42001,"errmsg":"access_token expired"}' end;
    return;
  end if;
  insert into wechat_lent (value, kind, expires_at) values (p_ticket, 'ticket', now() + interval '2 hours');
  body := json_build_object('errcode', 0, 'errmsg', 'ok', 'ticket', p_ticket, 'expires_in', 7200)::text;
end $$;
