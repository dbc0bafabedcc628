-- What every answer of the province passes: rows that are written again and again have room for it on their page, where no index
-- need be touched; and the check of a transition looks at its own column alone.
set role enroll_owner;

alter table enroll.errand set (fillfactor = 60);
alter table enroll.errand_student set (fillfactor = 80);
alter table enroll.guardian set (fillfactor = 80);
alter table enroll.student set (fillfactor = 80);

-- Both steps wait in one table; each looks for its own alone.
drop index enroll.errand_due;
create index errand_due on enroll.errand (purpose, next_at) where status = 'pending';

-- Arguments: the machine's name and the column that holds its state.
create or replace function enroll.transition_check() returns trigger
language plpgsql set search_path = enroll, pg_temp as $$
declare
  v_from text;
  v_to text;
begin
  case tg_argv[1]
    when 'status' then v_from := old.status; v_to := new.status;
    when 'provider_status' then v_from := old.provider_status; v_to := new.provider_status;
    when 'binding_status' then v_from := old.binding_status; v_to := new.binding_status;
    when 'authorization_status' then v_from := old.authorization_status; v_to := new.authorization_status;
  end case;
  if not transition_is_allowed(tg_argv[0], v_from, v_to) then
    raise exception 'no transition: % % > %', tg_argv[0], v_from, v_to
      using errcode = 'check_violation', constraint = 'transition_' || tg_argv[0], table = tg_table_name;
  end if;
  return null;
end $$;

reset role;
