-- operator_why: what families did and what they were answered, from the audit trail, with the messages that went to them. Called by
-- enrollctl why with one of: a reference, the blind index of a phone (current or former), that of an identity number (guardian's
-- or child's). The newest 300 rows of each family, oldest first; is_asked marks those of the reference. family is a masked name,
-- null where an attempt could not be laid to any account. Whoever looks is in the trail as well.
-- Codes: ok in every row; no row where nothing is known.
create or replace function enroll.operator_why(p_ref text, p_phone_index bytea, p_id_no_index bytea)
returns table (code text, guardian_id uuid, family text, registered_at text, at text, ref text, is_asked boolean, action text,
  outcome text, student text, missing text, channel text, role text)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  v_guardians uuid[] := why_guardians(p_ref, p_phone_index, p_id_no_index);
begin
  perform audit_put('00000000', 'why', 'ok', v_guardians[1], null, jsonb_build_object('families', cardinality(v_guardians)));
  return query
  select 'ok', t.guardian_id, g.name_mask, beijing_time(g.created_at), beijing_time(t.at), t.ref, t.ref = p_ref, t.action,
         t.outcome, s.name_mask, t.missing, t.channel, t.role
    from (select w.*, row_number() over (partition by w.guardian_id order by w.at desc) as n from why_rows(p_ref, v_guardians) w) t
    left join guardian g on g.id = t.guardian_id left join student s on s.id = t.student_id
   where t.n <= 300 or t.ref = p_ref
   order by g.created_at, t.guardian_id, t.at;
end $$;
grant execute on function enroll.operator_why(text, bytea, bytea) to enroll_operator;

-- why_guardians: whose accounts are meant?
create or replace function enroll.why_guardians(p_ref text, p_phone_index bytea, p_id_no_index bytea) returns uuid[]
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return array(
    select a.guardian_id from audit a where a.ref = p_ref and a.guardian_id is not null
    union select p.guardian_id from phone p where p.phone_index = p_phone_index
    union select g.id from guardian g where g.id_no_index = p_id_no_index
    union select s.guardian_id from student s where s.id_no_index = p_id_no_index);
end $$;

-- why_rows: what is known of them: audit rows, and for each message the attempts to deliver it (or that it still waits).
create or replace function enroll.why_rows(p_ref text, p_guardians uuid[])
returns table (guardian_id uuid, at timestamptz, ref text, action text, outcome text, student_id uuid, missing text, channel text,
  role text)
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return query
  select a.guardian_id, a.at, a.ref, a.action, a.outcome, a.student_id,
         (select string_agg(m, ',') from jsonb_array_elements_text(
           case when jsonb_typeof(a.detail -> 'missing') = 'array' then a.detail -> 'missing' else '[]' end) m), null, a.role
    from audit a
   where (a.guardian_id = any(p_guardians) or a.ref = p_ref and a.guardian_id is null) and a.action <> 'why'
  union all
  select t.guardian_id, coalesce(d.at, o.created_at), '00000000', 'message ' || o.template, coalesce(d.outcome, 'waiting'), null, null,
         coalesce(d.channel, case when o.phone_id is not null then 'sms' else 'wechat' end), 'enroll_courier'
    from (select p.id as phone_id, null::uuid as wechat_id, p.guardian_id from phone p where p.guardian_id = any(p_guardians)
          union all select null, w.id, w.guardian_id from wechat w where w.guardian_id = any(p_guardians)) t
    join outbox o on o.phone_id = t.phone_id or o.wechat_id = t.wechat_id
    left join delivery d on d.outbox_id = o.id;
end $$;
