-- The audit chain's arithmetic, alike for the courier, who chains, and for the operator, who recomputes it outside.

-- audit_text: every column of a row, in a form of its own that does not depend on settings.
create or replace function enroll.audit_text(a enroll.audit) returns text
language plpgsql immutable set search_path = enroll, pg_temp as $$
begin
  return jsonb_build_array(a.id, a.xid::text, (extract(epoch from a.at) * 1000000)::bigint, a.role, a.ref, a.action, a.outcome,
    a.guardian_id, a.student_id, a.detail)::text;
end $$;

-- audit_hash: SHA-256 over the hash before and this row.
create or replace function enroll.audit_hash(p_before bytea, a enroll.audit) returns bytea
language plpgsql immutable set search_path = enroll, pg_temp as $$
begin
  return sha256(p_before || convert_to(audit_text(a), 'UTF8'));
end $$;
