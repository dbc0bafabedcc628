// Doors that could meet, run beside each other: locks are taken in one order (sql/README.md), so that no two ever wait for each
// other. A database of its own, two families; rows that are written pause for a moment, so that whoever can meet does.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { before, test } from "node:test";
import { Instance } from "../harness/instance.mjs";

const ROUNDS = 25;
const instance = await Instance.shared();
const database = "enroll_locks";
const run = await instance.runFolder();
const folder = dirname(fileURLToPath(import.meta.url));

/** psql with a script; every statement is a transaction. {stdout, stderr} */
function psql(script) {
  const child = spawn("psql", ["-X", "-q", "-A", "-t", "-h", run, "-U", "postgres", "-d", database]);
  const out = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) child[name].on("data", (data) => (out[name] += data));
  child.stdin.end(`set deadlock_timeout = '50ms';\n${script}`);
  return new Promise((done) => child.on("close", () => done(out)));
}

// The families of the other tests' doors, kept in a schema instead of a session.
const support = readFileSync(join(folder, "support/account.psql"), "utf8").replaceAll("pg_temp.", "stress.").replace(/^.*(pgtap|no_plan).*$/gm, "");
const fixture = `
create schema stress;
${support}
create function stress.phone_of(p_word text) returns bytea language sql as $$
  select p.phone_index from enroll.phone p join enroll.guardian g on g.id = p.guardian_id
   where g.id_no_index = stress.b('guardian ' || p_word) and p.until is null $$;
create function stress.hash_of(p_word text) returns text language sql as $$
  select w.hash from enroll.password w join enroll.guardian g on g.id = w.guardian_id
   where g.id_no_index = stress.b('guardian ' || p_word) and w.until is null $$;
-- Nobody has guessed, nobody is limited: so that every door goes all the way.
create function stress.relax() returns void language plpgsql as $$
begin
  delete from enroll.guess where (kind, key) in (select kind, key from enroll.guess for update skip locked);
  update enroll.guardian set limited_since = null where id in (select id from enroll.guardian where limited_since is not null for update skip locked);
end $$;
-- The browser p_visit has just shown the WeChat p_openid.
create function stress.visit(p_visit text, p_openid text) returns void language sql as $$
  insert into enroll.wechat_visit (token_hash, state_hash, next_path, code_hash, openid, openid_index, wechat_row, seen_at, expires_at)
  values (stress.b(p_visit), stress.b(p_visit), '/', stress.b(p_visit), '\\x00', stress.b('openid ' || p_openid), gen_random_uuid(), now(), now() + interval '1 hour') $$;
-- An account of the moment, with messages under way.
create function stress.passing(p_word text) returns uuid language plpgsql as $$
declare
  v_guardian uuid := (select r.guardian_id from stress.register(p_word) r);
begin
  insert into enroll.outbox (template, phone_id) select 'phone_changed', p.id from enroll.phone p, generate_series(1, 4) where p.guardian_id = v_guardian;
  return v_guardian;
end $$;
-- Twins that both families name; an errand for both of them.
create function stress.twins(p_word text) returns void language sql as $$
  insert into enroll.student (id, guardian_id, name, name_mask, id_no, id_no_index, id_no_mask, birth_date, is_female, route)
  select gen_random_uuid(), g.id, 'Twin', 'T**', '\\x00', stress.b('twin ' || n), '4**', '2020-01-01', false, 'licences'
    from enroll.guardian g, generate_series(1, 2) n where g.id_no_index = stress.b('guardian ' || p_word)
   order by case p_word when 'a' then n else -n end $$;
create function stress.errand(p_word text, p_n text, p_status text) returns void language plpgsql as $$
declare
  v_guardian uuid := (select id from enroll.guardian where id_no_index = stress.b('guardian ' || p_word));
begin
  update enroll.student set binding_status = 'none', proven_at = null where id in (
    select id from enroll.student where name = 'Twin' and guardian_id = v_guardian for update skip locked);
  insert into enroll.errand (id, purpose, guardian_id, device, state_hash, code_hash, status, expires_at, provider_session)
  values (md5(p_n)::uuid, 'bind', v_guardian, '\\x01', stress.b(p_n), stress.b('code' || p_n), p_status, now() + interval '1 hour',
    case p_status when 'pending' then p_n end);
  insert into enroll.errand_student (errand_id, student_id) select md5(p_n)::uuid, id from enroll.student where guardian_id = v_guardian and name = 'Twin';
end $$;
create view stress.last as select case when g.id_no_index = stress.b('guardian a') then 'a' else 'b' end as word,
    min(s.id::text)::uuid as student_id
  from enroll.student s join enroll.guardian g on g.id = s.guardian_id where s.name = 'Twin' group by 1;
grant select on stress.last to public;
-- A round begins anew, which no door does.
alter table enroll.student disable trigger transition_binding;
create function stress.pause() returns trigger language plpgsql as $$ begin perform pg_sleep(0.002); return coalesce(new, old); end $$;
do $$
declare
  t text;
begin
  foreach t in array array['guess', 'guardian', 'student', 'wechat', 'session', 'errand', 'outbox', 'delivery', 'phone', 'application'] loop
    execute format('create trigger before_it before insert or update or delete on enroll.%I for each row execute function stress.pause()', t);
    execute format('create trigger stress after insert or update or delete on enroll.%I for each row execute function stress.pause()', t);
  end loop;
end $$;
select stress.register('a'), stress.register('b');
select stress.twins('a'), stress.twins('b');
grant usage on schema stress to public;
`;

