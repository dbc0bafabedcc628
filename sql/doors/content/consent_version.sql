-- consent_version: the version of the consent text that was shown: the one named, if it was ever published, else the one that
-- is shown now; null if none is published. Called by doors alone.
create or replace function enroll.consent_version(p_shown text default null) returns text
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return (select c.version from content c where c.kind = 'consent'
    order by c.version is not distinct from p_shown desc, c.published_at desc limit 1);
end $$;
