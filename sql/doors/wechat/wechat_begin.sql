-- wechat_begin: a browser comes back from WeChat. Called by wechat for GET /api/wechat/callback, before the code is exchanged.
-- The first call with a code takes the exchange upon itself; a second call of the same waits for its result. Anything that is
-- not exactly this browser's state is refused. p_code_hash null: the parent refused, and the visit ends.
-- Codes: ok (is_exchange: exchange the code now; else its result is known), busy (being exchanged: ask again), forbidden.
create or replace function enroll.wechat_begin(
  p_ref text, p_wechat bytea, p_state_hash bytea, p_code_hash bytea,
  out code text, out is_exchange boolean, out next_path text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  v wechat_visit;
begin
  select * into v from wechat_visit where token_hash = p_wechat and state_hash = p_state_hash and expires_at > now()
   for update;
  next_path := v.next_path;
  is_exchange := v.code_hash is null;
  code := 'ok';
  if v.token_hash is null or v.code_hash <> p_code_hash then
    code := 'forbidden';
  elsif p_code_hash is null then
    code := 'forbidden';
    delete from wechat_visit where token_hash = v.token_hash and code_hash is null;
  elsif v.code_hash is null then
    update wechat_visit set code_hash = p_code_hash where token_hash = v.token_hash;
  elsif v.seen_at is null then
    code := 'busy';
  end if;
  if code = 'forbidden' then
    perform audit_put(p_ref, 'wechat_callback', code);
  end if;
end $$;
grant execute on function enroll.wechat_begin(text, bytea, bytea, bytea) to enroll_wechat;
