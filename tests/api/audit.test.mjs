// enrollctl audit verify, on a database of its own with a courier of its own: whatever is done to the trail behind the doors' back is
// found, and the first bad row is named.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Instance, until } from "../harness/instance.mjs";

const instance = await Instance.shared();
const database = "enroll_audit";
const config = await instance.migrated(database);
const anchorFile = join(instance.state, "log", "audit_test.anchor");
await rm(anchorFile, { force: true });
await writeFile(config, (await readFile(config, "utf8"))
  .replace(/^audit_anchor_file = .*$/m, `audit_anchor_file = ${anchorFile}`)
  .replace(/^message_url = .*\n/m, ""));

const sql = (text) => instance.sql(text, { database });
const number = async (text) => Number((await sql(text))[0][0]);
const note = (n) => sql(`insert into enroll.audit (ref, action, outcome) select lpad(i::text, 8, '0'), 'test', 'ok' from generate_series(1, ${n}) i`);
const lines = async () => (await readFile(anchorFile, "utf8")).split("\n").filter(Boolean);

function verify(...words) {
  return new Promise((done) => execFile(instance.executable("enrollctl"), ["--config", config, "audit", "verify", ...words],
    (error, stdout, stderr) => done({ code: error ? error.code : 0, said: stdout + stderr })));
}

/** A courier until everything is chained and anchored. */
async function chain() {
  const courier = spawn(instance.executable("courier"), ["--config", config], { stdio: "ignore" });
  const ended = new Promise((done) => courier.once("exit", done));
  await until("the head is anchored", async () => (await number(`select count(*) from enroll.audit a
    where not exists (select from enroll.audit_chain c where c.audit_id = a.id)`)) === 0
    && (await number("select coalesce((select max(seq) from enroll.audit_anchor), -1) - (select max(seq) from enroll.audit_chain)")) === 0, 20000);
  courier.kill("SIGTERM");
  assert.equal(await ended, 0);
}

async function isSound(words = /审计记录完整/) {
  const { code, said } = await verify();
  assert.equal(code, 0, said);
  assert.match(said, words);
}

/** Do something to the trail or its anchors, look at what verify says, and put everything back. */
async function tamper(change, words, alter = (text) => text) {
  const tables = ["audit", "audit_chain", "audit_anchor", "audit_checkpoint"];
  const before = await readFile(anchorFile, "utf8");
  await sql(tables.map((table) => `create table public.kept_${table} as select * from enroll.${table};`).join(" "));
  try {
    await sql(`set session_replication_role = replica; ${change}`);
    await writeFile(anchorFile, alter(before));
    const { code, said } = await verify();
    assert.equal(code, 1, said);
    assert.match(said, words);
  } finally {
    await writeFile(anchorFile, before);
    await sql(`set session_replication_role = replica; truncate ${tables.map((t) => `enroll.${t}`).join(", ")};
      ${tables.map((t) => `insert into enroll.${t} ${t === "audit" ? "overriding system value" : ""} select * from public.kept_${t}; drop table public.kept_${t};`).join(" ")}`);
  }
}

const idAt = (seq) => number(`select audit_id from enroll.audit_chain where seq = ${seq}`);
/** All of the chain made anew, as somebody would who knows how. */
const rechain = `do $$ declare h bytea := '\\x'; a enroll.audit; n bigint := 0; begin
  delete from enroll.audit_chain;
  for a in select * from enroll.audit order by xid, id loop
    n := n + 1; h := enroll.audit_hash(h, a); insert into enroll.audit_chain values (a.id, n, h);
  end loop; end $$;`;

await note(20);
await chain();
await note(20);
await chain();
await note(20);
await chain();

test("a trail that nobody touched verifies, each anchor included", async () => {
  assert.ok((await lines()).length >= 3);
  assert.ok(await number("select max(seq) from enroll.audit_chain") >= 60);
  await isSound(/[3-9] 个锚点/);
});

test("an altered row is named, whichever column it is", async () => {
  const id = await idAt(7);
  for (const change of ["outcome = 'forged'", "ref = '99999999'", "at = at + interval '1 second'", "guardian_id = gen_random_uuid()",
    `detail = '{"a": 1}'`, "role = 'nobody'"])
    await tamper(`update enroll.audit set ${change} where id = ${id}`, new RegExp(`第 7 行.*编号 ${id} `));
  await tamper("update enroll.audit_chain set hash = sha256(hash) where seq = 9", /第 9 行与散列不符/);
});

test("a removed row is named, with and without its link", async () => {
  const id = await idAt(8);
  await tamper(`delete from enroll.audit where id = ${id}`, new RegExp(`第 8 行.*编号 ${id}.*被删除`));
  await tamper(`delete from enroll.audit where id = ${id}; delete from enroll.audit_chain where seq = 8`, /缺了第 8 行/);
});

