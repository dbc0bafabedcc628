-- nonce_use: a nonce of the gateway's signature, good once. Called before every call of the space API. Codes: ok, forbidden.
create function sandbox.nonce_use(p_nonce text, out code text)
language plpgsql set search_path = sandbox, pg_temp as $$
begin
  insert into nonce (nonce) values (p_nonce) on conflict do nothing;
  code := case when found then 'ok' else 'forbidden' end;
end $$;
