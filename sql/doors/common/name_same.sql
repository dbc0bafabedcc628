-- name_same: are two folded names the same to a register? Case, blanks and comma do not decide; what lib/name's name_equal
-- says in C, said where the judging is done. Called by doors alone.
create or replace function enroll.name_same(p_a text, p_b text) returns boolean
language plpgsql immutable set search_path = enroll, pg_temp as $$
begin
  return lower(translate(p_a, ' ,，　', '')) = lower(translate(p_b, ' ,，　', ''));
end $$;
