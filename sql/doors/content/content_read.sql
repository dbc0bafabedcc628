-- content_read: one published text: the version named, or the newest (p_version null). Public. Codes: ok, not_found.
create or replace function enroll.content_read(p_ref text, p_kind text, p_slug text, p_version text, out code text, out answer jsonb)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  select jsonb_build_object('kind', c.kind, 'slug', c.slug, 'title', c.title, 'version', c.version,
      'published_at', beijing_time(c.published_at), 'html', c.html)
    into answer
    from content c where c.kind = p_kind and c.slug = p_slug and c.version = coalesce(p_version, c.version)
   order by c.published_at desc limit 1;
  code := case when found then 'ok' else 'not_found' end;
end $$;
grant execute on function enroll.content_read(text, text, text, text) to enroll_content;
