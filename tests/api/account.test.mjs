// /api/sessions and /api/account: what a parent does with the account once he is in, and who is told.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, expect, expectFields } from "../harness/client.mjs";
import { Instance, until } from "../harness/instance.mjs";
import { facts, password, phone } from "../harness/people.mjs";
import { launch, registered, signedIn, students } from "../harness/road.mjs";

const instance = await Instance.shared();
const visitor = (userAgent) => new Client(instance, { userAgent });
const signIn = (client, people, more = {}) => client.post("/api/session", { phone: people.phone, password: people.password, ...more });
const setPassword = (client, old_password, fresh = password()) => client.put("/api/account/password", { old_password, password: fresh });
const setPhone = (client, people, more = {}) =>
  client.put("/api/account/phone", { password: people.password, new_phone: phone(), old_phone: people.phone, ...more });

/** Every child on route licences, so that a face check can be launched. */
async function checkFace(client) {
  for (const { id } of await students(client)) expect(await client.patch(`/api/students/${id}`, { register_place: "guangdong" }), 200);
  await launch(client, "bindings");
}

test("own sessions are listed with device and times, this one first", async () => {
  const { client, people } = await signedIn(instance);
  const inWeChat = visitor("Mozilla/5.0 (iPhone) MicroMessenger/8.0.50");
  expect(await signIn(inWeChat, people), 200);
  const { sessions } = expect(await client.get("/api/sessions"), 200).json;
  assert.deepEqual(sessions.map((session) => [session.device, session.this]), [["安卓手机", true], ["iPhone · 微信", false]]);
  for (const { created_at, last_seen_at } of sessions) assert.ok(Math.abs(Date.now() - Date.parse(created_at)) < 60000 && last_seen_at >= created_at);
});

test("one session is ended, another family's is not, and a repeat is the same answer", async () => {
  const [{ client, people }, other] = await Promise.all([signedIn(instance), signedIn(instance)]);
  const there = visitor();
  expect(await signIn(there, people), 200);
  const [, { id }] = (await client.get("/api/sessions")).json.sessions;
  expect(await other.client.delete(`/api/sessions/${id}`), 404, "not_found");
  for (const unknown of ["x", "00000000-0000-4000-8000-000000000000"]) expect(await client.delete(`/api/sessions/${unknown}`), 404, "not_found");
  for (let i = 0; i < 2; i++) expect(await client.delete(`/api/sessions/${id}`), 204);
  expect(await there.get("/api/session"), 401, "not_signed_in");
  expect(await client.get("/api/session"), 200);
});

test("all other sessions are ended at once", async () => {
  const { client, people } = await signedIn(instance);
  const others = [visitor(), visitor()];
  for (const other of others) expect(await signIn(other, people), 200);
  expect(await client.delete("/api/sessions"), 204);
  for (const other of others) expect(await other.get("/api/session"), 401, "not_signed_in");
  assert.equal((await client.get("/api/sessions")).json.sessions.length, 1);
});

