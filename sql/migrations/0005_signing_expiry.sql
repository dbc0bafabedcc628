-- A signing that has run out still holds its code: found by this index, its students are judged anew and the code goes.

set role enroll_owner;

create index signing_expiry on enroll.signing (expires_at) where code is not null;

reset role;
