// Passwords, identity numbers, phones and openids: looked for in clear in a dump of the platform's database, every log (with
// PostgreSQL logging each statement), nginx's temp folders, and each process's command line and environment, after a whole
// road was walked with them, failures included.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { Client, expect } from "../harness/client.mjs";
import { cheap, Instance, sleep } from "../harness/instance.mjs";
import { childIdNo, facts, family, guardianIdNo, key, name, password, phone, registration } from "../harness/people.mjs";
import { descendants, of } from "../harness/processes.mjs";
import { authorized, filled, launch, routed, sandboxDo } from "../harness/road.mjs";

const instance = await Instance.create({
  overrides: cheap,
  postgres: "log_statement = all\nlog_min_duration_statement = 0\nlog_connections = on\nlog_error_verbosity = verbose\n",
});
const secrets = new Map();
let dump = "";

/** Remember what must not be found; returns it. */
function secret(what, value) {
  secrets.set(value, what);
  return value;
}

function remember({ guardian, children, phone: number, password: text }) {
  secret("a guardian's identity number", guardian.id_no);
  for (const child of children) secret("a child's identity number", child.id_no);
  secret("a phone", number);
  secret("a password", text);
}

before(() => instance.start());
after(() => instance.remove());

test("a road is walked, with every mistake a parent makes", async () => {
  const { client, people, students } = await authorized(instance, { children: 2 });
  remember(people);
  for (const student of students) {
    await filled(client, people, student);
    expect(await client.once(`/api/applications/${student.id}/submit`, {}), 200);
  }

  // The password in a field of its neighbours', at registration and at sign-in; numbers in the wrong place, too long, not JSON.
  const other = family();
  remember(other);
  const stranger = new Client(instance);
  const good = registration(other);
  const bad = [
    { ...good, guardian_name: other.password }, { ...good, phone: other.password }, { ...good, phone: good.guardian_id_no },
    { ...good, student_id_no: other.password }, { ...good, [other.password]: 1 }, { ...good, password: other.phone },
    { ...good, student_name: good.guardian_id_no + "x".repeat(100) }, { ...good, student_id_no: good.student_id_no.replace(/.$/, "#") },
  ];
  for (const body of bad) assert.ok((await stranger.once("/api/register", body)).status >= 400);
  assert.ok((await stranger.once("/api/register", `{"password":"${other.password}",`)).status === 400);
  assert.ok((await stranger.post("/api/register", good)).status === 400, "no key");
  expect(await stranger.once("/api/register", { ...good, phone: people.phone }), 409, "phone_taken");
  expect(await stranger.once("/api/register", good), 201);
  await stranger.post("/api/session", { phone: other.password, password: other.phone });
  await stranger.post("/api/session", { phone: other.phone, password: secret("a wrong password", password()) });
  await stranger.get(`/api/session?phone=${other.phone}&password=${encodeURIComponent(other.password)}`);
});

test("recovery, change of phone, a further child, a sign-in by WeChat", async () => {
  const { client, people } = await routed(instance);
  remember(people);
  const user = `leak${key().slice(0, 12)}`;
  const authorize = expect(await client.get("/api/wechat/authorize?next=/"), 302);
  const to = new URL(authorize.headers.location);
  const back = await client.get(`${to.pathname}${to.search}&user=${user}`);
  assert.equal(back.status, 302, back.text);
  const callback = new URL(back.headers.location);
  expect(await client.get(callback.pathname + callback.search), 302);
  expect(await client.post("/api/session", { phone: people.phone, password: people.password }), 200);
  assert.equal((await client.get("/api/session")).json.guardian.wechat.length, 1);
  const openids = await instance.sql("select openid from sandbox.wechat_code", { database: "sandbox" });
  assert.ok(openids.length > 0);
  for (const [found] of openids) secret("an openid", found);

  const number = secret("a child's identity number", childIdNo());
  expect(await client.post("/api/students", { name: name(), id_no: number, consent: true }), 201);
  const changed = secret("a changed phone", phone());
  expect(await client.post("/api/recover/phone", { ...facts(people), old_phone: people.phone, new_phone: changed }), 204);
  expect(await client.post("/api/recover/password", { ...facts(people), password: secret("a new password", password()) }), 204);
  await client.post("/api/recover/password", { ...facts(people), guardian_id_no: secret("a wrong identity number", guardianIdNo()), password: secret("a third password", password()) });
  await launch(client, "bindings", { do: "identify" }).catch(() => {});
});

