-- register_finish: one account for one guardian and one child, with the consent given for that child. Called by register
-- after the hash. What register_begin saw is looked at again: of many at once for the same guardian one wins, and the others
-- learn what is taken by the name of the constraint that refused them. The code that proved the phone is used up by it.
-- Codes: created (in answer), season_closed, validation_failed (the code), phone_taken, guardian_taken, student_taken.
create or replace function enroll.register_finish(
  p_ref text, p_address bytea, p_key text, p_guardian_id uuid, p_guardian_name text, p_guardian_name_mask text,
  p_guardian_id_no bytea, p_guardian_index bytea, p_guardian_id_no_mask text, p_phone_id uuid, p_phone bytea,
  p_phone_index bytea, p_phone_mask text, p_password_hash text, p_student_id uuid, p_student_name text,
  p_student_name_mask text, p_student_id_no bytea, p_student_index bytea, p_student_id_no_mask text, p_birth_date text,
  p_is_female boolean, p_consent_version text, p_phone_code bytea default null, out code text, out answer jsonb)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  taken record;
begin
  select * into taken from register_look(p_phone_index, p_guardian_index, p_student_index);
  code := case when register_is_open() then taken.code else 'season_closed' end;
  if code = 'ok' then
    begin
      if not phone_code_use('register', p_phone_index, p_phone_code) then
        raise exception using errcode = 'unique_violation', constraint = 'validation_failed';
      end if;
      insert into guardian (id, name, name_mask, id_no, id_no_index, id_no_mask)
      values (p_guardian_id, p_guardian_name, p_guardian_name_mask, p_guardian_id_no, p_guardian_index, p_guardian_id_no_mask);
      -- A proof of this child elsewhere comes before this or after it (binding_judge).
      perform child_lock('{}', p_student_index);
      if student_is_taken(p_student_index, p_guardian_id) then
        raise unique_violation using constraint = 'student_taken';
      end if;
      insert into phone (id, guardian_id, phone, phone_index, phone_mask, via)
      values (p_phone_id, p_guardian_id, p_phone, p_phone_index, p_phone_mask, 'register');
      insert into password (guardian_id, hash, via) values (p_guardian_id, p_password_hash, 'register');
      insert into student (id, guardian_id, name, name_mask, id_no, id_no_index, id_no_mask, birth_date, is_female)
      values (p_student_id, p_guardian_id, p_student_name, p_student_name_mask, p_student_id_no, p_student_index,
        p_student_id_no_mask, p_birth_date::date, p_is_female);
      insert into consent (guardian_id, student_id, version)
      values (p_guardian_id, p_student_id, coalesce(consent_version(p_consent_version), '0'));
    exception when unique_violation then
      get stacked diagnostics code = constraint_name;
      -- The other one is committed by now: say what the order of refusals says first.
      select * into taken from register_look(p_phone_index, p_guardian_index, p_student_index);
      code := case when taken.code = 'ok' then code else taken.code end;
    end;
  end if;

  if code = 'ok' then
    code := 'created';
    answer := jsonb_build_object(
      'guardian', jsonb_build_object('name', p_guardian_name_mask, 'phone', p_phone_mask),
      'student', jsonb_build_object('id', p_student_id, 'name', p_student_name));
    perform idempotency_finish('register', '', p_key, answer);
    perform audit_put(p_ref, 'register', 'ok', p_guardian_id, p_student_id);
  else
    perform idempotency_drop('register', '', p_key);
    if taken.kind is not null then
      perform guess_book(taken.kind, taken.key, 20);
      perform address_failed(p_address);
    end if;
    perform audit_put(p_ref, 'register', code);
  end if;
end $$;
grant execute on function enroll.register_finish(text, bytea, text, uuid, text, text, bytea, bytea, text, uuid, bytea, bytea,
  text, text, uuid, text, text, bytea, bytea, text, text, boolean, text, bytea) to enroll_register;
