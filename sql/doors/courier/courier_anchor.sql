-- courier_anchor: the head p_seq stands in the anchor file, on the disk. Called by courier after it has written the line, so
-- that a line which is missing later was cut out. Codes: ok.
create or replace function enroll.courier_anchor(p_seq bigint, p_hash text, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  insert into audit_anchor (seq, hash) values (p_seq, decode(p_hash, 'hex')) on conflict (seq) do nothing;
  code := 'ok';
end $$;
grant execute on function enroll.courier_anchor(bigint, text) to enroll_courier;
