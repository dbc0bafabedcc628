// The figures for Prometheus: of every executable and of the courier, readable, counted right, and without a word of a parent's.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { get } from "node:http";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Client, expect } from "../harness/client.mjs";
import { Instance, until } from "../harness/instance.mjs";
import { family } from "../harness/people.mjs";
import { routed } from "../harness/road.mjs";

const executables = ["register", "session", "wechat", "recover", "bind", "license", "enroll", "content"];
const monitoring = fileURLToPath(new URL("../../conf/monitoring/", import.meta.url));
const instance = await Instance.shared();

/** Ask from an address of this machine; what comes back is {status, text}. */
const ask = (path, localAddress = "127.0.0.1") => new Promise((done, failed) => {
  get({ host: "127.0.0.1", port: instance.port, path, localAddress, headers: { Host: `localhost:${instance.port}` } }, async (answer) => {
    let text = "";
    for await (const part of answer.setEncoding("utf8")) text += part;
    done({ status: answer.statusCode, text });
  }).on("error", failed);
});
// The courier has no socket: nginx shows its file, which is no executable's path.
const read = async (name) => (name === "courier" ? await ask("/api/courier/metrics") : expect(await new Client(instance).get(`/api/${name}/metrics`), 200)).text;
/** The value of a line, 0 if there is none. */
const value = (text, line) => Number(text.split("\n").find((one) => one.startsWith(`${line} `))?.split(" ").pop() ?? 0);
const promtool = (args, input) => {
  const { status, stdout, stderr } = spawnSync("promtool", args, { input, encoding: "utf8" });
  assert.equal(status, 0, stdout + stderr);
};

test("every executable and the courier tell their figures in Prometheus' form", async () => {
  for (const name of [...executables, "courier"]) promtool(["check", "metrics"], await read(name));
});

test("a request is counted once, at its route and code, never with its path", async () => {
  const line = 'enroll_requests_total{program="enroll",method="GET",route="/api/applications/{student_id}",code="not_signed_in"}';
  const before = value(await read("enroll"), line);
  expect(await new Client(instance).get("/api/applications/00000000-0000-4000-8000-00000000beef"), 401);
  const text = await read("enroll");
  assert.ok(value(text, line) > before);
  assert.ok(!text.includes("0000beef"));
  assert.ok(value(text, 'enroll_db_connections{program="enroll"}') <= value(text, 'enroll_db_connections_limit{program="enroll"}'));
});

test("hashes are counted", async () => {
  const { phone, password } = family();
  const before = value(await read("session"), 'enroll_hash_total{program="session"}');
  expect(await new Client(instance).post("/api/session", { phone, password }), 401, "bad_credentials");
  const text = await read("session");
  assert.ok(value(text, 'enroll_hash_total{program="session"}') > before);
  assert.ok(!text.includes(phone));
});

test("a slow call is told by its reference, its door and PostgreSQL's process, without a word of what was in it", async () => {
  const { client, people, students: [{ id }] } = await routed(instance);
  // Somebody else holds the family's row for a while, less long than lock_timeout.
  const held = instance.sql(`begin; select pg_backend_pid() from enroll.student s join enroll.guardian g on g.id = s.guardian_id where s.id = '${id}' for update of g; select pg_sleep(1); commit`);
  await until("the row is held", async () => (await instance.sql(`select true from pg_stat_activity where wait_event = 'PgSleep' and query like '%${id}%' and pid <> pg_backend_pid()`)).length > 0);
  expect(await client.patch(`/api/students/${id}`, { register_place: "guangdong" }), 200);
  await held;
  const line = (await instance.logs()).split("\n").filter((one) => one.includes('"slow_door"') && /student_change|student_/.test(one)).pop();
  assert.match(line ?? "", /"ref":"\d{8}"/);
  assert.match(line, /"detail":"\w+: \d+ ms, backend \d+"/);
  for (const secret of [people.phone, people.guardian.id_no, people.children[0].name, id]) assert.ok(!line.includes(secret));
});

test("figures and health are for this machine: for another address there is no such path", async () => {
  for (const name of [...executables, "courier"])
    for (const path of [`/api/${name}/metrics`, `/api/${name}/health`]) {
      if (path === "/api/courier/health") continue;
      assert.equal((await ask(path)).status, 200, path);
      const { status, text } = await ask(path, "127.0.0.2");
      assert.ok([404, 405].includes(status), `${path} → ${status}`);
      assert.equal(JSON.parse(text).status, status);
    }
});

test("the alert rules are valid, ring when they should and not when they should not", () => {
  promtool(["check", "rules", `${monitoring}alerts.yml`]);
  promtool(["test", "rules", `${monitoring}alerts.test.yml`]);
  promtool(["check", "config", `${monitoring}prometheus.yml`]);
});

test("whatever the rules and the dashboard look at is told by somebody", async () => {
  const told = new Set();
  for (const name of [...executables, "courier"])
    for (const [, metric, type] of (await read(name)).matchAll(/^# TYPE (enroll_\w+) (\w+)$/gm))
      for (const end of { histogram: ["_bucket", "_sum", "_count"], summary: ["_sum", "_count"] }[type] ?? [""]) told.add(metric + end);
  const texts = await Promise.all(["alerts.yml", "dashboard.json"].map((file) => readFile(monitoring + file, "utf8")));
  for (const [name] of texts.join("\n").matchAll(/\benroll_\w+/g)) assert.ok(told.has(name), name);
});
