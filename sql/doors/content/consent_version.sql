-- consent_version: the version of the consent text that is shown now; null if none is published. Called by doors alone: who
-- consents without naming a version consents to this one.
create or replace function enroll.consent_version() returns text
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return (select c.version from content c where c.kind = 'consent' order by c.published_at desc limit 1);
end $$;
