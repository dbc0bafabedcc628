// waiting.mjs [PARENTS [POLLS_PER_S]]: so many parents wait for their binding while the digital space hangs, and their pages ask
// how it stands (all together at most so often, 10,000 and 300 if not told). Do sign-in and the application's page keep their
// speed, what memory does each executable take, and how soon is everybody told once the space answers again? Works on a demo that
// runs (ENROLL_TEST_STATE, ENROLL_TEST_PORT), whose data it leaves behind, or on one of its own. Not part of tests/run.
import { createHash, createHmac, randomBytes, randomUUID } from "node:crypto";
import { execFile } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client, expect } from "../harness/client.mjs";
import { Instance, sleep } from "../harness/instance.mjs";
import { childIdNo, guardianIdNo } from "../harness/people.mjs";
import { descendants, of } from "../harness/processes.mjs";
import { authorized } from "../harness/road.mjs";
import { Province } from "../harness/province.mjs";

const N = Number(process.argv[2] ?? 10000), POLLS_PER_S = Number(process.argv[3] ?? 300);
const { ENROLL_TEST_STATE: state, ENROLL_TEST_PORT: port } = process.env;
const instance = state ? new Instance(state, Number(port)) : await Instance.create();
if (!state) await instance.start();
const province = new Province(instance);

const sha = (text) => createHash("sha256").update(text).digest("hex");
const key = await readFile(join(instance.state, "keys/index.1"));
/** The blind index of a number, as lib/seal makes it. */
const indexOf = (number) => "01" + createHmac("sha256", key).update("id_no\0").update(number).digest("hex");

/** psql reading a file: ten thousand rows are too long for its command line. */
async function load(database, text) {
  const file = join(instance.state, "waiting.sql");
  await writeFile(file, text);
  await promisify(execFile)("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", await instance.runFolder(), "-U", "postgres", "-d", database, "-f", file]);
  await rm(file);
}

function make() {
  const guardian = { name: "温雨棠", id_no: guardianIdNo() }, child = { name: "温思源", id_no: childIdNo() };
  return { guardian, child, guardianId: randomUUID(), studentId: randomUUID(), errandId: randomUUID(), sessionId: randomUUID(),
    token: randomBytes(32).toString("base64url"), state: randomBytes(16).toString("hex") };
}

/** Accounts whose parents have launched and are in the space, written down as the doors would have. */
async function create(parents) {
  const copy = (table, rows) => `copy ${table} from stdin;\n${rows.map((row) => row.join("\t")).join("\n")}\n\\.\n`;
  const bytea = (hex) => `\\\\x${hex}`;
  const wards = ({ guardian, child }) => JSON.stringify([{ name: child.name, id_no: child.id_no }]).replace(/\\/g, "\\\\");
  await load("enroll", "begin;\n" +
    copy("enroll.guardian (id, name, name_mask, id_no, id_no_index, id_no_mask)",
      parents.map((p) => [p.guardianId, p.guardian.name, "温**", bytea("00"), bytea(indexOf(p.guardian.id_no)), "4****************1"])) +
    copy("enroll.student (id, guardian_id, name, name_mask, id_no, id_no_index, id_no_mask, birth_date, is_female, register_place, route, binding_status, binding_id)",
      parents.map((p) => [p.studentId, p.guardianId, p.child.name, "温**", bytea("00"), bytea(indexOf(p.child.id_no)), "4****************2",
        "2020-01-01", "f", "guangdong", "licences", "pending", p.errandId])) +
    copy("enroll.session (token_hash, guardian_id, device)", parents.map((p) => [bytea(sha(p.token)), p.guardianId, bytea(sha(`d${p.token}`))])) +
    copy("enroll.errand (id, purpose, guardian_id, device, state_hash, code_hash, status, provider_session, launch_url, expires_at, next_at, waiting_since, polled_at)",
      parents.map((p) => [p.errandId, "bind", p.guardianId, bytea(sha(`d${p.token}`)), bytea(sha(p.state)), bytea(sha(`c${p.token}`)), "pending",
        p.sessionId, MARK, soon, now, now, now])) +
    copy("enroll.errand_student (errand_id, student_id)", parents.map((p) => [p.errandId, p.studentId])) + "commit;\nanalyze;\n");
  await load("sandbox", copy("sandbox.session (id, purpose, state, return_url, notify_url, guardian_name, guardian_id_no, students, licenses, status, subject, wards, claimed)",
    parents.map((p) => [p.sessionId, "bind", p.state, "http://localhost/", "http://localhost/", p.guardian.name, p.guardian.id_no, wards(p), "[]", "completed",
      JSON.stringify({ ...p.guardian, level: "L2", verified_at: now }), wards(p),
      JSON.stringify(["household_register", "identity_credential"].map((type) => ({ type, holder_id_no: p.child.id_no })))])) + "analyze;\n");
}
// Those of this run, among all that may wait.
const MARK = `http://localhost/waiting/${Date.now()}`;
const now = new Date().toISOString(), soon = new Date(Date.now() + 3600000).toISOString();

/** Median and 95th percentile of n runs of one(), in ms. */
async function measure(n, one) {
  const took = [];
  for (let i = 0; i < n; i++) {
    const began = performance.now();
    await one();
    took.push(performance.now() - began);
  }
  took.sort((a, b) => a - b);
  return { p50: took[Math.floor(n / 2)], p95: took[Math.floor(n * 0.95)] };
}

