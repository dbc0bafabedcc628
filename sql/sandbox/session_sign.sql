-- session_sign: 签署授权 on a locked session, with a scope whose licences are held.
create function sandbox.session_sign(p_id uuid, p_scope jsonb) returns void
language plpgsql set search_path = sandbox, pg_temp as $$
begin
  update session set authorization_code = replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''),
    signed_at = now(), scope = p_scope where id = p_id;
  perform session_advance(p_id, 'completed');
end $$;
