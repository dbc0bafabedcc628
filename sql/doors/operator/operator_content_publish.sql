-- operator_content_publish: publish a text; the same text again changes nothing. Old versions stay: consents name them.
-- Called by enrollctl. The version is the Beijing date, from the second of a day on with a number behind. Codes: ok.
create or replace function enroll.operator_content_publish(
  p_kind text, p_slug text, p_title text, p_source text, p_html text, out code text, out version text, out is_new boolean)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  today text := to_char(now() at time zone 'Asia/Shanghai', 'YYYY-MM-DD');
  newest content;
  n int;
begin
  code := 'ok';
  perform pg_advisory_xact_lock(hashtext('enroll.content'));
  select * into newest from content c where c.kind = p_kind and c.slug = p_slug order by c.published_at desc limit 1;
  is_new := not found or newest.source <> p_source or newest.html <> p_html;
  version := newest.version;
  if not is_new then
    perform audit_put('00000000', 'content_publish', 'unchanged', null, null, jsonb_build_object('kind', p_kind, 'slug', p_slug));
    return;
  end if;
  n := (select count(*) from content c
         where c.kind = p_kind and c.slug = p_slug and (c.version = today or c.version like today || '.%'));
  version := today || case when n = 0 then '' else '.' || n + 1 end;
  insert into content (kind, slug, version, title, source, html) values (p_kind, p_slug, version, p_title, p_source, p_html);
  perform audit_put('00000000', 'content_publish', code, null, null,
    jsonb_build_object('kind', p_kind, 'slug', p_slug, 'version', version));
end $$;
grant execute on function enroll.operator_content_publish(text, text, text, text, text) to enroll_operator;