before(async () => {
  await instance.migrated(database);
  const { stderr } = await psql(`\\set ON_ERROR_STOP 1\n${fixture}`);
  assert.equal(stderr, "");
});

const b = (word) => `stress.b('${word}')`;
const doors = {
  recover: (w, n) => `
    select code from enroll.recover_begin('r', ${b("at")}, ${b(`d${n}`)}, null, ${b(`guardian ${w}`)}, ${b(`student ${w}`)});
    select code from enroll.recover_finish('r', ${b("at")}, null, ${b(`guardian ${w}`)}, 'Guardian ${w}', ${b(`student ${w}`)}, 'Student ${w}', 'h${n}',
      ${b(`t${n}`)}, ${b(`d${n}`)}, '', false, null, null, '{}', ${b(`u${n}`)}, null, null);`,
  phone: (w, n) => `
    select code from enroll.recover_phone('r', ${b("at")}, null, null, ${b(`guardian ${w}`)}, 'Guardian ${w}', ${b(`student ${w}`)}, 'Student ${w}',
      stress.phone_of('${w}'), gen_random_uuid(), '\\x00', ${b(`phone ${n}`)}, '1', ${b(`d${n}`)}, false, ${b(`u${n}`)}, null, null);`,
  signIn: (w, n, visit = "") => `
    select code from enroll.session_begin('r', ${b("at")}, ${b(`d${n}`)}, ${b(visit)}, stress.phone_of('${w}'));
    select code from enroll.session_finish('r', ${b("at")}, ${b(visit)}, stress.phone_of('${w}'), true, stress.hash_of('${w}'), null, ${b(`t${n}`)},
      ${b(`d${n}`)}, '', true, 'phone', stress.phone_of('${w}'));
    select stress.relax();`,
  // A session that was not used for a while: its use is written down.
  late: (n) => `update enroll.session set last_seen_at = now() - interval '6 minutes' where token_hash = ${b(`t${n}`)};`,
  password: (w, n) => `${doors.signIn(w, n)}${doors.late(n)}
    select code from enroll.account_begin(${b(`t${n}`)}, 'r');
    ${doors.late(n)}
    select code from enroll.account_password(${b(`t${n}`)}, 'r', true, stress.hash_of('${w}'), 'h${n}', ${b(`u${n}`)}, null, null);`,
  endOthers: (w, n) => `${doors.signIn(w, n)}${doors.late(n)}
    select code from enroll.session_end_others(${b(`t${n}`)}, 'r');`,
  undo: (w) => `
    select code from enroll.recover_undo('r', (select u.token_hash from enroll.undo u join enroll.guardian g on g.id = u.guardian_id
      where u.ended_at is null and g.id_no_index = ${b(`guardian ${w}`)} order by u.id desc limit 1), ${b("d")});
    select stress.relax();`,
  signInWithWechat: (w, n) => `select stress.visit('v${n}', 'x'); ${doors.signIn(w, n, `v${n}`)}`,
  wechat: (w, n) => `select stress.visit('v${n}', 'x');
    select code from enroll.wechat_finish('r', ${b(`v${n}`)}, null, ${b(`t${n}`)}, ${b(`d${n}`)}, '');`,
  addChild: (w, n) => `${doors.signIn(w, n)}${doors.late(n)}
    select code from enroll.student_add(${b(`t${n}`)}, 'r', gen_random_uuid(), 'C', 'C', '\\x00', ${b(`student ${w}`)}, '4', '2020-01-01', true);`,
  passing: (w, n) => `select stress.passing('${n}') as id \\gset
    select pg_sleep(0.02);
    select code from enroll.operator_account_remove(:'id', 'r');`,
  courier: () => `select code from enroll.courier_take(20);
    select format('select code from enroll.courier_settle(%L, ''http_500'', false)', outbox_id) from enroll.delivery where outcome is null \\gexec`,
  prove: (w, n) => `select stress.errand('${w}', '${n}', 'pending');
    set session authorization enroll_bind;
    select code from enroll.errand_settle('r', md5('${n}')::uuid, ${b(n)}, 'completed', ${b(`guardian ${w}`)}, 'Guardian ${w}', 'G**', 2, 1,
      array[${b("twin 1")}, ${b("twin 2")}], '{Twin,Twin}', '{T,T}', '{household_register,identity_credential,household_register,identity_credential}',
      array[${b("twin 1")}, ${b("twin 1")}, ${b("twin 2")}, ${b("twin 2")}], null, null, 0, 0, '{}', '{}');
    reset session authorization;`,
  launch: (w, n) => `${doors.signIn(w, n)}${doors.late(n)} select stress.errand('${w}', '${n}', 'launching');
    set session authorization enroll_bind;
    select code from enroll.errand_launched(${b(`t${n}`)}, 'r', md5('${n}')::uuid, '${n}', 'http://x/', 4102444800000);
    reset session authorization;`,
  takeName: (w, n) => `${doors.signIn(w, n)}${doors.late(n)}
    set session authorization enroll_bind;
    select code from enroll.student_change(${b(`t${n}`)}, 'r', (select student_id from stress.last where word = '${w}'), null, null, null, null, null, null,
      null, null, null, true);
    reset session authorization;`,
};

