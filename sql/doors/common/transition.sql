-- The state machines of the province's side, in one place: every step from one state to another that may ever be made. Triggers
-- (migration 0014) refuse all others, and tests/model compares this list with what its model can do. "space" is what the space
-- has said of an errand; "binding" and "authorization" are a student's.
create or replace function enroll.transitions() returns text[]
language plpgsql immutable set search_path = enroll, pg_temp as $$
begin
  return array[
    'errand launching>pending', 'errand launching>failed',
    'errand pending>completed', 'errand pending>denied', 'errand pending>expired',

    'space created>identified', 'space created>completed', 'space created>denied', 'space created>expired',
    'space identified>completed', 'space identified>denied', 'space identified>expired',

    'request due>done', 'request due>failed',

    'binding none>pending', 'binding none>bound', 'binding none>incomplete', 'binding none>expired',
    'binding none>confirmed_by_hand', 'binding none>student_taken',
    'binding pending>none', 'binding pending>bound', 'binding pending>incomplete', 'binding pending>expired',
    'binding pending>confirmed_by_hand', 'binding pending>student_taken',
    'binding incomplete>none', 'binding incomplete>pending', 'binding incomplete>bound', 'binding incomplete>expired',
    'binding incomplete>confirmed_by_hand', 'binding incomplete>student_taken',
    'binding expired>none', 'binding expired>pending', 'binding expired>bound', 'binding expired>incomplete',
    'binding expired>confirmed_by_hand', 'binding expired>student_taken',
    'binding student_taken>none',

    'authorization none>pending', 'authorization none>authorized', 'authorization none>confirmed_by_hand',
    'authorization pending>authorized', 'authorization pending>incomplete', 'authorization pending>expired',
    'authorization pending>confirmed_by_hand',
    'authorization incomplete>pending', 'authorization incomplete>authorized', 'authorization incomplete>expired',
    'authorization incomplete>confirmed_by_hand',
    'authorization expired>pending', 'authorization expired>authorized', 'authorization expired>incomplete',
    'authorization expired>confirmed_by_hand',
    'authorization revoked>pending', 'authorization revoked>authorized', 'authorization revoked>incomplete',
    'authorization revoked>expired', 'authorization revoked>confirmed_by_hand',
    'authorization authorized>revoked', 'authorization authorized>expired'];
end $$;

-- transition_is_allowed: may p_machine move so? Staying where one is always may.
create or replace function enroll.transition_is_allowed(p_machine text, p_from text, p_to text) returns boolean
language plpgsql immutable set search_path = enroll, pg_temp as $$
begin
  return p_from = p_to or format('%s %s>%s', p_machine, p_from, p_to) = any(transitions());
end $$;
