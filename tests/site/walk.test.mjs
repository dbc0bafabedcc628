// enrollctl walk: a made-up family on the whole road, and what is left of it afterwards.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { after, test } from "node:test";
import { Instance } from "../harness/instance.mjs";
import { registered } from "../harness/road.mjs";

const execute = promisify(execFile);
const instance = await Instance.shared();
const folder = await mkdtemp(join(tmpdir(), "enroll-walk-"));
after(() => rm(folder, { recursive: true, force: true }));

/** Run it on the instance's configuration, some lines of it replaced. Returns {code, output}. */
async function walk(settings = {}) {
  const config = join(folder, "own.conf");
  const lines = (await readFile(join(instance.state, "enroll.conf"), "utf8")).split("\n").filter((line) => !(line.split("=")[0].trim() in settings));
  await writeFile(config, [...lines, ...Object.entries(settings).map(([key, value]) => `${key} = ${value}`), ""].join("\n"));
  return execute(instance.executable("enrollctl"), ["--config", config, "walk"])
    .then(({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }), (error) => ({ code: error.code, output: error.stdout + error.stderr }));
}

/** Whoever bears its name; other tests have families at the same time, but none of this one. */
const left = () => instance.sql("select g.id from enroll.guardian g where g.name = '温试走' union all select s.id from enroll.student s where s.name = '温小试' union all"
  + " select gen_random_uuid() from enroll.idempotency i where i.answer::text like '%温小试%'");

test("beside the sandbox it walks all of the road, and is gone", async () => {
  const { code, output } = await walk();
  assert.equal(code, 0, output);
  for (const step of ["注册", "登录", "绑定学生信息", "电子证照授权", "填写报名表", "提交", "撤回", "编造的家庭已删除"]) assert.match(output, new RegExp(`✓ ${step}`), output);
  assert.deepEqual(await left(), []);
  const [[id]] = await instance.sql("select guardian_id from enroll.audit where action = 'trial_remove' and outcome = 'ok' order by id desc limit 1");
  const trail = (await instance.sql(`select distinct action from enroll.audit where guardian_id = '${id}'`)).flat();
  assert.ok(trail.includes("register") && trail.includes("application_submit"), `the audit trail tells of it: ${trail}`);
});

test("in a real district it goes by the door of paper, and submits nothing", async () => {
  const { code, output } = await walk({ environment: "production" });
  assert.equal(code, 0, output);
  assert.match(output, /✓ 选择到校核验[^]*✓ 填写报名表[^]*✓ 编造的家庭已删除/);
  assert.doesNotMatch(output, /提交/);
  assert.deepEqual(await left(), []);
});

test("where nothing answers it says so", async () => {
  const { code, output } = await walk({ public_url: "http://localhost:1" });
  assert.equal(code, 1);
  assert.match(output, /没有应答.*enrollctl check/);
});

test("the command that takes it away takes nobody else", async () => {
  const { client, people } = await registered(instance);
  await client.post("/api/session", { phone: people.phone, password: people.password });
  const remove = (token) => {
    const run = execute(join(instance.state, "enrollctl"), ["account", "remove-trial"]);
    run.child.stdin.end(`${token}\n`);
    return run.then(() => 0, (error) => error.code);
  };
  assert.equal(await remove("x".repeat(43)), 1, "no session");
  const [[id]] = await instance.sql(`select g.id from enroll.guardian g where g.name = '${people.guardian.name}' order by created_at desc limit 1`);
  await instance.sql(`update enroll.guardian set created_at = now() - interval '2 hours' where id = '${id}'`);
  assert.equal(await remove(client.cookies.get("__Host-session")), 1, "an account of more than an hour");
  assert.equal((await client.get("/api/session")).status, 200);
});
