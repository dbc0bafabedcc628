-- operator_student_confirm: the desk has seen guardian, child and the papers that say that they belong together. Called by
-- enrollctl student confirm-by-hand. p_what: binding (the child is this family's, with all that a binding decides about
-- rivals), authorization (the registers were seen; the child must be bound), or both. The family is told.
-- Codes: ok, not_found, wrong_state (changed since it was looked at, not bound, or nothing left to confirm), student_taken
-- (another family has proven the child).
create or replace function enroll.operator_student_confirm(
  p_id uuid, p_seen text, p_what text, p_reason text, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  s student;
begin
  perform from guardian g where g.id = (select x.guardian_id from student x where x.id = p_id) for no key update;
  perform child_lock(array[(select x.guardian_id from student x where x.id = p_id)]);
  select * into s from student x where x.id = p_id and x.removed_at is null for no key update;
  code := case
    when not found then 'not_found'
    when s.binding_status = 'student_taken' then 'student_taken'
    when student_seen(s) <> p_seen or not student_is_confirmable(s, p_what) then 'wrong_state'
    when p_what <> 'authorization' and not student_prove('00000000', s.id, null) then 'student_taken'
    else 'ok' end;
  if code = 'ok' then
    update student set authorization_status = 'confirmed_by_hand'
     where id = s.id and p_what <> 'binding' and authorization_status <> 'authorized';
    insert into outbox (template, phone_id) select 'student_confirmed', p.id from phone p
     where p.guardian_id = s.guardian_id and p.until is null;
  end if;
  perform audit_put('00000000', 'confirm_by_hand', code, s.guardian_id, s.id,
    jsonb_build_object('what', p_what, 'reason', p_reason));
end $$;
grant execute on function enroll.operator_student_confirm(uuid, text, text, text) to enroll_operator;

-- student_is_confirmable: is there something left that the desk's word would change?
create or replace function enroll.student_is_confirmable(s enroll.student, p_what text) returns boolean
language plpgsql immutable set search_path = enroll, pg_temp as $$
declare
  is_bound boolean := s.binding_status in ('bound', 'confirmed_by_hand');
  is_authorized boolean := s.authorization_status in ('authorized', 'confirmed_by_hand');
begin
  return case p_what when 'binding' then not is_bound when 'authorization' then is_bound and not is_authorized
    when 'both' then not is_bound or not is_authorized else false end;
end $$;
