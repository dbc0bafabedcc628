-- session_json: who is signed in, as GET and POST /api/session answer it; one statement, for it is asked at every page.
-- Called by session's doors alone.
create or replace function enroll.session_json(p_guardian uuid, p_session uuid) returns jsonb
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return (
    select jsonb_build_object(
      'guardian', jsonb_build_object(
        'name', g.name_mask, 'id_no', g.id_no_mask, 'phone', p.phone_mask, 'limited', g.limited_since is not null,
        'password_void', not exists (select from password w where w.guardian_id = g.id and w.until is null),
        'wechat', coalesce((
          select jsonb_agg(jsonb_build_object('id', w.id, 'linked_at', beijing_time(w.linked_at),
              'this', w.id is not distinct from h.wechat_id) order by w.linked_at, w.id)
            from wechat w where w.guardian_id = g.id and w.unlinked_at is null), '[]')),
      'students', coalesce((
        select jsonb_agg(student_json(s, g.limited_since is not null) order by s.created_at, s.id)
          from student s where s.guardian_id = g.id and s.removed_at is null), '[]'))
      from guardian g
      left join phone p on p.guardian_id = g.id and p.until is null
      left join session h on h.id = p_session
     where g.id = p_guardian);
end $$;
