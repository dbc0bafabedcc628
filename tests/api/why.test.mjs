// enrollctl why: the story of a family, for whoever answers the telephone.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { Client, expect } from "../harness/client.mjs";
import { Instance } from "../harness/instance.mjs";
import { facts, family, password, registration } from "../harness/people.mjs";
import { launch, registered, routed, signedIn } from "../harness/road.mjs";

const instance = await Instance.shared();

/** enrollctl why WORDS, with typed on its standard input. */
function why(words, typed = "") {
  return new Promise((done) => {
    const child = spawn(join(instance.state, "enrollctl"), ["why", ...words]);
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
    child.stdin.on("error", () => {});
    child.stdin.end(typed);
    child.once("exit", (code) => done({ code, said }));
  });
}

test("a reference tells what was tried, what we answered and whose fault it was", async () => {
  const { people } = await registered(instance);
  const { json } = expect(await new Client(instance).post("/api/session", { phone: people.phone, password: password() }), 401, "bad_credentials");
  const { code, said } = await why([json.ref]);
  assert.equal(code, 0, said);
  assert.match(said, new RegExp(`^→ \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d  用密码登录：填的信息对不上（家长的原因）  求助编号 ${json.ref}$`, "m"));
  assert.match(said, /^ {2}\d{4}-.* 注册账号.*：成功/m, "and what else the family did");
  assert.equal(said.includes(people.guardian.name), false, "no name in full");
});

test("a phone, typed as people type it, and either identity number find the family; never on the command line", async () => {
  const { people } = await signedIn(instance);
  const mask = /家长 .\*.*，\d{4}-\d\d-\d\d 注册/;
  for (const typed of [people.phone, `+86 ${people.phone.slice(0, 3)}-${people.phone.slice(3)}`, people.guardian.id_no, people.children[0].id_no.toLowerCase()]) {
    const { code, said } = await why([], `${typed}\n`);
    assert.equal(code, 0, said);
    assert.match(said, mask);
    assert.match(said, /用密码登录：成功/);
    for (const secret of [people.phone, people.guardian.id_no, people.guardian.name]) assert.equal(said.includes(secret), false);
    const refused = await why([typed]);
    assert.equal(refused.code, 1);
    assert.match(refused.said, /不要写在命令行上/);
  }
});

test("an attempt that belongs to no account is told by its reference", async () => {
  const { people } = await registered(instance);
  const other = { ...family(), phone: people.phone };
  const { json } = expect(await new Client(instance).once("/api/register", registration(other)), 409, "phone_taken");
  const { said } = await why([json.ref]);
  assert.match(said, /没有认出是哪个账号的尝试\n→ .*注册账号：手机号已注册过别的账号（家长的原因）/);
});

test("a binding that lacks the child says what is missing; a space that does not answer is the province's fault", async () => {
  const { client, people, students: [student] } = await routed(instance);
  await launch(client, "bindings", { do: "forget_child" });
  const { said } = await why([], people.phone);
  assert.match(said, /绑定学生信息的结果 .*：没有办完（家长的原因）/);
  assert.match(said, /^ +· .*孩子/m);
  assert.ok(student.id);
  await instance.sql(`insert into enroll.audit (ref, action, outcome, guardian_id) select '11223344', 'bind_launch', 'provider_unavailable', guardian_id
    from enroll.student where id = '${student.id}'`);
  assert.match((await why(["11223344"])).said, /→ .*打开个人数字空间（绑定）：省平台没有应答（省平台的原因）/);
});

test("the messages that went out, and whether they arrived, are part of it", async () => {
  const { people } = await registered(instance);
  expect(await new Client(instance).post("/api/recover/password", { ...facts(people), password: password() }), 204);
  let said;
  for (let i = 0; i < 50 && !/送达/.test(said ?? ""); i++) said = (await why([], people.phone)).said;
  assert.match(said, /找回密码：成功/);
  assert.match(said, /通知：密码被找回（短信）：送达/);
});

test("what cannot be found is said, with what to do", async () => {
  assert.match((await why(["00000001"])).said, /没有求助编号 00000001/);
  assert.match((await why([], "13000000000\n")).said, /没有账号用过这个号码/);
  assert.match((await why([], "hello\n")).said, /这既不是/);
  assert.match((await why([], "")).said, /没有读到/);
  assert.equal((await why(["1", "2"])).code, 2);
});

test("whoever looks is in the trail", async () => {
  const count = async () => Number((await instance.sql("select count(*) from enroll.audit where action = 'why'"))[0][0]);
  const before = await count();
  await why(["00000001"]);
  assert.ok(await count() > before);
});
