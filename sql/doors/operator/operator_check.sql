-- operator_check: what the database knows about the health of the platform. Called by enrollctl check. Codes: ok.
-- season: before, registration, open, closed or null; ages in seconds, null where there is nothing to be old.
create or replace function enroll.operator_check(
  out code text, out season text, out n_schools int, out n_guides int, out n_policies int, out n_consents int,
  out heartbeat_age_s int, out outbox_age_s int, out unchained_age_s int)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  s season;
begin
  code := 'ok';
  select * into s from season order by year desc limit 1;
  if found then
    season := season_state(s);
  end if;
  n_schools := (select count(*) from school where year = s.year and is_offered);
  n_guides := (select count(*) from content where kind = 'guide');
  n_policies := (select count(*) from content where kind = 'policy');
  n_consents := (select count(*) from content where kind = 'consent');
  heartbeat_age_s := (select extract(epoch from now() - at) from heartbeat where name = 'courier');
  outbox_age_s := (select extract(epoch from now() - min(created_at)) from outbox
                    where delivered_at is null and failed is null);
  unchained_age_s := (select extract(epoch from now() - a.at) from audit a
                       where a.id > coalesce((select max(audit_id) from audit_chain), 0) order by a.id limit 1);
end $$;
grant execute on function enroll.operator_check() to enroll_operator;
