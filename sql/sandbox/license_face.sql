-- license_face: what stands outside on a licence: the members of license/auth's data. license_type is the contract's word
-- (household_register, identity_credential, real_estate, birth_certificate), name the Chinese one.
create function sandbox.license_face(p_session session, p_type text, p_holder text) returns jsonb
language plpgsql stable set search_path = sandbox, pg_temp as $$
declare
  digits text := translate(substr(md5(p_type || p_holder), 1, 12), 'abcdef', '012345');
  issued date := date '2020-03-01' + (('x' || substr(md5(p_holder), 1, 6))::bit(24)::int % 1500);
begin
  return jsonb_build_object(
    'license_code', upper(left(p_type, 1)) || '44' || digits,
    'name', case p_type when 'household_register' then '居民户口簿' when 'identity_credential' then '居民身份电子凭证'
      when 'real_estate' then '不动产权证' else '出生医学证明' end,
    'license_type', p_type,
    'id_code', case p_type when 'real_estate'
        then '粤（' || extract(year from issued) || '）梅州市不动产权第' || substr(digits, 1, 7) || '号'
      when 'birth_certificate' then 'U44' || substr(digits, 1, 7)
      when 'household_register' then '4414' || substr(digits, 1, 8) else p_holder end,
    'holder_name', holder_name(p_session, p_holder),
    'holder_identity_type', '10',
    'holder_identity_num', p_holder,
    'issue_org_name', case p_type when 'real_estate' then '梅州市自然资源局'
      when 'birth_certificate' then '梅州市妇幼保健院' else '梅州市公安局梅江分局' end,
    'issue_date', to_char(issued, 'YYYY-MM-DD'),
    'expiry_date', '9999-12-31',
    'license_status', 'ISSUED');
end $$;
