// 这不是我: from the notice on the old phone, through its link, to the account as it was before.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, expect, expectFields } from "../harness/client.mjs";
import { Instance, until } from "../harness/instance.mjs";
import { facts, password, phone } from "../harness/people.mjs";
import { launch, registered, signedIn, students } from "../harness/road.mjs";

const instance = await Instance.shared();
const visitor = () => new Client(instance);
const recoverPassword = (client, people, more = {}) => client.post("/api/recover/password", { ...facts(people), password: password(), ...more });
const recoverPhone = (client, people, more = {}) =>
  client.post("/api/recover/phone", { ...facts(people), old_phone: people.phone, new_phone: phone(), ...more });
const signIn = (client, people) => client.post("/api/session", { phone: people.phone, password: people.password });
const undo = (token, client = visitor()) => client.post("/api/recover/undo", { token });

/** The token of the link in the newest message to a phone that says so. */
async function linkFor(number, words) {
  return until(`a message arrives at ${number}`, async () => {
    const { json } = expect(await visitor().get("/sandbox/control/messages"), 200);
    const found = json.find(({ to, text }) => to === number && text.includes(words));
    return found && found.text.match(/\/undo#([\w-]{43})/)?.[1];
  }, 20000, 200);
}

test("the old phone's link undoes a stranger's new password and phone, and leaves the account limited", async () => {
  const { client: owner, people } = await signedIn(instance);
  const thief = visitor();
  const taken = phone();
  expect(await recoverPassword(thief, people, { password: "Thief#2024x" }), 204);
  expect(await recoverPhone(thief, people, { new_phone: taken }), 204);
  expect(await signIn(thief, { phone: taken, password: "Thief#2024x" }), 200);
  const token = await linkFor(people.phone, "重设了密码");
  expect(await undo(token), 204);
  expect(await thief.get("/api/session"), 401, "not_signed_in");
  expect(await signIn(visitor(), { phone: taken, password: "Thief#2024x" }), 401, "bad_credentials");
  expect(await signIn(owner, people), 200);
  assert.equal((await owner.get("/api/session")).json.guardian.limited, true);

  const answer = expect(await undo(token), 404, "not_found");
  assert.match(answer.json.detail, /已经用过或者过期/);
  expect(await undo(await linkFor(people.phone, "更换了手机号")), 404, "not_found");
});

test("a face check by the owner's browser outranks a link sent before", async () => {
  const { people } = await registered(instance);
  const here = visitor();
  expect(await recoverPassword(here, people), 204);
  const token = await linkFor(people.phone, "重设了密码");
  for (const { id } of await students(here)) expect(await here.patch(`/api/students/${id}`, { register_place: "guangdong" }), 200);
  await launch(here, "bindings");
  assert.equal((await here.get("/api/session")).json.guardian.limited, false);
  expect(await undo(token), 404, "not_found");
  expect(await here.get("/api/session"), 200);
});

test("of two that use one link at once, one is late", async () => {
  const { people } = await registered(instance);
  expect(await recoverPassword(visitor(), people), 204);
  const token = await linkFor(people.phone, "重设了密码");
  const answers = await Promise.all([undo(token), undo(token), undo(token)]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 404, 404]);
});

test("a token is nowhere in clear but in its message", async () => {
  const { people } = await registered(instance);
  expect(await recoverPassword(visitor(), people), 204);
  const token = await linkFor(people.phone, "重设了密码");
  const [[found]] = await instance.sql(`select count(*) from enroll.outbox where position('${token}' in encode(token, 'escape')) > 0`);
  assert.equal(found, "0");
  assert.ok(!(await instance.logs()).includes(token));
});

test("what is no token is said beside the field; an unknown one does nothing; our own origin is needed", async () => {
  expectFields(await visitor().post("/api/recover/undo", {}), { token: "required" });
  expectFields(await undo("short"), { token: "format" });
  expectFields(await undo(["x"]), { token: "type" });
  expect(await undo("A".repeat(43)), 404, "not_found");
  expect(await visitor().post("/api/recover/undo", { token: "A".repeat(43) }, { headers: { Origin: "https://evil.example" } }), 403, "wrong_origin");
});