test("an inserted row is named, with and without a link", async () => {
  const copy = `insert into enroll.audit (id, xid, ref, action, outcome) overriding system value
    select 900001, xid, '77777777', 'forged', 'ok' from enroll.audit where id = (select min(id) from enroll.audit);`;
  await tamper(copy, /编号 900001 .*后来插入/);
  await tamper(`${copy} update enroll.audit_chain set seq = -seq - 1 where seq > 5; update enroll.audit_chain set seq = -seq where seq < 0;
    insert into enroll.audit_chain select 900001, 6, sha256(''::bytea)`, /第 6 行与散列不符/);
});

test("a chain made anew does not agree with its anchors", async () => {
  await tamper(`update enroll.audit set outcome = 'forged' where id = ${await idAt(25)}; ${rechain}`, /锚点文件第 \d+ 行.*之间有记录被改写/);
  await tamper(`delete from enroll.audit where id = ${await idAt(3)}; ${rechain}`, /锚点文件第 \d+ 行.*之间有记录被改写/);
});

test("a tail cut off is found, also when the anchors are cut with it", async () => {
  const head = await number("select max(seq) from enroll.audit_chain");
  const cut = `delete from enroll.audit where id in (select audit_id from enroll.audit_chain where seq > ${head} - 5);
    delete from enroll.audit_chain where seq > ${head} - 5;`;
  await tamper(cut, new RegExp(`链尾从第 ${head - 4} 行起被删除`));
  await tamper(cut, new RegExp(`链尾从第 ${head - 4} 行起被删除`), (text) => text.split("\n").slice(0, -2).join("\n") + "\n");
  await tamper(`${cut} delete from enroll.audit_anchor where seq > ${head} - 5`, new RegExp(`链尾从第 ${head - 4} 行起被删除`));
  await tamper("truncate enroll.audit, enroll.audit_chain", /链尾从第 1 行起被删除/);
});

test("an anchor file cut, thinned, altered or gone is found", async () => {
  await tamper("select 1", /锚点文件缺少链上第 \d+ 行/, (text) => text.split("\n").slice(0, -2).join("\n") + "\n");
  await tamper("select 1", /锚点文件缺少链上第 \d+ 行/, (text) => text.split("\n").slice(1).join("\n"));
  await tamper("select 1", /锚点文件缺少链上第 \d+ 行/, () => "");
  await tamper("select 1", /与锚点文件第 1 行/, (text) => text.replace(/ [0-9a-f]{64}/, ` ${"0".repeat(64)}`));
  await tamper("select 1", /第 2 行不是信使写的格式/, (text) => text.replace("\n", "\nnonsense\n"));
  await tamper("select 1", /第 \d+ 行不是信使写的格式，或顺序不对/, (text) => text + text.split("\n")[0] + "\n");
});

test("a row that waits for long to be chained is named", async () => {
  await tamper(`insert into enroll.audit (id, at, ref, action, outcome) overriding system value
    values (900002, now() - interval '1 hour', '00000000', 'test', 'ok')`, /编号 900002 .*超过十分钟没有串链/);
});

test("a copy of the anchors, collected elsewhere, serves as well; without any there is no verdict", async () => {
  assert.equal((await verify("--anchor", anchorFile)).code, 0);
  assert.equal((await verify("--anchor")).code, 2);
  assert.notEqual((await verify("--anchor", "/nowhere")).code, 0);
});

test("after a pruning the rest verifies from the checkpoint, and the checkpoint from its anchor", async () => {
  // A history of 200 days: the rows up to the second anchor are made old, the chain and the anchors over them made anew.
  const [first, second] = (await lines()).map((line) => Number(line.split(" ")[1]));
  await sql(`set session_replication_role = replica;
    update enroll.audit set at = at - interval '200 days' where id in (select audit_id from enroll.audit_chain where seq <= ${second});
    ${rechain} update enroll.audit_anchor r set hash = c.hash from enroll.audit_chain c where c.seq = r.seq`);
  const hashes = new Map(await sql("select seq, encode(hash, 'hex') from enroll.audit_chain"));
  const old = `${new Date(Date.now() - 200 * 86400000 + 8 * 3600000).toISOString().slice(0, -1)}+08:00`;
  const history = (await lines()).map((line) => line.split(" ")).map(([time, seq]) => `${Number(seq) <= second ? old : time} ${seq} ${hashes.get(seq)}\n`);
  await writeFile(anchorFile, history.join(""));
  await isSound();
  assert.equal(await number("select swept from enroll.courier_sweep()"), second);
  assert.equal(await number("select min(seq) from enroll.audit_chain"), second + 1);
  await chain();
  await isSound(/1 个检查点/);

  await tamper(`update enroll.audit_checkpoint set hash = sha256('')`, /与锚点文件第 \d+ 行/);
  await tamper("delete from enroll.audit_checkpoint", /缺了第 1 行/);
  await tamper(`update enroll.audit_checkpoint set first_seq = ${first}`, /检查点不连续/);
  await tamper(`update enroll.audit set outcome = 'forged' where id = ${await idAt(second + 1)}`, new RegExp(`第 ${second + 1} 行与散列不符`));
  // Somebody prunes what is a day old.
  const now = (await lines()).at(-1).split(" ")[0];
  await tamper("select 1", /不满 190 天就被清理/, (text) => text.replaceAll(old, now));
});