test("a launch that the province answers with garbage", async () => {
  const { client, people } = await routed(instance);
  remember(people);
  expect(await client.post("/sandbox/control/faults", { target: "space", fault: "garbage", times: 1 }), 204);
  assert.ok((await client.post("/api/bindings", {})).status >= 500);
  const launched = expect(await client.post("/api/bindings", {}), 201).json;
  await sandboxDo(client, launched, { do: "deny" });
  await sleep(1500);
});

test("a body that is still on its way, nearly as long as may be, lies in no file", async () => {
  const marker = secret("a password on its way", password());
  const socket = connect(instance.port, "127.0.0.1");
  const body = `{"password":"${marker}","pad":"${"x".repeat(60000)}`;
  socket.write(`POST /api/register HTTP/1.1\r\nHost: localhost:${instance.port}\r\nOrigin: ${instance.url}\r\nContent-Type: application/json\r\nContent-Length: 65000\r\n\r\n${body}`);
  await sleep(500);
  const found = files(await instance.runFolder()).filter((file) => readFileSync(file).includes(marker));
  socket.destroy();
  assert.deepEqual(found, []);
});

function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path) : entry.isFile() ? [path] : [];
  });
}

/** Which secrets stand in a text. */
const found = (text) => [...secrets].filter(([value]) => text.includes(value)).map(([value, what]) => `${what}: ${value}`);

test("none stands in a dump of the platform's database", async () => {
  const { stdout } = await promisify(execFile)("pg_dump", ["-h", await instance.runFolder(), "-U", "postgres", "-d", "enroll"], { maxBuffer: 256 << 20 });
  dump = stdout;
  assert.ok(dump.includes("COPY enroll.guardian"), "there is something in it");
  assert.ok(secrets.size > 20);
  assert.deepEqual(found(dump), []);
  // Nor as bytes that were not sealed: pg_dump writes bytea as hexadecimal digits.
  const hex = (value) => Buffer.from(value).toString("hex");
  assert.deepEqual([...secrets].filter(([value]) => dump.includes(hex(value))), []);
});

test("none stands in a log, every statement logged included", async () => {
  const logs = await instance.logs();
  assert.match(logs, /execute register_finish|register_finish/, "statements were logged");
  assert.deepEqual(found(logs), []);
  assert.deepEqual(found(readFileSync(join(instance.state, "supervise.log"), "utf8") + instance.output), []);
});

test("none is left in nginx's temp folders", async () => {
  for (const file of files(await instance.runFolder())) assert.deepEqual(found(readFileSync(file, "latin1")), [], file);
});

test("none, and no key, stands in a command line or an environment", async () => {
  const own = [...readdirSync(join(instance.state, "secrets")).map((file) => readFileSync(join(instance.state, "secrets", file), "utf8").trim())];
  for (const pid of descendants(instance.demo.pid)) {
    const text = of(pid, "cmdline") + of(pid, "environ");
    assert.deepEqual(found(text), []);
    assert.deepEqual(own.filter((value) => text.includes(value)), []);
  }
});

test("keys and secrets are readable by their owner alone", () => {
  for (const folder of ["keys", "secrets"])
    for (const file of files(join(instance.state, folder)).filter((one) => !one.endsWith(".pub"))) assert.equal(statSync(file).mode & 0o077, 0, file);
});
