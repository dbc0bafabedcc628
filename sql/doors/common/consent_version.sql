-- consent_version: the version of the consent text in force, recorded with every consent; "0" while none is published.
-- Called by doors alone.
create or replace function enroll.consent_version() returns text
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return coalesce((select c.version from content c where c.kind = 'consent' order by c.published_at desc limit 1), '0');
end $$;
