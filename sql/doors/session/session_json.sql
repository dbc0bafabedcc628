-- session_json: who is signed in, as GET and POST /api/session answer it; one statement, for it is asked at every page.
-- p_wechat is the browser's visit. Called by session's doors alone.
drop function if exists enroll.session_json(uuid, uuid);
create or replace function enroll.session_json(p_guardian uuid, p_session uuid, p_wechat bytea) returns jsonb
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return (
    select jsonb_build_object(
      'guardian', jsonb_build_object(
        'name', g.name_mask, 'id_no', g.id_no_mask, 'phone', p.phone_mask, 'limited', g.limited_since is not null,
        'password_void', not exists (select from password w where w.guardian_id = g.id and w.until is null),
        'wechat', coalesce((
          select jsonb_agg(jsonb_build_object('id', w.id, 'linked_at', beijing_time(w.linked_at),
              'this', w.id is not distinct from h.wechat_id)
              || case when w.name is null then '{}' else jsonb_build_object('name', w.name) end order by w.linked_at, w.id)
            from wechat w where w.guardian_id = g.id and w.unlinked_at is null), '[]')),
      'students', coalesce((
        select jsonb_agg(student_json(s, g.limited_since is not null) order by s.created_at, s.id)
          from student s where s.guardian_id = g.id and s.removed_at is null), '[]'),
      'wechat_here', session_wechat(g.id, h.wechat_id, p_wechat),
      'ends_in_s', session_ends_in_s(h))
      from guardian g
      left join phone p on p.guardian_id = g.id and p.until is null
      left join session h on h.id = p_session
     where g.id = p_guardian);
end $$;

-- session_wechat: is the WeChat in hand one of the account's? What this browser has just shown decides; without it, the one that
-- the session was made in. "other" is said of an unlinked one and of another account's alike; none: nothing is known.
create or replace function enroll.session_wechat(p_guardian uuid, p_link uuid, p_wechat bytea) returns text
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  if p_wechat is not null and exists (select from wechat_visit v
      where v.token_hash = p_wechat and v.openid_index is not null and not v.is_virtual and v.expires_at > now()) then
    return case when wechat_here(p_guardian, p_wechat) is not null then 'linked' else 'other' end;
  end if;
  return case when exists (select from wechat w where w.id = p_link and w.guardian_id = p_guardian and w.unlinked_at is null)
    then 'linked' else 'none' end;
end $$;
