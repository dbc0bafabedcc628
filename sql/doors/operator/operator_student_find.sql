-- operator_student_find: one child of one account, both found by their numbers. Called by enrollctl student; masks only.
-- p_guardian_index or p_phone_index is null. n_rivals: accounts that hold the same child and have not proven it; is_taken:
-- another has. seen: what the operator decides about; operator_student_confirm refuses if it is not so any more.
-- Codes: ok, not_found.
create or replace function enroll.operator_student_find(
  p_guardian_index bytea, p_phone_index bytea, p_child_index bytea, out code text, out id uuid, out guardian text,
  out student text, out binding text, out authorized text, out n_rivals int, out is_taken boolean, out seen text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  g guardian;
  s student;
begin
  select * into g from guardian x where x.id_no_index = p_guardian_index
      or x.id = (select p.guardian_id from phone p where p.phone_index = p_phone_index and p.until is null);
  select * into s from student x where x.guardian_id = g.id and x.id_no_index = p_child_index and x.removed_at is null;
  if not found then
    code := 'not_found';
    return;
  end if;
  code := 'ok';
  id := s.id;
  guardian := g.name_mask;
  student := s.name_mask;
  binding := s.binding_status;
  authorized := s.authorization_status;
  select count(*) filter (where x.proven_at is null), coalesce(bool_or(x.proven_at is not null), false) into n_rivals, is_taken
    from student x where x.id_no_index = s.id_no_index and x.id <> s.id and x.removed_at is null;
  seen := student_seen(s);
end $$;
grant execute on function enroll.operator_student_find(bytea, bytea, bytea) to enroll_operator;

-- student_seen: whose child it is and what is proven of it, in one text, to tell whether it has changed.
create or replace function enroll.student_seen(s enroll.student) returns text
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return encode(sha256(convert_to(concat_ws('/', s.guardian_id, encode(s.id_no_index, 'hex'), s.binding_status,
    s.authorization_status), 'UTF8')), 'hex');
end $$;
