-- home_address: where the family of this guardian lives, the same at every look.
create function sandbox.home_address(p_guardian_id_no text) returns text
language plpgsql immutable set search_path = sandbox, pg_temp as $$
declare
  streets text[] := array['江南街道梅水路', '江南街道彬芳大道', '金山街道文化路', '金山街道凌风东路', '西郊街道月梅路',
    '城北镇环市北路', '三角镇梅松路', '长沙镇学前路'];
  n int := ('x' || substr(md5(p_guardian_id_no), 1, 7))::bit(28)::int;
begin
  return '广东省梅州市梅江区' || streets[1 + n % array_length(streets, 1)] || (1 + n / 8 % 180) || '号';
end $$;