test("a new password needs the old one, ends other sessions, and the owner can undo it", async () => {
  const { client, people } = await signedIn(instance);
  const other = visitor();
  expect(await signIn(other, people), 200);
  const fresh = password();
  expect(await setPassword(client, password(), fresh), 401, "bad_credentials");
  expect(await setPassword(client, people.password, fresh), 204);
  expect(await client.get("/api/session"), 200);
  expect(await other.get("/api/session"), 401, "not_signed_in");
  expect(await signIn(visitor(), people), 401, "bad_credentials");
  expect(await signIn(visitor(), { ...people, password: fresh }), 200);
  const told = await until("the phone is told", async () => (await visitor().get("/sandbox/control/messages")).json
    .find(({ to, text }) => to === people.phone && text.includes("修改了密码")), 20000, 200);
  assert.match(told.text, /\/undo#[\w-]{43}/);
  expect(await visitor().post("/api/recover/undo", { token: /\/undo#([\w-]{43})/.exec(told.text)[1] }), 204);
  expect(await client.get("/api/session"), 401, "not_signed_in");
  expect(await signIn(visitor(), people), 200);
});

test("a new password is judged as at registration, and is another one", async () => {
  const { client, people } = await signedIn(instance);
  expectFields(await client.put("/api/account/password", {}), { password: "required" });
  expectFields(await client.put("/api/account/password", { password: password() }), { old_password: "required" });
  expectFields(await setPassword(client, people.password, people.password), { password: "same_as" });
  for (const [weak, code] of [[`Kv!${people.phone}q`, "weak"], ["Password#1", "common"], ["Kuvat4m2！", "format"], [`Kv7!${"x".repeat(61)}`, "too_long"]])
    expectFields(await setPassword(client, people.password, weak), { password: code });
  expectFields(await client.put("/api/account/password", { old_password: ["x"], password: password(), more: 1 }), { old_password: "type", more: "unknown" });
  // None of these was a try at the old password.
  for (let i = 0; i < 5; i++) expect(await setPassword(client, password()), 401, "bad_credentials");
  const answer = expect(await setPassword(client, people.password), 429, "too_many_attempts");
  assert.ok(Number(answer.headers["retry-after"]) > 0);
});

test("of many wrong old passwords at the same instant five are judged", async () => {
  const { client } = await signedIn(instance);
  const answers = await Promise.all(Array.from({ length: 40 }, () => setPassword(client, password())));
  assert.ok(answers.filter(({ status }) => status === 401).length <= 5);
});

test("a new phone needs the password and the old phone", async () => {
  const [{ client, people }, { people: other }] = await Promise.all([signedIn(instance), registered(instance)]);
  expectFields(await setPhone(client, people, { old_phone: undefined }), { old_phone: "required" });
  expectFields(await setPhone(client, people, { new_phone: people.phone }), { new_phone: "same_as" });
  expect(await setPhone(client, people, { old_phone: phone() }), 401, "bad_credentials");
  expect(await setPhone(client, people, { old_phone: other.phone }), 401, "bad_credentials");
  expect(await setPhone(client, people, { password: password() }), 401, "bad_credentials");
  const taken = expect(await setPhone(client, people, { new_phone: other.phone }), 409, "phone_taken");
  for (const secret of [other.guardian.name, other.phone, other.children[0].name]) assert.ok(!taken.text.includes(secret));
  const elsewhere = visitor();
  expect(await signIn(elsewhere, people), 200);
  const fresh = phone();
  expect(await setPhone(client, people, { new_phone: `+86 ${fresh} `, old_phone: `+86${people.phone}` }), 204);
  expect(await elsewhere.get("/api/session"), 401, "not_signed_in");
  assert.equal((await client.get("/api/session")).json.guardian.phone, `${fresh.slice(0, 3)}****${fresh.slice(7)}`);
  expect(await signIn(visitor(), people), 401, "bad_credentials");
  expect(await signIn(visitor(), { ...people, phone: fresh }), 200);
});

test("after a face check the phone is changed without the old one, which frees a mistyped number", async () => {
  const { client, people } = await signedIn(instance);
  await checkFace(client);
  const fresh = phone();
  expect(await setPhone(client, people, { old_phone: undefined, new_phone: fresh }), 204);
  const theirs = await signedIn(instance);
  expect(await setPhone(theirs.client, theirs.people, { new_phone: people.phone }), 204);
});

test("a password that a stranger's recovery set is void after the owner's face check, and is set anew at once", async () => {
  const { client: owner, people } = await signedIn(instance);
  expect(await owner.post("/api/recover/password", { ...facts(people), password: people.password }), 204);
  const thief = visitor();
  expect(await thief.post("/api/recover/password", { ...facts(people), password: "Thief#2024x" }), 204);
  expect(await signIn(owner, { ...people, password: "Thief#2024x" }), 200);
  await checkFace(owner);
  const { guardian } = (await owner.get("/api/session")).json;
  assert.deepEqual([guardian.limited, guardian.password_void], [false, true]);
  expect(await signIn(visitor(), { ...people, password: "Thief#2024x" }), 401, "bad_credentials");
  const fresh = password();
  expect(await owner.put("/api/account/password", { password: fresh }), 204);
  expect(await signIn(visitor(), { ...people, password: fresh }), 200);
});

test("while limited nothing of it is allowed, and without a session neither", async () => {
  const { people } = await registered(instance);
  const limited = visitor();
  expect(await limited.post("/api/recover/password", { ...facts(people), password: "Fresh#2024x" }), 204);
  for (const [client, status, code] of [[limited, 403, "identity_check_required"], [visitor(), 401, "not_signed_in"]]) {
    expect(await client.get("/api/sessions"), status, code);
    expect(await client.delete("/api/sessions"), status, code);
    expect(await client.delete("/api/sessions/00000000-0000-4000-8000-000000000000"), status, code);
    expect(await setPassword(client, "Fresh#2024x"), status, code);
    expect(await setPhone(client, { ...people, password: "Fresh#2024x" }), status, code);
  }
});

test("an account is closed with its password, and kept by signing in", async () => {
  const { client, people } = await signedIn(instance);
  const close = (secret) => client.post("/api/account/close", { password: secret });
  expectFields(await close(undefined), { password: "required" });
  expect(await close(password()), 401, "bad_credentials");
  expect(await close(people.password), 204);
  assert.equal(client.cookies.has("__Host-session"), false);
  await until("the phone is told", async () => (await visitor().get("/sandbox/control/messages")).json
    .some(({ to, text }) => to === people.phone && text.includes("申请注销")), 20000, 200);
  expect(await signIn(client, people), 200);
  await until("the phone is told that it is kept", async () => (await visitor().get("/sandbox/control/messages")).json
    .some(({ to, text }) => to === people.phone && text.includes("注销申请已取消")), 20000, 200);
});
