-- The four facts at recovery: how they are booked, judged, and what follows for the account when they are right. Called by
-- recover's doors alone.

-- facts_book: books the attempt as failed, on the guardian and on the child, or on the own budget of a browser or WeChat
-- that the account knows (then kind and key name it, and what strangers do at the same address is nothing to it).
create or replace function enroll.facts_book(
  p_address bytea, p_device bytea, p_wechat bytea, p_guardian_index bytea, p_student_index bytea,
  out allowed boolean, out retry_after_s int, out kind text, out key bytea)
language plpgsql set search_path = enroll, pg_temp as $$
begin
  select o.kind, o.key into kind, key
    from guess_own((select g.id from guardian g where g.id_no_index = p_guardian_index), p_device, p_wechat) o;
  if kind is not null then
    select b.allowed, b.retry_after_s into allowed, retry_after_s from guess_book(kind, key, 20) b;
    return;
  end if;
  select a.allowed, a.retry_after_s into allowed, retry_after_s from address_check(p_address) a;
  if not allowed then
    return;
  end if;
  select b.allowed, b.retry_after_s into allowed, retry_after_s from guess_book('guardian', p_guardian_index, 20) b;
  if allowed then
    select b.allowed, b.retry_after_s into allowed, retry_after_s from guess_book('child', p_student_index, 20) b;
    if not allowed then
      perform guess_take_back('guardian', p_guardian_index);
    end if;
  end if;
end $$;

-- facts_hold: holds what facts_book has booked, before the guardian's row.
create or replace function enroll.facts_hold(p_kind text, p_key bytea, p_guardian_index bytea, p_student_index bytea) returns void
language plpgsql set search_path = enroll, pg_temp as $$
begin
  if p_kind is not null then
    perform guess_hold(p_kind, p_key);
  else
    perform guess_hold('guardian', p_guardian_index);
    perform guess_hold('child', p_student_index);
  end if;
end $$;

-- facts_take_back: undoes what facts_book has booked.
create or replace function enroll.facts_take_back(p_kind text, p_key bytea, p_guardian_index bytea, p_student_index bytea)
returns void
language plpgsql set search_path = enroll, pg_temp as $$
begin
  if p_kind is not null then
    perform guess_take_back(p_kind, p_key);
  else
    perform guess_take_back('guardian', p_guardian_index);
    perform guess_take_back('child', p_student_index);
  end if;
end $$;

-- facts_guardian: whose account is it, if all four facts belong together, and the current phone with them where it is asked
-- for? Null otherwise. Its row is locked; a lock is a write, so nobody gets as far who could learn from how long it takes. Under
-- the lock the facts are looked at again, for somebody may just have changed them.
drop function if exists enroll.facts_guardian(bytea, text, bytea, text);
create or replace function enroll.facts_guardian(
  p_guardian_index bytea, p_guardian_name text, p_student_index bytea, p_student_name text, p_phone_index bytea default null)
returns enroll.guardian
language plpgsql set search_path = enroll, pg_temp as $$
declare
  g guardian;
  v_guardian uuid := facts_match(p_guardian_index, p_guardian_name, p_student_index, p_student_name, p_phone_index);
begin
  if v_guardian is null then
    return null;
  end if;
  select * into g from guardian where id = v_guardian for no key update;
  if facts_match(p_guardian_index, p_guardian_name, p_student_index, p_student_name, p_phone_index) is distinct from g.id then
    return null;
  end if;
  return g;
end $$;

-- facts_match: the same without a lock. Every fact is looked up and compared, whatever the ones before it said, and what is not
-- found is compared with something all the same: known and unknown families take the same time.
create or replace function enroll.facts_match(
  p_guardian_index bytea, p_guardian_name text, p_student_index bytea, p_student_name text, p_phone_index bytea) returns uuid
language plpgsql stable set search_path = enroll, pg_temp as $$
declare
  nobody constant uuid := '00000000-0000-0000-0000-000000000000';
  v_guardian uuid;
  v_name text;
  v_student_name text;
  v_phone uuid;
  is_guardian boolean;
  is_student boolean;
begin
  select g.id, g.name into v_guardian, v_name from guardian g where g.id_no_index = p_guardian_index;
  select s.name into v_student_name from student s
   where s.guardian_id = coalesce(v_guardian, nobody) and s.id_no_index = p_student_index and s.removed_at is null;
  select p.id into v_phone from phone p
   where p.phone_index = p_phone_index and p.until is null and p.guardian_id = coalesce(v_guardian, nobody);
  is_guardian := name_same(coalesce(v_name, p_student_name), p_guardian_name);
  is_student := name_same(coalesce(v_student_name, p_guardian_name), p_student_name);
  return case when v_guardian is not null and is_guardian and v_student_name is not null and is_student
    and (p_phone_index is null or v_phone is not null) then v_guardian end;
end $$;
