// enrollctl account: what the desk does about one account. The number is typed at the prompt.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { Client, expect } from "../harness/client.mjs";
import { Instance } from "../harness/instance.mjs";
import { facts, family, password, phone, registration } from "../harness/people.mjs";
import { registered, routed, launch } from "../harness/road.mjs";

const instance = await Instance.shared();
const visitor = () => new Client(instance);

/** Run enrollctl account with lines typed at its prompts; {code, said}. */
function desk(words, ...lines) {
  return new Promise((done) => {
    const child = spawn(join(instance.state, "enrollctl"), ["account", ...words], { stdio: "pipe" });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
    child.on("close", (code) => done({ code, said }));
    child.stdin.on("error", () => {});
    child.stdin.end(lines.map((line) => `${line}\n`).join(""));
  });
}
const confirm = (...lines) => desk(["confirm-in-person", "--reason", "到现场核对身份证"], ...lines);
const remove = (...lines) => desk(["remove", "--reason", "冒用他人号码"], ...lines);

test("who cannot do the face check is confirmed in person, and the limit falls", async () => {
  const { people } = await registered(instance);
  const [owner, thief] = [visitor(), visitor()];
  expect(await thief.post("/api/recover/phone", { ...facts(people), old_phone: people.phone, new_phone: phone() }), 204);
  const fresh = password();
  expect(await owner.post("/api/recover/password", { ...facts(people), password: fresh }), 204);
  expect(await owner.get("/api/sessions"), 403, "identity_check_required");
  const { code, said } = await confirm(people.guardian.id_no, "是");
  assert.equal(code, 0, said);
  assert.match(said, /安卓手机/);
  for (const secret of [people.guardian.id_no, people.guardian.name, people.phone, people.children[0].name]) assert.ok(!said.includes(secret));
  assert.equal((await owner.get("/api/session")).json.guardian.limited, false);
  expect(await visitor().post("/api/session", { phone: people.phone, password: fresh }), 200);
});

test("without 是 nothing changes", async () => {
  const { people } = await registered(instance);
  const owner = visitor();
  expect(await owner.post("/api/recover/password", { ...facts(people), password: password() }), 204);
  for (const answer of [["不"], [""], []]) {
    const { code, said } = await confirm(people.phone, ...answer);
    assert.equal(code, 1);
    assert.match(said, /没有改动/);
  }
  assert.equal((await owner.get("/api/session")).json.guardian.limited, true);
});

test("what is typed wrong is named, and a number is no argument", async () => {
  assert.match((await confirm("12345")).said, /应为 11 位手机号或 18 位身份证件号码/);
  assert.match((await confirm(phone(), "是")).said, /没有这个账号/);
  for (const words of [["confirm-in-person"], ["remove", "--reason", ""], ["remove", "13800000000"], ["confirm-in-person", "--phone", "13800000000"]])
    assert.equal((await desk(words)).code, 2, words.join(" "));
});

test("an account under another's number is removed, so that the true guardian can register", async () => {
  const { people } = await registered(instance);
  const truth = { ...family(), guardian: people.guardian };
  const taken = expect(await visitor().once("/api/register", registration(truth)), 409, "guardian_taken");
  assert.match(taken.json.detail, /现场/);
  const { code, said } = await remove(`${people.guardian.id_no.slice(0, 6)} ${people.guardian.id_no.slice(6)}`, "是");
  assert.equal(code, 0, said);
  expect(await visitor().once("/api/register", registration(truth)), 201);
  expect(await visitor().post("/api/session", { phone: people.phone, password: people.password }), 401, "bad_credentials");
});

test("a proven account is not removed", async () => {
  const { client, people } = await routed(instance);
  await launch(client, "bindings");
  const { code, said } = await remove(people.phone, "是");
  assert.equal(code, 1);
  assert.match(said, /不能删除/);
  expect(await client.get("/api/session"), 200);
});
