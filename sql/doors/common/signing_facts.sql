-- What a signing records for good, made when the province's word comes in. Called by signing_put alone.

-- signing_number: a number that can be read out on the telephone, says nothing about anybody and cannot be guessed.
create or replace function enroll.signing_number() returns text
language plpgsql volatile set search_path = enroll, pg_temp as $$
declare
  digits text;
  number text;
begin
  loop
    digits := lpad((('x' || substr(md5(gen_random_uuid()::text || gen_random_uuid()), 1, 15))::bit(60)::bigint % 1000000000000)::text,
      12, '0');
    number := substr(digits, 1, 4) || '-' || substr(digits, 5, 4) || '-' || substr(digits, 9, 4);
    if not exists (select from signing where receipt_no = number) then
      return number;
    end if;
  end loop;
end $$;

-- signing_persons: who signed which licences for whom, in masks; the guardian first. Holders that are none of the account's
-- are not named, and only licences that we have words for.
create or replace function enroll.signing_persons(g enroll.guardian, p_scope_types text[], p_scope_holders bytea[]) returns jsonb
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return coalesce((
    select jsonb_agg(jsonb_build_object('role', h.role, 'name', h.name, 'id_no', h.id_no, 'licenses', h.licenses)
        order by h.role, h.created_at, h.id)
      from (
        select p.role, p.name, p.id_no, p.created_at, p.id, array_agg(distinct u.type order by u.type) as licenses
          from (select 'guardian' as role, g.name_mask as name, g.id_no_mask as id_no, g.created_at, g.id, g.id_no_index as number
                union all
                select 'student', s.name_mask, s.id_no_mask, s.created_at, s.id, s.id_no_index
                  from student s where s.guardian_id = g.id and s.removed_at is null) p
          join unnest(p_scope_types, p_scope_holders) u(type, holder) on u.holder = p.number
         where u.type in ('household_register', 'real_estate', 'birth_certificate', 'identity_credential')
         group by p.role, p.name, p.id_no, p.created_at, p.id) h), '[]');
end $$;

-- signing_end: until when it counts: the end that the province gave (p_expires_at, already within authorization_max_days), but not
-- longer than ninety days after the season has closed, when all places are given.
create or replace function enroll.signing_end(p_signed_at timestamptz, p_expires_at timestamptz) returns timestamptz
language plpgsql stable set search_path = enroll, pg_temp as $$
declare
  v_season_end timestamptz := (select closes_at + interval '90 days' from season order by year desc limit 1);
begin
  return case when v_season_end > p_signed_at then least(p_expires_at, v_season_end) else p_expires_at end;
end $$;

-- signing_consent: the text that was shown when the family set out; null where none was published.
create or replace function enroll.signing_consent(e enroll.errand, out slug text, out version text)
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  select c.slug, c.version into slug, version from content c where c.kind = 'consent' and c.published_at <= e.created_at
   order by c.published_at desc limit 1;
end $$;
