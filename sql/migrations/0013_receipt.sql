-- Consent kept properly: a signing says which text was consented to and who signed what for whom, and neither that nor a
-- published text can be changed any more. Its number stands on the receipt. And: the archive of a licence, where it is kept;
-- events by errand; what was fetched under a signing that has run out is erased.

set role enroll_owner;

-- A published text is what somebody consented to.
create function enroll.content_stays() returns trigger
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  raise exception using errcode = 'restrict_violation', message = 'content_stays';
end $$;
create trigger content_stays before update or delete on enroll.content for each row execute function enroll.content_stays();
create trigger content_stays_all before truncate on enroll.content for each statement execute function enroll.content_stays();

alter table enroll.signing
  add column receipt_no text constraint receipt_no_once unique check (receipt_no ~ '^[0-9]{4}-[0-9]{4}-[0-9]{4}$'),
  add column persons jsonb not null default '[]',
  add column consent_kind text check (consent_kind = 'consent'),
  add column consent_slug text,
  add column consent_version text,
  add foreign key (consent_kind, consent_slug, consent_version) references enroll.content (kind, slug, version);
comment on column enroll.signing.receipt_no is '授权回执编号，十二位数字，随机';
comment on column enroll.signing.persons is '签署时的范围：[{role,name,id_no,licenses}]，姓名和号码均为掩码';
comment on column enroll.signing.consent_kind is '当时的同意书：类别，恒为 consent';
comment on column enroll.signing.consent_slug is '当时的同意书：网址中的名称；空表示当时没有发布';
comment on column enroll.signing.consent_version is '当时的同意书：版本';

-- Signings from before: what was asked for, and the text that was shown then.
update enroll.signing n
   set receipt_no = (
         select substr(d, 1, 4) || '-' || substr(d, 5, 4) || '-' || substr(d, 9, 4)
           from lpad((('x' || substr(md5(gen_random_uuid()::text || n.id), 1, 15))::bit(60)::bigint % 1000000000000)::text, 12, '0') d),
       persons = coalesce((
         select jsonb_agg(jsonb_build_object('role', case when q.student_id is null then 'guardian' else 'student' end,
             'name', coalesce(s.name_mask, g.name_mask), 'id_no', coalesce(s.id_no_mask, g.id_no_mask), 'licenses', to_jsonb(q.types))
             order by s.created_at nulls first, s.id)
           from enroll.license_request q join enroll.guardian g on g.id = n.guardian_id
           left join enroll.student s on s.id = q.student_id where q.signing_id = n.id), '[]'),
       expires_at = coalesce(n.expires_at, n.signed_at + interval '180 days');
update enroll.signing n
   set consent_kind = c.kind, consent_slug = c.slug, consent_version = c.version
  from enroll.errand e
  cross join lateral (select x.* from enroll.content x where x.kind = 'consent' and x.published_at <= e.created_at
    order by x.published_at desc limit 1) c
 where e.id = n.errand_id;
alter table enroll.signing alter column receipt_no set not null;
alter table enroll.signing alter column expires_at set not null;

-- What a receipt says was signed stays as it was signed; only its end (code, revoked_at) is written later.
create function enroll.signing_stays() returns trigger
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  raise exception using errcode = 'restrict_violation', message = 'signing_stays';
end $$;
create trigger signing_stays before update of receipt_no, persons, consent_kind, consent_slug, consent_version, signed_at
  on enroll.signing for each row execute function enroll.signing_stays();

-- The archive of a licence (its PDF or OFD), sealed like its data and erased with it.
alter table enroll.license
  add column archive bytea,
  add column archive_kind text check (archive_kind in ('pdf', 'ofd')),
  add constraint license_archive_is_whole check ((archive is null) = (archive_kind is null)),
  add constraint license_archive_goes check (archive is null or data is not null);
comment on column enroll.license.archive is '证照归档文件密文（按配置保存）；与内容一同清除';
comment on column enroll.license.archive_kind is '归档文件的格式：pdf 或 ofd';

-- What happened on one errand, among the audit rows.
create index audit_errand on enroll.audit ((detail ->> 'errand')) where detail ? 'errand';

-- Until now what had run out no longer counted, but its data stayed.
update enroll.license l set data = null, number_mask = null, issued_on = null, erased_at = now()
  from enroll.signing n where n.id = l.signing_id and l.erased_at is null and (n.expires_at < now() or n.revoked_at is not null);
update enroll.license set issued_on = null where erased_at is not null and issued_on is not null;

reset role;
