// What surrounds the launch, through the wiring: the one message about a result that nobody looks at, the door that stands
// beside the button, and what the desk confirms by hand.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { Client, expect } from "../harness/client.mjs";
import { Instance, until } from "../harness/instance.mjs";
import { family, registration } from "../harness/people.mjs";
import { completeSections, filled, launch, routed, sandboxDo, students } from "../harness/road.mjs";

const instance = await Instance.shared();
const messages = async (people) =>
  expect(await new Client(instance).get("/sandbox/control/messages"), 200).json.filter(({ to }) => to === people.phone).map(({ text }) => text);
const status = async (launched) =>
  (await instance.sql(`select status from enroll.errand where id = '${launched.id}'`))[0][0];
const hurry = (launched) =>
  instance.sql(`update enroll.outbox o set next_at = now() from enroll.errand e where e.id = '${launched.id}' and o.id = e.message_id`);

/** Launch, do it in the sandbox, and never look: what the platform knows once it is over. */
async function unseen(client, kind, body) {
  const launched = expect(await client.post(`/api/${kind}`, {}), 201).json;
  await sandboxDo(client, launched, body);
  await until("it is over", async () => (await status(launched)) === "completed", 20000);
  return launched;
}

test("您已签署，但授权里没有孩子: one message with the way on, without a name, a number or a token", async () => {
  const { client, people } = await routed(instance);
  await launch(client, "bindings");
  const launched = await unseen(client, "authorizations", { do: "forget_child" });
  await hurry(launched);
  const [text] = await until("the message", async () => {
    const all = (await messages(people)).filter((one) => /授权里没有孩子/.test(one));
    return all.length > 0 && all;
  });
  assert.match(text, new RegExp(`${instance.url}/authorize `));
  for (const secret of [people.guardian.name, people.guardian.id_no, people.children[0].name, people.children[0].id_no, "#", launched.id])
    assert.ok(!text.includes(secret), secret);
  expect(await client.get(`/api/authorizations/${launched.id}`), 200);
  await hurry(launched);
  assert.equal((await messages(people)).filter((one) => /授权里没有孩子/.test(one)).length, 1);
});

test("a page that asks in time makes the message needless", async () => {
  const { client } = await routed(instance);
  const launched = await unseen(client, "bindings", { do: "forget_child" });
  const waiting = () => instance.sql(`select message_id from enroll.errand where id = '${launched.id}' and message_id is not null`);
  assert.equal((await waiting()).length, 1);
  expect(await client.get(`/api/bindings/${launched.id}`), 200);
  assert.deepEqual(await waiting(), []);
});

test("after the second ward_not_linked the answer names the door of papers, and nothing is locked", async () => {
  const { client, students: [student] } = await routed(instance);
  const first = await launch(client, "bindings", { do: "forget_child" });
  assert.equal(first.door, undefined);
  const second = await launch(client, "bindings", { do: "forget_child" });
  assert.equal(second.door, "materials");
  assert.equal((await launch(client, "bindings")).students[0].status, "bound");
  assert.equal((await students(client)).find(({ id }) => id === student.id).next, "authorize");
});

test("after five face checks in vain the answer names in person", async () => {
  const { client } = await routed(instance);
  for (let i = 1; i <= 5; i++) {
    const { door } = await launch(client, "bindings", { do: "deny" });
    assert.equal(door, i < 5 ? undefined : "in_person");
  }
  assert.equal((await launch(client, "bindings")).students[0].status, "bound");
});

/** Run enrollctl student with lines typed at its prompts; {code, said}. */
function desk(words, ...lines) {
  return new Promise((done) => {
    const child = spawn(join(instance.state, "enrollctl"), ["student", ...words], { stdio: "pipe" });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
    child.on("close", (code) => done({ code, said }));
    child.stdin.on("error", () => {});
    child.stdin.end(lines.map((line) => `${line}\n`).join(""));
  });
}
const confirm = (people, what, answer = "是") =>
  desk(["confirm-by-hand", "--reason", "脸认不出，带户口簿和出生证到场"], people.phone, people.children[0].id_no, what, answer);

test("what the desk confirms by hand stands for bound and authorized, up to the receipt", async () => {
  const { client, people, students: [student] } = await routed(instance);
  const { code, said } = await confirm(people, "3");
  assert.equal(code, 0, said);
  for (const secret of [people.guardian.id_no, people.guardian.name, people.phone, people.children[0].name, people.children[0].id_no])
    assert.ok(!said.includes(secret));
  const [now] = await students(client);
  assert.deepEqual([now.binding.status, now.authorization.status, now.next], ["confirmed_by_hand", "confirmed_by_hand", "enroll"]);
  await until("the family is told", async () => (await messages(people)).some((one) => /当面核验/.test(one)));
  const { problems } = await filled(client, people, student, await completeSections(client, people));
  assert.deepEqual(problems, []);
  assert.equal(expect(await client.once(`/api/applications/${student.id}/submit`, {}), 200).json.status, "submitted");
});

test("without 是, with a wrong child or without a reason nothing is confirmed", async () => {
  const { client, people } = await routed(instance);
  assert.match((await confirm(people, "3", "不")).said, /没有改动/);
  assert.match((await confirm(people, "9")).said, /没有改动/);
  assert.match((await confirm({ ...people, children: family().children }, "3")).said, /没有这个孩子/);
  assert.match((await confirm({ ...people, children: [{ id_no: people.phone }] }, "3")).said, /应为 18 位身份证件号码/);
  assert.equal((await desk(["confirm-by-hand"])).code, 2);
  assert.equal((await desk(["confirm-by-hand", "--child", people.children[0].id_no])).code, 2);
  assert.equal((await students(client))[0].binding.status, "none");
});

test("two families and one child: who proves it first keeps it, both are told, the other can object", async () => {
  const first = await routed(instance);
  const people = { ...family(), children: first.people.children };
  const client = new Client(instance);
  expect(await client.once("/api/register", registration(people)), 201);
  expect(await client.post("/api/session", { phone: people.phone, password: people.password }), 200);
  const [rival] = await students(client);
  expect(await client.patch(`/api/students/${rival.id}`, { register_place: "guangdong" }), 200);
  const started = expect(await client.post("/api/bindings", {}), 201).json;

  const { code, said } = await confirm(first.people, "1");
  assert.equal(code, 0, said);
  assert.match(said, /另有 1 个账号/);
  const [lost] = await students(client);
  assert.deepEqual([lost.binding.status, lost.next], ["student_taken", "done"]);
  await sandboxDo(client, started, { do: "complete" });
  const late = await until("the rival's own result", async () => {
    const { json } = expect(await client.get(`/api/bindings/${started.id}`), 200);
    return json.status === "completed" && json;
  }, 20000);
  assert.deepEqual(late.students[0].missing.map((one) => one.code), ["student_taken"]);
  assert.match(late.students[0].missing[0].message, /拨打咨询电话/);
  assert.equal((await students(first.client))[0].binding.status, "confirmed_by_hand");
  expect(await client.post("/api/bindings", { student_ids: [rival.id] }), 409, "student_taken");
  await until("both are told", async () => (await messages(people)).some((one) => /由另一位家长完成核验/.test(one)) &&
    (await messages(first.people)).some((one) => /有其他账号也登记了这个孩子/.test(one)));
  assert.match((await confirm(people, "1")).said, /已由另一位家长核验，没有改动/);
});
