-- How a signing ends: taken back by the parent (license, authorization_revoke) or run out (courier_sweep). Called by doors alone.

-- signing_erase: forget the code and all that was fetched under it, archives included; the row remains as the record that there
-- was a signing, for the receipt.
create or replace function enroll.signing_erase(p_signing uuid) returns void
language plpgsql set search_path = enroll, pg_temp as $$
begin
  update license
     set data = null, number_mask = null, issued_on = null, archive = null, archive_kind = null, erased_at = now()
   where signing_id = p_signing and erased_at is null;
  update license_request set status = 'failed', leased_until = null where signing_id = p_signing and status = 'due';
  update signing set code = null where id = p_signing;
end $$;

-- authorization_review: who is no longer authorized now that the errand's signing has ended (p_status: revoked or expired)? Where
-- an application stands, the audit trail tells the operator.
create or replace function enroll.authorization_review(p_ref text, p_guardian uuid, p_errand uuid, p_status text) returns void
language plpgsql set search_path = enroll, pg_temp as $$
declare
  s student;
begin
  for s in select x.* from student x where x.guardian_id = p_guardian and x.removed_at is null
            and x.authorization_status = 'authorized' order by x.id loop
    if (select state from license_state(p_guardian, null, 'household_register')) <> 'fetched'
       or (select state from license_state(p_guardian, s.id, 'household_register')) <> 'fetched' then
      update student set authorization_status = p_status where id = s.id;
      update errand_student set status = 'incomplete', missing = '{not_signed}'
       where student_id = s.id and status = 'authorized';
      perform audit_put(p_ref, 'authorization_' || p_status, 'ok', p_guardian, s.id, jsonb_build_object('errand', p_errand,
        'application', (select a.status from application a where a.student_id = s.id)));
    end if;
  end loop;
end $$;

-- authorization_expire: signings that have run out no longer count, and what was fetched under them is erased. Some at a time;
-- the code, worth nothing any more, is what marks a signing as not yet looked at. A family that is at work in this moment has its
-- turn the next time. Called by courier_sweep. Returns how many.
create or replace function enroll.authorization_expire() returns int
language plpgsql set search_path = enroll, pg_temp as $$
declare
  n record;
  ended int := 0;
begin
  for n in select s.id, s.guardian_id, s.errand_id from signing s where s.code is not null and s.expires_at < now()
            order by s.expires_at limit 200 loop
    perform from guardian g where g.id = n.guardian_id for no key update skip locked;
    if found then
      perform signing_erase(n.id);
      perform authorization_review('00000000', n.guardian_id, n.errand_id, 'expired');
      -- One that was still fetching has nothing left to wait for.
      perform errand_judge('00000000', e.id) from errand e where e.id = n.errand_id and e.status = 'pending';
      ended := ended + 1;
    end if;
  end loop;
  return ended;
end $$;
