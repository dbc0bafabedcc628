// PostgreSQL stopped: everybody is told so within 3 s, in a problem document, and all goes on by itself when it is back.
import assert from "node:assert/strict";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Client, expect } from "../harness/client.mjs";
import { Instance, until } from "../harness/instance.mjs";
import { childIdNo, facts, family, key, password, phone, registration } from "../harness/people.mjs";
import { alive, descendants } from "../harness/processes.mjs";
import { routed } from "../harness/road.mjs";

const instance = await Instance.create();
let parent;
before(async () => {
  await instance.start();
  parent = await routed(instance);
});
after(() => instance.remove());

const anybody = "00000000-0000-4000-8000-000000000000";
const withKey = { headers: { "Idempotency-Key": key() } };

/** A well-formed request to everything that needs the database. */
function requests() {
  const { people, students: [{ id }] } = parent;
  return [
    ["POST", "/api/register", { body: registration(family()), ...withKey }],
    ["GET", "/api/session"],
    ["POST", "/api/session", { body: { phone: people.phone, password: people.password } }],
    ["DELETE", "/api/session"],
    ["GET", "/api/wechat/authorize?next=/"],
    ["POST", "/api/recover/password", { body: { ...facts(people), password: password() } }],
    ["POST", "/api/recover/phone", { body: { ...facts(people), old_phone: people.phone, new_phone: phone() } }],
    ["POST", "/api/students", { body: { name: "温小雨", id_no: childIdNo(), consent: true } }],
    ["PATCH", `/api/students/${id}`, { body: { route: "materials" } }],
    ["DELETE", `/api/students/${id}`],
    ["POST", "/api/bindings", { body: {} }],
    ["GET", `/api/bindings/${anybody}`],
    ["POST", "/api/bindings/return", { body: { code: "x".repeat(43) } }],
    ["POST", "/api/authorizations", { body: {} }],
    ["GET", `/api/authorizations/${anybody}`],
    ["DELETE", `/api/authorizations/${anybody}`],
    ["GET", "/api/season"],
    ["GET", "/api/schools"],
    ["POST", "/api/schools/search", { body: { address: "梅州市梅江区金山街道" } }],
    ["GET", `/api/applications/${id}`],
    ["PUT", `/api/applications/${id}/sections/student`, { body: { ethnicity: "01" }, headers: { "If-Match": '"0"' } }],
    ["POST", `/api/applications/${id}/submit`, { body: {}, ...withKey }],
    ["POST", `/api/applications/${id}/withdraw`, { body: {}, ...withKey }],
    ["GET", `/api/applications/${id}/events`],
    ["GET", "/api/content/guide"],
    ["GET", "/api/content/guide/handbook"],
    ...["register", "session", "wechat", "recover", "bind", "license", "enroll", "content"].map((name) => ["GET", `/api/${name}/health`]),
  ];
}

/** Ask everything at once; each answer must be a 503 within limitMs. */
async function allRefuse(limitMs) {
  const slow = [];
  for (const [method, path, options] of requests()) {
    const began = Date.now();
    const answer = await parent.client.send(method, path, options);
    const took = Date.now() - began;
    assert.equal(answer.status, 503, `${method} ${path}: ${answer.status} ${answer.text.slice(0, 300)}`);
    if (took > limitMs) slow.push(`${method} ${path}: ${took} ms`);
  }
  assert.deepEqual(slow, []);
}

async function allWork() {
  const client = new Client(instance);
  await until("everything works again", async () => {
    const answers = await Promise.all(["register", "session", "wechat", "recover", "bind", "license", "enroll", "content"]
      .map((name) => client.get(`/api/${name}/health`)));
    return answers.every(({ status }) => status === 200);
  }, 10000);
  // What was open before still counts, on the connections that were open before.
  expect(await parent.client.get("/api/session"), 200);
  expect(await parent.client.get(`/api/applications/${parent.students[0].id}`), 200);
  expect(await client.once("/api/register", registration(family())), 201);
}

test("stopped, everything says 503 within 3 s", async () => {
  const pg = join(instance.state, "pg");
  await rename(pg, `${pg}.away`);
  await instance.kill("postgres", "SIGINT");
  await until("PostgreSQL is gone", async () => (await parent.client.get("/api/season")).status === 503);
  await allRefuse(3000);
});

test("started again, everything works by itself", async () => {
  const pg = join(instance.state, "pg");
  await rename(`${pg}.away`, pg);
  await allWork();
});

test("restarted, prepared statements are prepared again", async () => {
  const before = (await instance.pids()).get("postgres");
  await instance.kill("postgres", "SIGINT");
  await until("PostgreSQL is another process", async () => ![undefined, before].includes((await instance.pids()).get("postgres")));
  await allWork();
});

test("every connection cut, the next request works or says 503", async () => {
  await instance.sql("select pg_terminate_backend(pid) from pg_stat_activity where usename like 'enroll\\_%'");
  const { status } = await parent.client.get("/api/session");
  assert.ok([200, 503].includes(status), String(status));
  await allWork();
});

test("hanging, it costs each request its own time and no more", async () => {
  const postgres = (await instance.pids()).get("postgres");
  const all = descendants(postgres);
  for (const pid of all) process.kill(pid, "SIGSTOP");
  try {
    const began = Date.now();
    const answers = await Promise.all(["/api/session", "/api/season", "/api/content/guide"].map((path) => parent.client.get(path)));
    const took = Date.now() - began;
    for (const { status } of answers) assert.equal(status, 503);
    assert.ok(took < 3000, `${took} ms`);
  } finally {
    for (const pid of alive(all)) process.kill(pid, "SIGCONT");
  }
  await allWork();
});

test("a commit that was cancelled while it waited for a synchronous standby is not called done", async () => {
  const { client, students: [{ id }] } = parent;
  const patch = () => client.patch(`/api/students/${id}`, { route: "in_person" });
  await instance.sql("alter system set synchronous_standby_names = 'nobody'");
  try {
    await instance.sql("select pg_reload_conf()");
    await until("the setting is taken", async () => (await instance.sql("show synchronous_standby_names"))[0]?.[0] === "nobody");
    const answer = patch();
    await until("the commit waits, and is cancelled", async () =>
      (await instance.sql("select pg_cancel_backend(pid) from pg_stat_activity where usename = 'enroll_bind' and wait_event = 'SyncRep' and query like '%student_change%'")).length > 0);
    expect(await answer, 503, "unavailable");
  } finally {
    await instance.sql("alter system reset synchronous_standby_names");
    await instance.sql("select pg_reload_conf()");
  }
  await until("it is done at the second asking", async () => (await patch()).status === 200);
});
