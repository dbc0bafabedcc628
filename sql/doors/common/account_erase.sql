-- account_erase: everything that is kept about one guardian and his children goes, the guardian last; what stays is the audit
-- trail, which knows numbers of rows only. A table that refers to a person, a message's recipient or an errand has its line
-- here (tests/sql/erase.sql counts them). Children that he had proven are free again. What others may write beside the guardian's
-- row is locked first: a proof of the same child, a WeChat that moves to another account, a notice. Called by doors alone, with
-- the guardian's row locked for update.
create or replace function enroll.account_erase(p_guardian uuid) returns void
language plpgsql set search_path = enroll, pg_temp as $$
declare
  v_child student;
begin
  perform child_lock(array[p_guardian]);
  perform from wechat w where w.guardian_id = p_guardian order by w.id for update;
  perform from errand e where e.guardian_id = p_guardian order by e.id for update;
  for v_child in select * from student o where o.guardian_id = p_guardian and o.proven_at is not null and o.removed_at is null order by o.id loop
    update student set removed_at = now() where id = v_child.id;
    perform student_free('00000000', v_child);
  end loop;
  delete from application a where a.guardian_id = p_guardian;
  delete from license l where l.guardian_id = p_guardian;
  delete from license_request q using signing n where n.id = q.signing_id and n.guardian_id = p_guardian;
  delete from signing n where n.guardian_id = p_guardian;
  delete from provider_event v using errand e where e.id = v.errand_id and e.guardian_id = p_guardian;
  delete from errand_student s using errand e where e.id = s.errand_id and e.guardian_id = p_guardian;
  delete from errand e where e.guardian_id = p_guardian;
  delete from outbox o
   where o.phone_id in (select p.id from phone p where p.guardian_id = p_guardian)
      or o.wechat_id in (select w.id from wechat w where w.guardian_id = p_guardian);
  delete from undo u where u.guardian_id = p_guardian;
  delete from handoff h where h.guardian_id = p_guardian;
  delete from session s where s.guardian_id = p_guardian;
  delete from device d where d.guardian_id = p_guardian;
  -- A link moves within one visit with its row: another account's sessions may have begun in it.
  update session s set wechat_id = null from wechat w where w.id = s.wechat_id and w.guardian_id = p_guardian;
  delete from consent c where c.guardian_id = p_guardian;
  delete from wechat w where w.guardian_id = p_guardian;
  delete from password w where w.guardian_id = p_guardian;
  delete from phone p where p.guardian_id = p_guardian;
  delete from student s where s.guardian_id = p_guardian;
  delete from guardian g where g.id = p_guardian;
end $$;
