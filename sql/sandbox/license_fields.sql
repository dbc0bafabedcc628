-- license_fields: what stands inside a licence, by the names seen in the wild.
--   all                  ZZMC name · ZZHM number · CYRMC holder · CYRSFZJHM holder's number · FZJGMC issued by · FZRQ issued on
--                        YXQKSRQ, YXQJSRQ valid from, to (YYYY-MM-DD; 长期 for no end)
--   household_register   HZ_XM head's name · YHZGXDM relation to the head (GB/T 4761: 02 head, 20 son, 30 daughter)
--                        HJDZ address · HB kind (家庭户) · QRRQ moved in on · MZ ethnicity (GB/T 3304 code) · XB sex (1, 2)
--   real_estate          ZL address · QLLX kind of right · YT use; ZZHM is the certificate's number
--   birth_certificate    XSEXM child's name · XSEXB sex · CSRQ born on · MQXM or FQXM the guardian as mother or father
--   identity_credential  XB · MZ · CSRQ · ZZ address
create function sandbox.license_fields(p_session session, p_type text, p_holder text) returns json
language plpgsql stable set search_path = sandbox, pg_temp as $$
declare
  face jsonb := license_face(p_session, p_type, p_holder);
  address text := home_address(p_session.guardian_id_no);
  guardian text := holder_name(p_session, coalesce(p_session.subject->>'id_no', p_session.guardian_id_no));
  is_female boolean := substr(p_holder, 17, 1)::int % 2 = 0;
  born text := to_char(to_date(substr(p_holder, 7, 8), 'YYYYMMDD'), 'YYYY-MM-DD');
  own jsonb;
  fields jsonb;
begin
  fields := jsonb_build_object('ZZMC', face->>'name', 'ZZHM', face->>'id_code', 'CYRMC', face->>'holder_name',
    'CYRSFZJHM', p_holder, 'FZJGMC', face->>'issue_org_name', 'FZRQ', face->>'issue_date', 'YXQKSRQ', face->>'issue_date',
    'YXQJSRQ', '长期');
  own := case p_type
    when 'household_register' then jsonb_build_object('HZ_XM', guardian,
      'YHZGXDM', case when p_holder = p_session.guardian_id_no then '02' when is_female then '30' else '20' end,
      'HJDZ', address, 'HB', '家庭户', 'QRRQ', face->>'issue_date', 'MZ', '01', 'XB', case when is_female then '2' else '1' end)
    when 'real_estate' then jsonb_build_object('ZL', address, 'QLLX', '国有建设用地使用权/房屋所有权', 'YT', '住宅')
    when 'birth_certificate' then jsonb_build_object('XSEXM', face->>'holder_name',
      'XSEXB', case when is_female then '2' else '1' end, 'CSRQ', born,
      case when substr(p_session.guardian_id_no, 17, 1)::int % 2 = 0 then 'MQXM' else 'FQXM' end, guardian)
    else jsonb_build_object('XB', case when is_female then '2' else '1' end, 'MZ', '01', 'CSRQ', born, 'ZZ', address) end;
  return (fields || own)::json;
end $$;
