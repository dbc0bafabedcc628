-- What happened in the last minutes is asked on the opening morning, when the trail grows fastest: a BRIN index costs the doors
-- next to nothing.
set role enroll_owner;
create index audit_at on enroll.audit using brin (at) with (pages_per_range = 16, autosummarize = on);
reset role;
