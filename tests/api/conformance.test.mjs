// The conformance suite against the sandbox: all of it passes, and what a fault changes is named. On an instance of its own, because
// faults and expired tokens strike everybody.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { readDataFields } from "../conform/license.mjs";
import { Instance, project } from "../harness/instance.mjs";
import { family } from "../harness/people.mjs";
import { Province, secret, setting } from "../harness/province.mjs";

const instance = await Instance.create();
after(() => instance.remove());
await instance.start();
const province = new Province(instance);

/** A file of credentials for this sandbox, with a family of its own. */
async function credentials(over = {}) {
  const { guardian, children: [child] } = family();
  const secrets = (name) => join(instance.state, "secrets", name);
  const lines = {
    space_paasid: await setting(instance, "space_paasid"), space_token_file: secrets("space_token"),
    license_app_key: await setting(instance, "license_app_key"), license_app_secret_file: secrets("license_app_secret"),
    license_account: await setting(instance, "license_account"), license_password_file: secrets("license_password"),
    guardian_name: guardian.name, guardian_id_no: guardian.id_no, child_name: child.name, child_id_no: child.id_no,
    drive: "sandbox", wait_s: "10", ...over,
  };
  const path = join(instance.state, `conformance-${Math.random().toString(36).slice(2)}`);
  await writeFile(path, Object.entries(lines).map(([key, value]) => `${key} = ${value}\n`).join(""), { mode: 0o600 });
  return { path, guardian, child };
}

function run(path, base = `${instance.url}/sandbox`) {
  return new Promise((done) => execFile(join(project, "tests/conformance"), [base, path], (error, stdout, stderr) =>
    done({ code: error ? error.code : 0, said: stdout + stderr })));
}

test("the sandbox conforms in every check, and nothing about people or secrets is printed", async () => {
  const { path, guardian, child } = await credentials();
  const { code, said } = await run(path);
  assert.equal(code, 0, said);
  assert.match(said, /^(\d\d) 项一致，0 项不同，0 项没试$/m);
  for (const name of ["space_token", "license_app_secret", "license_password"]) assert.ok(!said.includes(await secret(instance, name)), name);
  for (const one of [guardian, child]) for (const value of Object.values(one)) assert.ok(!said.includes(value));
});

const faults = [
  ["space", "refuse", /^不同 {2}会话：开一个绑定会话：应为 HTTP 200 或 201，得到 HTTP 503$/m],
  ["space", "garbage", /^不同 {2}会话：开一个绑定会话：应为 JSON 对象，得到 不是 JSON/m],
  ["space", "forge", /^不同 {2}会话：刚开的查得到，status created：应为 state：原样带回/m],
  ["notify", "drop", /^不同 {2}通知：来了，.*应为 至少一条通知，得到 0 条$/m],
  ["notify", "forge", /^不同 {2}通知：带网关签名：.*得到 不对的签名$/m],
  ["license", "http_500", /^不同 {2}登录：给令牌：应为 HTTP 200，得到 HTTP 500$/m],
  ["license", "forge", /^不同 {2}取证：家长的证照清单，字段齐全：应为 holder_identity_num/m],
];
for (const [target, fault, line] of faults)
  test(`a sandbox with the fault ${target} ${fault} differs there, and the difference is named`, async () => {
    const { path } = await credentials();
    await province.fault(target, fault);
    try {
      const { code, said } = await run(path);
      assert.equal(code, 1, said);
      assert.match(said, line);
    } finally {
      await province.fault(target, "none");
    }
  });

test("another token is a difference in every signed call, and what builds on it is left out", async () => {
  const wrong = join(instance.state, "wrong_token");
  await writeFile(wrong, "guessed\n", { mode: 0o600 });
  const { code, said } = await run((await credentials({ space_token_file: wrong })).path);
  assert.equal(code, 1);
  assert.match(said, /^不同 {2}会话：开一个绑定会话：应为 HTTP 200 或 201，得到 HTTP 403$/m);
  assert.match(said, /^没试 {2}绑定结果/m);
  assert.match(said, /^一致 {2}登录：给令牌$/m);
});

test("credentials that others can read, that lack something or hold something unknown are refused", async () => {
  const { path } = await credentials();
  await chmod(path, 0o644);
  for (const [file, words] of [[path, /chmod 600/], [(await credentials({ guardian_name: "" })).path, /还没有填：guardian_name/],
    [(await credentials({ drive: "robot" })).path, /drive 应为/], [(await credentials({ spase_path: "/x" })).path, /不认识的项 spase_path/],
    [join(instance.state, "nothing"), /ENOENT/]]) {
    const { code, said } = await run(file);
    assert.equal(code, 2, said);
    assert.match(said, words);
  }
  assert.equal((await run(path, "not a url")).code, 2);
});

test("data_fields are read in either quotes, escapes and all, or not at all", () => {
  assert.deepEqual(readDataFields(String.raw`{'CYRMC':'D\'ARCY ANN','ZZMC':'"户口簿"', 'n': 1, "x": "a\u4e00\n"}`),
    { CYRMC: "D'ARCY ANN", ZZMC: '"户口簿"', n: 1, x: "a一\n" });
  for (const broken of ["{'a':'b}", "{'a' 'b'}", ""]) assert.throws(() => readDataFields(broken));
});
