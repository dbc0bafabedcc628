// Every process is killed with -9, one after the other, while parents register, fill in and submit. They do what the pages do:
// repeat the same request with the same key until it is answered. Nothing acknowledged may be lost, nothing done twice.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client } from "../harness/client.mjs";
import { Instance, sleep } from "../harness/instance.mjs";
import { family, key, registration } from "../harness/people.mjs";
import { completeSections } from "../harness/road.mjs";

const services = ["register", "session", "wechat", "recover", "bind", "license", "enroll", "content"];
const processes = [...services, "sandbox", "courier", "nginx", "postgres"];
const PARENTS_AT_ONCE = 3;
const instance = await Instance.create();
const done = [];
const statuses = new Map();
let isStopping = false, parents = [];

/** Send until it is answered: a lost line and 503 are no answers. */
async function persist(send) {
  const end = Date.now() + 60000;
  for (;;) {
    const answer = await send().catch((error) => ({ status: 0, text: error.message }));
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    if (answer.status >= 200 && answer.status < 300) return answer;
    if (![0, 503].includes(answer.status) || Date.now() > end)
      throw new Error(`${answer.status} ${answer.text.slice(0, 400)}`);
    await sleep(50);
  }
}

/** One family of another province: registered, signed in, filled in, submitted. */
async function walk() {
  const client = new Client(instance);
  const people = family();
  const registerKey = key();
  await persist(() => client.once("/api/register", registration(people), registerKey));
  const { json } = await persist(() => client.post("/api/session", { phone: people.phone, password: people.password }));
  const id = json.students[0].id;
  await persist(() => client.patch(`/api/students/${id}`, { register_place: "other_province" }));
  const sections = await persist(() => completeSections(client, people).then((all) => ({ status: 200, all })));
  let version = 0;
  for (const [section, body] of Object.entries(sections.all)) {
    const saved = await persist(() => client.put(`/api/applications/${id}/sections/${section}`, body, { headers: { "If-Match": `"${version}"` } }));
    version = saved.json.version;
  }
  const submitKey = key();
  const receipt = await persist(() => client.once(`/api/applications/${id}/submit`, {}, submitKey));
  done.push({ client, people, id, receipt: receipt.json.receipt_no });
}

const keepWalking = async () => {
  while (!isStopping) await walk();
};

before(async () => {
  await instance.start();
  parents = Array.from({ length: PARENTS_AT_ONCE }, keepWalking);
  // A failed parent is reported at the end, not as a stray rejection.
  for (const parent of parents) parent.catch(() => {});
});
after(() => instance.remove());

/** How long, after a kill, until the process is another one and answers: of nginx the season, of PostgreSQL every health. */
async function backAfter(name, pid) {
  const began = Date.now();
  const paths = { courier: [], nginx: ["/api/season"], postgres: services.map((one) => `/api/${one}/health`) }[name] ?? [`/api/${name}/health`];
  const client = new Client(instance);
  for (;;) {
    const now = (await instance.pids()).get(name);
    const answers = await Promise.all(paths.map((path) => client.get(path, { isChecked: false }).catch(() => ({ status: 0 }))));
    if (now && now !== pid && answers.every(({ status }) => status === 200)) return Date.now() - began;
    if (Date.now() - began > 20000) throw new Error(`${name} is not back: ${answers.map(({ status }) => status)}`);
    await sleep(20);
  }
}

for (const name of processes) {
  // PostgreSQL replays and flushes what it had in memory before it lets anybody in.
  const limitMs = name === "postgres" ? 5000 : 1000;
  test(`${name}, killed with -9 under load, is back within ${limitMs} ms`, async (t) => {
    const times = [];
    for (let round = 0; round < 3; round++) {
      const pid = (await instance.pids()).get(name);
      process.kill(pid, "SIGKILL");
      times.push(await backAfter(name, pid));
      await sleep(1200);
    }
    t.diagnostic(`${name}: ${times.join(", ")} ms`);
    times.sort((a, b) => a - b);
    assert.ok(times[1] < limitMs, `${times} ms`);
  });
}

test("nothing acknowledged was lost or doubled", async (t) => {
  isStopping = true;
  await Promise.all(parents);
  t.diagnostic(`${done.length} families; answers: ${JSON.stringify(Object.fromEntries(statuses))}`);
  assert.ok(done.length >= processes.length, `only ${done.length} families came through`);
  assert.equal(new Set(done.map(({ receipt }) => receipt)).size, done.length, "every receipt has its own number");
  const count = async (sql) => Number((await instance.sql(sql))[0][0]);
  for (const table of ["guardian", "student", "phone", "password", "application", "consent"])
    assert.equal(await count(`select count(*) from enroll.${table}`), done.length, table);
  assert.equal(await count("select count(*) from enroll.application where status = 'submitted'"), done.length);
  assert.equal(await count("select count(*) from enroll.application_event where kind = 'submitted'"), done.length);
  for (const { client, id, receipt } of done) {
    const { json } = await persist(() => client.get(`/api/applications/${id}`));
    assert.equal(json.receipt_no, receipt);
  }
});

test("the audit trail still verifies", async () => {
  assert.ok(await instance.enrollctl("check"));
  assert.match(await instance.enrollctl("audit", "verify"), /审计记录完整/);
});
