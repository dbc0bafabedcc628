-- authorization_expire: signings that have run out no longer count. Called by license_due when there is nothing to fetch. A
-- few at a time, one transaction each call; the code, worth nothing any more, is what marks a signing as not yet looked at.
create or replace function enroll.authorization_expire() returns void
language plpgsql set search_path = enroll, pg_temp as $$
declare
  n record;
begin
  for n in select s.id, s.guardian_id from signing s where s.code is not null and s.expires_at < now()
            order by s.expires_at limit 10 loop
    perform from guardian g where g.id = n.guardian_id for no key update;
    update signing set code = null where id = n.id;
    perform authorization_review('00000000', n.guardian_id, 'expired');
  end loop;
end $$;
