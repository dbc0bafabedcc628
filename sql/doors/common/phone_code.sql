-- The code that proves a phone. One row a purpose and phone: the newest code counts. It holds the HMAC of purpose, phone and code
-- under a key that is not here. Called by doors alone; a door that is given no code (null) is not asked for proof.

-- phone_code_send: a code for this phone, if one may be sent now. Who the phone belongs to is told to the phone alone: to the
-- caller an account's phone is like any other, but its message says so and holds no code. p_phone and p_token are sealed for the
-- message p_outbox_id. Codes: ok, too_many_attempts.
create or replace function enroll.phone_code_send(
  p_ref text, p_address bytea, p_purpose text, p_phone_index bytea, p_phone_code bytea, p_outbox_id uuid, p_phone bytea,
  p_token bytea, p_guardian uuid default null, out code text, out retry_after_s int)
language plpgsql set search_path = enroll, pg_temp as $$
declare
  v_is_taken boolean := exists (select from phone p where p.phone_index = p_phone_index and p.until is null);
begin
  retry_after_s := phone_code_book(p_address, p_phone_index);
  code := case when retry_after_s > 0 then 'too_many_attempts' else 'ok' end;
  if code = 'ok' then
    insert into phone_code (purpose, phone_index, code_hash) values (p_purpose, p_phone_index, p_phone_code)
    on conflict (purpose, phone_index) do update set code_hash = excluded.code_hash, tries = 0, expires_at = excluded.expires_at;
    insert into outbox (id, template, phone, token, expires_at)
    values (p_outbox_id, case when v_is_taken then 'phone_code_taken' else 'phone_code' end, p_phone,
      case when not v_is_taken then p_token end, now() + interval '10 minutes');
  end if;
  perform audit_put(p_ref, 'phone_code', code, p_guardian, null, jsonb_build_object('purpose', p_purpose));
end $$;

-- phone_code_bounds: what is counted of a code. A phone gets one a minute, 5 an hour and 10 a day, then none; an address, which
-- a whole school may share, is only slowed: beyond 300 an hour one each 3 seconds, beyond 3,000 a day one each 10.
create or replace function enroll.phone_code_bounds(p_address bytea, p_phone_index bytea)
returns table (kind text, key bytea, period interval, most int, pause interval, is_hard boolean)
language plpgsql immutable set search_path = enroll, pg_temp as $$
begin
  return query values
    ('code_address_day', p_address, interval '1 day', 3000, interval '10 seconds', false),
    ('code_address_hour', p_address, interval '1 hour', 300, interval '3 seconds', false),
    ('code_phone_day', p_phone_index, interval '1 day', 10, interval '1 minute', true),
    ('code_phone_hour', p_phone_index, interval '1 hour', 5, interval '1 minute', true);
end $$;

-- phone_code_book: count one code more, or say in how many seconds the next may be sent; then nothing is counted.
create or replace function enroll.phone_code_book(p_address bytea, p_phone_index bytea) returns int
language plpgsql set search_path = enroll, pg_temp as $$
declare
  v_until timestamptz;
begin
  insert into guess (kind, key) select b.kind, b.key from phone_code_bounds(p_address, p_phone_index) b on conflict do nothing;
  perform from guess g join phone_code_bounds(p_address, p_phone_index) b using (kind, key) order by g.kind for update of g;
  update guess g set since = now(), count = 0
    from phone_code_bounds(p_address, p_phone_index) b
   where g.kind = b.kind and g.key = b.key and g.since <= now() - b.period;
  select max(greatest(g.next_at, case when b.is_hard and g.count >= b.most then g.since + b.period end)) into v_until
    from guess g join phone_code_bounds(p_address, p_phone_index) b using (kind, key);
  if v_until > clock_timestamp() then
    return greatest(1, ceil(extract(epoch from v_until - clock_timestamp())));
  end if;
  update guess g set count = g.count + 1,
    next_at = case when b.is_hard or g.count + 1 >= b.most then clock_timestamp() + b.pause end
    from phone_code_bounds(p_address, p_phone_index) b
   where g.kind = b.kind and g.key = b.key;
  return 0;
end $$;

-- phone_code_judge: is this the code that the phone was sent? A try is booked before judging, over all addresses: of many at the
-- same instant five are judged. A right one takes its own booking back and is still there for phone_code_use.
create or replace function enroll.phone_code_judge(p_purpose text, p_phone_index bytea, p_phone_code bytea) returns boolean
language plpgsql set search_path = enroll, pg_temp as $$
declare
  v_hash bytea;
begin
  if p_phone_code is null then
    return true;
  end if;
  update phone_code c set tries = c.tries + 1
   where c.purpose = p_purpose and c.phone_index = p_phone_index and c.tries < 5 and c.expires_at > now()
  returning c.code_hash into v_hash;
  if not phone_code_is_equal(v_hash, p_phone_code) then
    return false;
  end if;
  update phone_code c set tries = c.tries - 1 where c.purpose = p_purpose and c.phone_index = p_phone_index;
  return true;
end $$;

-- phone_code_use: the code has done its work, in the transaction of what it proved; false if another has used or replaced it
-- since it was judged.
create or replace function enroll.phone_code_use(p_purpose text, p_phone_index bytea, p_phone_code bytea) returns boolean
language plpgsql set search_path = enroll, pg_temp as $$
begin
  if p_phone_code is null then
    return true;
  end if;
  delete from phone_code c
   where c.purpose = p_purpose and c.phone_index = p_phone_index and phone_code_is_equal(c.code_hash, p_phone_code);
  return found;
end $$;

-- phone_code_is_equal: the same? Compared under a salt of this moment, so that no time taken tells how far two agree.
create or replace function enroll.phone_code_is_equal(p_one bytea, p_other bytea) returns boolean
language plpgsql volatile set search_path = enroll, pg_temp as $$
declare
  v_salt bytea := uuid_send(gen_random_uuid());
begin
  return coalesce(sha256(v_salt || p_one) = sha256(v_salt || p_other), false);
end $$;