let turns = 0;
/** One worker: a door again and again. */
const worker = ([door, word]) => psql(Array.from({ length: ROUNDS }, () => doors[door](word, `n${++turns}`)).join("\n"));
const deadlocks = async () => Number((await instance.sql(`select deadlocks from pg_stat_database where datname = '${database}'`, { database: "postgres" }))[0][0]);

const meetings = {
  "a recovery, a change of phone by facts, and sign-ins of one family": [["recover", "a"], ["phone", "a"], ["signIn", "a"], ["signIn", "a"]],
  "a new password after a pause, a recovery, and an undoing": [["password", "a"], ["recover", "a"], ["undo", "a"], ["password", "a"]],
  "ending all other sessions and an undoing": [["endOthers", "a"], ["undo", "a"], ["password", "a"], ["wechat", "a"]],
  "one WeChat between two families, and signing in by it": [["signInWithWechat", "a"], ["signInWithWechat", "b"], ["wechat", "a"], ["endOthers", "a"]],
  "a child added, and a recovery by that child": [["addChild", "a"], ["recover", "a"], ["phone", "a"], ["addChild", "a"]],
  "messages under way and accounts that go": [["passing", "p"], ["courier", ""], ["passing", "q"], ["courier", ""]],
  "twins whom two families name: proven by one, launched and spelt by the other": [["prove", "a"], ["launch", "b"], ["takeName", "a"], ["prove", "b"], ["takeName", "b"]],
};

for (const [words, workers] of Object.entries(meetings)) {
  test(`no two wait for each other: ${words}`, async () => {
    const earlier = await deadlocks();
    const outs = await Promise.all(workers.map(worker));
    for (const [i, { stdout, stderr }] of outs.entries()) {
      assert.equal(stderr, "", workers[i].join(" "));
      assert.match(stdout, /^ok$/m, `${workers[i].join(" ")} did nothing`);
    }
    assert.equal((await deadlocks()) - earlier, 0);
  });
}
