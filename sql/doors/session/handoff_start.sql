-- handoff_start: a code for another phone of the same account. Called by session for POST /api/handoffs. It names a page and
-- perhaps a child, and carries no session and no right. An earlier code of the account that nobody has opened is void.
-- Codes: ok (in answer), not_signed_in, identity_check_required, not_found (nobody's child or another's).
create or replace function enroll.handoff_start(
  p_session bytea, p_ref text, p_token_hash bytea, p_page text, p_student uuid, p_section text, out code text, out answer jsonb)
language plpgsql security definer set search_path = enroll, pg_temp as $$
declare
  who record;
  h handoff;
begin
  select * into who from signed_in_alone(p_session, false);
  code := who.code;
  if code = 'ok' then
    perform from student s where s.id = p_student and s.guardian_id = who.guardian_id and s.removed_at is null;
    if p_student is not null and not found then
      code := 'not_found';
    end if;
  end if;
  if code = 'ok' then
    delete from handoff o where o.guardian_id = who.guardian_id and o.opened_at is null;
    insert into handoff (token_hash, guardian_id, page, student_id, section)
    values (p_token_hash, who.guardian_id, p_page, p_student, p_section) returning * into h;
    answer := handoff_json(h);
  end if;
  perform audit_put(p_ref, 'handoff_start', code, who.guardian_id, case when code = 'ok' then p_student end);
end $$;
grant execute on function enroll.handoff_start(bytea, text, bytea, text, uuid, text) to enroll_session;

-- handoff_json: how a code stands, and when to ask again. Who has opened it is followed for an hour.
create or replace function enroll.handoff_json(h enroll.handoff) returns jsonb
language plpgsql stable set search_path = enroll, pg_temp as $$
declare
  v_status text := case
    when h.opened_at is null and h.expires_at <= now() then 'expired'
    when h.opened_at is null then 'waiting'
    when handoff_is_done(h) then 'done'
    else 'opened' end;
begin
  return jsonb_build_object('id', h.id, 'status', v_status, 'expires_at', beijing_time(h.expires_at),
    'expires_in_s', greatest(0, ceil(extract(epoch from h.expires_at - now())))::int,
    'poll_after_ms', case
      when v_status = 'waiting' then 2000
      when v_status = 'opened' and h.opened_at > now() - interval '1 hour' then 3000
      else 0 end);
end $$;

-- handoff_is_done: is the step that the code names behind these children?
create or replace function enroll.handoff_is_done(h enroll.handoff) returns boolean
language plpgsql stable set search_path = enroll, pg_temp as $$
begin
  return not exists (
    select from student s
     where s.guardian_id = h.guardian_id and s.removed_at is null and (h.student_id is null or s.id = h.student_id)
       and student_next(s, (select a.status from application a where a.student_id = s.id)) = any (case h.page
         when 'bind' then array['route', 'bind']
         when 'apply' then array['route', 'bind', 'authorize', 'enroll']
         else array['route', 'bind', 'authorize'] end));
end $$;
