-- The database lets no state machine of the province's side make a step that is not listed (sql/doors/common/transition.sql).

set role enroll_owner;

-- Arguments: the machine's name and the column that holds its state.
create function enroll.transition_check() returns trigger
language plpgsql set search_path = enroll, pg_temp as $$
declare
  v_from text := to_jsonb(old)->>tg_argv[1];
  v_to text := to_jsonb(new)->>tg_argv[1];
begin
  if not transition_is_allowed(tg_argv[0], v_from, v_to) then
    raise exception 'no transition: % % > %', tg_argv[0], v_from, v_to
      using errcode = 'check_violation', constraint = 'transition_' || tg_argv[0], table = tg_table_name;
  end if;
  return null;
end $$;

create trigger transition_errand after update of status on enroll.errand
  for each row when (old.status <> new.status) execute function enroll.transition_check('errand', 'status');
create trigger transition_space after update of provider_status on enroll.errand
  for each row when (old.provider_status <> new.provider_status)
  execute function enroll.transition_check('space', 'provider_status');
create trigger transition_request after update of status on enroll.license_request
  for each row when (old.status <> new.status) execute function enroll.transition_check('request', 'status');
create trigger transition_binding after update of binding_status on enroll.student
  for each row when (old.binding_status <> new.binding_status)
  execute function enroll.transition_check('binding', 'binding_status');
create trigger transition_authorization after update of authorization_status on enroll.student
  for each row when (old.authorization_status <> new.authorization_status)
  execute function enroll.transition_check('authorization', 'authorization_status');

reset role;
