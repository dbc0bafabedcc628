// conf/demo, as somebody uses it: start, stop, start again; by Ctrl-C, by SIGTERM, by kill -9; two at once.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { Client, expect } from "../harness/client.mjs";
import { Instance, project, until } from "../harness/instance.mjs";
import { alive, descendants } from "../harness/processes.mjs";
import { registered } from "../harness/road.mjs";

const execute = promisify(execFile);
const instance = await Instance.create();
after(() => instance.remove());

/** Stop by a signal to whom it is told, and see that nothing is left. */
async function stopsClean(signal, target = (i) => i.demo.pid) {
  const family = descendants(instance.demo.pid);
  const run = await instance.runFolder();
  assert.ok(family.length > 12, "a whole platform was running");
  process.kill(await target(instance), signal);
  await instance.ended;
  await until("every process ends", () => alive(family).length === 0, 15000);
  return { run };
}

test("it starts from nothing", async () => {
  await instance.start();
  assert.match(instance.output, new RegExp(`^ready: ${instance.url}/$`, "m"));
});

test("what it serves works: pages, API, sandbox", async () => {
  const client = new Client(instance);
  for (const path of ["/", "/register", "/login", "/sandbox/", "/assets/weui.min.css", "/api/season", "/api/schools", "/api/qr.svg"])
    assert.equal((await client.get(path)).status, 200, path);
  assert.equal((await client.get("/nothing-here")).status, 404);
});

test("pages come compressed, and forbid what they do not need", async () => {
  const { headers } = await new Client(instance).get("/assets/weui.min.css", { headers: { "Accept-Encoding": "gzip" } });
  assert.equal(headers["content-encoding"], "gzip");
  const page = (await new Client(instance).get("/")).headers;
  assert.match(page["content-security-policy"], /default-src 'self'/);
  assert.equal(page["x-content-type-options"], "nosniff");
});

test("127.0.0.1 leads to localhost and says why", async () => {
  const { status, headers, text } = await new Client(instance).get("/login?next=/", { headers: { Host: `127.0.0.1:${instance.port}` } });
  assert.equal(status, 307);
  assert.equal(headers.location, `${instance.url}/login?next=/`);
  assert.match(text, /__Host-/);
});

test("the operator's check is content", async () => {
  assert.ok(await instance.enrollctl("check"));
});

test("a DBA reads the report and nothing else", async () => {
  const psql = (sql) => execute(join(instance.state, "psql"), ["-X", "-A", "-t", "-c", sql]);
  await psql("select * from funnel_v1");
  await assert.rejects(psql("select * from enroll.guardian"), /permission denied/);
  await assert.rejects(psql("create table own (a int)"), /read-only|permission denied/);
});

test("a second demo on the same state is refused in a sentence", async () => {
  const twin = new Instance(instance.state, instance.port + 1);
  twin.preset = instance.preset;
  await assert.rejects(twin.start(), /already running on .*set ENROLL_STATE and ENROLL_PORT/);
  expect(await new Client(instance).get("/api/season"), 200);
});

test("a second demo beside it works, and a taken port is named", async () => {
  const other = await Instance.create();
  try {
    const port = other.port;
    other.port = instance.port;
    await assert.rejects(other.start(), /port \d+ is taken/);
    other.port = port;
    other.url = `http://localhost:${port}`;
    await other.start();
    expect(await new Client(other).get("/api/season"), 200);
    expect(await new Client(instance).get("/api/season"), 200);
  } finally {
    await other.remove();
  }
});

let people;

test("SIGTERM ends everything and loses nothing", async () => {
  ({ people } = await registered(instance));
  const { run } = await stopsClean("SIGTERM");
  assert.equal((await instance.ended).code, 0);
  assert.ok(!existsSync(run), "the runtime folder is gone");
});

test("the second start takes less than 30 s, and the data is there", async () => {
  const took = await instance.start();
  assert.ok(took < 30000, `${took} ms`);
  expect(await new Client(instance).post("/api/session", { phone: people.phone, password: people.password }), 200);
});

test("Ctrl-C, which reaches the whole group, ends everything", async () => {
  const { run } = await stopsClean("SIGINT");
  assert.ok(!existsSync(run));
});

test("killed with -9, it leaves no process, and starts again with its data", async () => {
  await instance.start();
  const { run } = await stopsClean("SIGKILL");
  await instance.start();
  assert.ok(!existsSync(run), "the next start removes the runtime folder of the killed one");
  expect(await new Client(instance).post("/api/session", { phone: people.phone, password: people.password }), 200);
});

test("with its supervisor killed with -9, it says so and leaves nothing", async () => {
  const { run } = await stopsClean("SIGKILL", async (i) => descendants(i.demo.pid).find((pid) => pid !== i.demo.pid));
  assert.match(instance.output, /the supervisor ended/);
  assert.ok(!existsSync(run));
});

test("stopped while it builds or installs, it stops at once", async () => {
  const early = spawn(join(project, "conf/demo"), { env: { ...process.env, ENROLL_STATE: instance.state, ENROLL_PORT: String(instance.port) }, stdio: "ignore" });
  const ended = new Promise((done) => early.once("exit", done));
  await until("it has begun", () => existsSync(join(instance.state, "pid")));
  const family = descendants(early.pid);
  early.kill("SIGTERM");
  await ended;
  await until("every process ends", () => alive(family).length === 0);
  assert.ok(!existsSync(join(instance.state, "pid")));
});
