-- A result that lacks something and that nobody looks at. Called by doors alone.

-- errand_tell: the errand has just ended. If children lack something, one message with the way on is put down for half a
-- minute later (returned, for message_id); a page that asks before then takes it back (errand_seen). Not while the account is limited or closing, not
-- to who is asking at this moment, and not for a child that another signing has settled or another family has proven.
drop function if exists enroll.errand_tell(enroll.errand);
create or replace function enroll.errand_tell(e enroll.errand) returns uuid
language plpgsql set search_path = enroll, pg_temp as $$
declare
  v_template text;
  v_message uuid;
begin
  if e.status <> 'completed' or exists (
      select from guardian g where g.id = e.guardian_id and (g.limited_since is not null or g.closing_at is not null)) then
    return null;
  end if;
  select case when e.purpose = 'bind' then 'bind_incomplete' when bool_or('student_not_added' = any(es.missing))
      then 'student_not_added' else 'authorize_incomplete' end
    into v_template
    from errand_student es join student s on s.id = es.student_id and s.removed_at is null
   where es.errand_id = e.id and es.status = 'incomplete' and s.binding_status <> 'student_taken'
     and (e.purpose = 'bind' and s.binding_status not in ('bound', 'confirmed_by_hand')
       or e.purpose = 'authorize' and s.authorization_status not in ('authorized', 'confirmed_by_hand'))
  having count(*) > 0;
  if not found then
    return null;
  end if;
  insert into outbox (template, phone_id, next_at)
  select v_template, p.id, now() + interval '30 seconds' from phone p where p.guardian_id = e.guardian_id and p.until is null
  returning id into v_message;
  return v_message;
end $$;

-- errand_seen: a page shows this result now; the message that has not gone yet is not needed any more.
create or replace function enroll.errand_seen(e enroll.errand) returns void
language plpgsql set search_path = enroll, pg_temp as $$
begin
  if e.message_id is not null then
    update errand set message_id = null where id = e.id;
    delete from outbox where id = e.message_id and tries = 0;
  end if;
end $$;
