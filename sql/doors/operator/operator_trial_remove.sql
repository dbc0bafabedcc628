-- operator_trial_remove: the made-up family that enrollctl walk has walked goes again, with all that is kept of it, proven or
-- not; what stays is the audit trail. Called by enrollctl account remove-trial with the hash of the session that the walk
-- holds: whoever has it is that family. An account of more than an hour is none of a walk.
-- Codes: ok, not_signed_in, identity_check_required, forbidden (not of this hour).
create or replace function enroll.operator_trial_remove(p_session bytea, out code text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
  g guardian;
begin
  select * into who from signed_in(p_session, false, false);
  code := who.code;
  if code = 'ok' then
    select * into g from guardian x where x.id = who.guardian_id for update;
    if g.created_at < now() - interval '1 hour' then
      code := 'forbidden';
    end if;
  end if;
  if code = 'ok' then
    -- The answers kept for repeated requests name the family too.
    delete from idempotency i
     where i.caller = uuid_send(g.id)
        or (i.caller = '' and i.route = 'register'
            and i.answer #>> '{student,id}' in (select s.id::text from student s where s.guardian_id = g.id));
    perform account_erase(g.id);
  end if;
  perform audit_put('00000000', 'trial_remove', code, g.id);
end $$;
grant execute on function enroll.operator_trial_remove(bytea) to enroll_operator;
