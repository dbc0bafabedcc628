-- family_put: make a particular family, or replace the one of this guardian. Called by POST /sandbox/control/families.
-- What is null is as for anybody. Codes: ok.
create function sandbox.family_put(p_name text, p_id_no text, p_children jsonb, p_licenses jsonb, p_wards_linked jsonb,
  p_face text, p_level text, out code text)
language plpgsql set search_path = sandbox, pg_temp as $$
begin
  code := 'ok';
  insert into family (guardian_id_no, guardian_name, children, licenses, wards_linked, face, level)
    values (p_id_no, p_name, coalesce(p_children, '[]'), p_licenses, p_wards_linked, coalesce(p_face, 'self'),
      coalesce(p_level, 'L2'))
    on conflict (guardian_id_no) do update set (guardian_name, children, licenses, wards_linked, face, level, made_at) =
      (excluded.guardian_name, excluded.children, excluded.licenses, excluded.wards_linked, excluded.face, excluded.level, now());
end $$;