async function pages(parent) {
  const student = parent.students[0];
  const fresh = () => new Client(instance).post("/api/session", { phone: parent.people.phone, password: parent.people.password });
  return {
    "sign-in": await measure(100, async () => expect(await fresh(), 200)),
    "who am I": await measure(300, async () => expect(await parent.client.get("/api/session"), 200)),
    "application": await measure(300, async () => expect(await parent.client.get(`/api/applications/${student.id}`), 200)),
  };
}

/** RSS and PSS in MB, and the seconds of processor (with its children), by executable. */
async function figures() {
  const pids = await instance.pids();
  const found = {};
  for (const [name, pid] of pids) {
    const rollup = of(pid, "smaps_rollup");
    const mb = (field) => Number(new RegExp(`^${field}: +(\\d+)`, "m").exec(rollup)?.[1] ?? 0) / 1024;
    const cpu = descendants(pid).map((one) => of(one, "stat")).filter(Boolean)
      .map((stat) => stat.slice(stat.lastIndexOf(")") + 2).split(" ")).reduce((sum, times) => sum + (Number(times[11]) + Number(times[12])) / 100, 0);
    found[name] = { rss: mb("Rss"), pss: mb("Pss"), cpu };
  }
  return found;
}

// Pages that ask how it stands, at an even pace.
function poll(parents) {
  const seen = new Map();
  let isGoingOn = true;
  const clients = parents.map((parent) => {
    const client = new Client(instance);
    client.cookies.set("__Host-session", parent.token);
    return { client, parent };
  });
  const one = async ({ client, parent }) => {
    const { status, json } = await client.get(`/api/bindings/${parent.errandId}`, { isChecked: false }).catch(() => ({ status: 0 }));
    seen.set(status, (seen.get(status) ?? 0) + 1);
    if (status === 200 && json.poll_after_ms > 0) paces.set(json.poll_after_ms, (paces.get(json.poll_after_ms) ?? 0) + 1);
  };
  const paces = new Map();
  const running = (async () => {
    for (let i = 0, began = Date.now(); isGoingOn; i++) {
      one(clients[i % clients.length]);
      await sleep(Math.max(0, began + (i * 1000) / POLLS_PER_S - Date.now()));
    }
  })();
  return async () => {
    isGoingOn = false;
    await running;
    return { answers: Object.fromEntries(seen), paces: Object.fromEntries(paces) };
  };
}

const parent = await authorized(instance);
await pages(parent);
const before = await pages(parent);
// The asking alone, about what is over: what more there is while they wait, waiting costs.
const [[errandId]] = await instance.sql(`select binding_id from enroll.student where id = '${parent.students[0].id}'`);
const stopAsking = poll([{ token: parent.client.cookies.get("__Host-session"), errandId }]);
await sleep(3000);
const asked = await pages(parent);
await stopAsking();
console.log(`creating ${N} waiting parents`);
await province.fault("space", "hang", { delay_ms: 60000 });
try {
  const parents = Array.from({ length: N }, make);
  await create(parents);
  await sleep(5000);
  const stop = poll(parents);
  await sleep(3000);
  const during = await pages(parent);
  const memory = await figures();
  const polls = await stop();
  console.log("\nms                   alone p50  p95   asked p50  p95  waiting p50  p95   waiting/asked, p50");
  for (const [name, one] of Object.entries(before))
    console.log(name.padEnd(20) + [one, asked[name], during[name]].flatMap(({ p50, p95 }) => [p50, p95]).map((ms) => ms.toFixed(1).padStart(9)).join(" ") +
      (during[name].p50 / asked[name].p50).toFixed(2).padStart(14));
  console.log(`polls: ${JSON.stringify(polls)}`);
  console.log("\nMB, while they wait     RSS      PSS");
  for (const [name, { rss, pss }] of Object.entries(memory)) console.log(name.padEnd(20) + rss.toFixed(1).padStart(8) + pss.toFixed(1).padStart(9));

  // The space answers again.
  const left = async () => Number((await instance.sql(`select count(*) from enroll.errand where status = 'pending' and launch_url = '${MARK}'`))[0][0]);
  const waiting = await left(), cpu = await figures(), began = Date.now(), marks = [0.01, 0.5, 0.9, 0.99, 1];
  await province.fault("space", "none");
  console.log(`\n${waiting} wait; the space answers again:`);
  while (marks.length > 0) {
    const told = 1 - (await left()) / waiting;
    while (marks.length > 0 && told >= marks[0]) console.log(`  ${String(100 * marks.shift()).padStart(3)} % told after ${((Date.now() - began) / 1000).toFixed(1)} s`);
    if (Date.now() - began > 300000) throw new Error("not told within five minutes");
    await sleep(500);
  }
  const spent = await figures();
  console.log("seconds of processor meanwhile: " + ["bind", "sandbox", "postgres", "nginx"].map((name) => `${name} ${(spent[name].cpu - cpu[name].cpu).toFixed(1)}`).join(", "));
  const [[bound]] = await instance.sql(`select count(*) from enroll.student where binding_status = 'bound' and binding_id in (${parents.slice(0, 1000).map(({ errandId }) => `'${errandId}'`)})`);
  console.log(`of the first ${Math.min(N, 1000)}, bound: ${bound}`);
} finally {
  await province.fault("space", "none");
  if (!state) await instance.remove();
}
