-- content_list: what is published of a kind, each text's newest version. Public. Codes: ok, not_found (no such kind).
create or replace function enroll.content_list(p_ref text, p_kind text, out code text, out answer jsonb)
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  if p_kind not in ('guide', 'policy', 'consent') then
    code := 'not_found';
    return;
  end if;
  code := 'ok';
  select jsonb_build_object('kind', p_kind, 'items', coalesce(jsonb_agg(jsonb_build_object('slug', n.slug, 'title', n.title,
      'version', n.version, 'published_at', beijing_time(n.published_at)) order by n.slug), '[]'))
    into answer
    from (select distinct on (c.slug) c.slug, c.title, c.version, c.published_at from content c
           where c.kind = p_kind order by c.slug, c.published_at desc) n;
end $$;
grant execute on function enroll.content_list(text, text) to enroll_content;
