// Recovery by the four facts: it works as promised, limits the account, and tells a guesser nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, expect, expectFields } from "../harness/client.mjs";
import { Instance } from "../harness/instance.mjs";
import { facts, family, key, password, phone, registration } from "../harness/people.mjs";
import { launch, registered, signedIn, students } from "../harness/road.mjs";

const instance = await Instance.shared();
const visitor = () => new Client(instance);
const recoverPassword = (client, people, more = {}) => client.post("/api/recover/password", { ...facts(people), password: password(), ...more });
const recoverPhone = (client, people, more = {}) =>
  client.post("/api/recover/phone", { ...facts(people), old_phone: people.phone, new_phone: phone(), ...more });
const signIn = (client, people, more = {}) => client.post("/api/session", { phone: people.phone, password: people.password, ...more });

test("the four facts set a new password, end every session and open a limited one here", async () => {
  const { client: before, people } = await signedIn(instance);
  const here = visitor();
  const fresh = password();
  expect(await recoverPassword(here, people, { password: fresh }), 204);
  expect(await before.get("/api/session"), 401, "not_signed_in");
  const { json } = expect(await here.get("/api/session"), 200);
  assert.equal(json.guardian.limited, true);
  assert.match(json.students[0].name, /\*/);
  expect(await signIn(visitor(), people), 401, "bad_credentials");
  expect(await signIn(visitor(), people, { password: fresh }), 200);
});

test("while limited the allow-list holds", async () => {
  const { people } = await registered(instance);
  const here = visitor();
  expect(await recoverPassword(here, people), 204);
  const [student] = await students(here);
  expect(await here.patch(`/api/students/${student.id}`, { register_place: "guangdong" }), 200);
  expect(await here.post("/api/students", { name: "林小雨", id_no: family().children[0].id_no, consent: true }), 403, "identity_check_required");
  expect(await here.put(`/api/applications/${student.id}/sections/student`, {}, { headers: { "If-Match": '"0"' } }), 403, "identity_check_required");
  expect(await here.delete("/api/session"), 204);
});

test("a face check by the browser that launched it lifts the limit", async () => {
  const { people } = await registered(instance);
  const here = visitor();
  expect(await recoverPassword(here, people), 204);
  for (const { id } of await students(here)) expect(await here.patch(`/api/students/${id}`, { register_place: "guangdong" }), 200);
  await launch(here, "bindings");
  assert.equal((await here.get("/api/session")).json.guardian.limited, false);
});

test("any wrong fact is the same refusal, with the same words for known and unknown families", async () => {
  const { people } = await registered(instance);
  const other = family();
  const wrong = [
    { student_name: other.children[0].name + "一" }, { student_id_no: other.children[0].id_no },
    { guardian_name: other.guardian.name + "一" }, { guardian_id_no: other.guardian.id_no },
  ];
  const answers = [];
  for (const fields of wrong) answers.push(expect(await recoverPassword(visitor(), people, fields), 401, "bad_credentials"));
  answers.push(expect(await recoverPassword(visitor(), other), 401, "bad_credentials"));
  answers.push(expect(await recoverPhone(visitor(), other), 401, "bad_credentials"));
  const shape = ({ status, headers, json }) => ({ status, names: Object.keys(headers), length: headers["content-length"], ...json, ref: 0 });
  for (const answer of answers) assert.deepEqual(shape(answer), shape(answers[0]));
  expect(await signIn(visitor(), people), 200);
});

test("names with any of the dots that keyboards give find the account", async () => {
  for (const dot of ["\u2022", "\u30fb", "\u2027", "\uff65", "\uff0e", "."]) {
    const people = family();
    people.guardian.name = "阿依努尔·买买提";
    expect(await visitor().once("/api/register", registration(people)), 201);
    expect(await recoverPassword(visitor(), people, { guardian_name: `阿依努尔${dot}买买提` }), 204);
  }
});

test("what is no form is said beside the field, and changes nothing", async () => {
  const { people } = await registered(instance);
  expectFields(await recoverPhone(visitor(), people, { old_phone: ["19900000001", "19900000002"], student_id_no: {} }),
    { old_phone: "type", student_id_no: "type" });
  for (const old_phone of [undefined, "", null]) expectFields(await recoverPhone(visitor(), people, { old_phone }), { old_phone: "required" });
  expectFields(await recoverPhone(visitor(), people, { new_phone: people.phone }), { new_phone: "same_as" });
  expectFields(await recoverPassword(visitor(), people, { password: "Kuvat4m2！" }), { password: "format" });
  expectFields(await recoverPassword(visitor(), people, { password: `Kv7!${"x".repeat(60000)}` }), { password: "too_long" });
  expectFields(await recoverPassword(visitor(), people, { password: `Kv!${people.guardian.id_no.slice(-6)}q`, old_phone_lost: "yes" }),
    { password: "weak", old_phone_lost: "type" });
  // Whose phone it is, only the door knows.
  expectFields(await recoverPassword(visitor(), people, { password: `Kv!${people.phone}` }), { password: "weak" });
  expect(await signIn(visitor(), people), 200);
});

test("the facts and the old phone set a new phone, whatever form it is typed in", async () => {
  const { client: before, people } = await signedIn(instance);
  const here = visitor();
  const new_phone = phone();
  expect(await recoverPhone(here, people, { old_phone: `+86 ${people.phone}`, new_phone: `${new_phone} ` }), 204);
  expect(await before.get("/api/session"), 401, "not_signed_in");
  expect(await here.get("/api/session"), 401, "not_signed_in");
  expect(await signIn(visitor(), people), 401, "bad_credentials");
  const { json } = expect(await signIn(here, { ...people, phone: new_phone }), 200);
  assert.equal(json.guardian.limited, true);
  expect(await visitor().once("/api/register", registration({ ...family(), phone: people.phone })), 201);
});

test("the old phone of another family is as wrong as any fact, and counts", async () => {
  const [{ people }, { people: other }] = await Promise.all([registered(instance), registered(instance)]);
  for (let i = 0; i < 5; i++) expect(await recoverPhone(visitor(), people, { old_phone: other.phone }), 401, "bad_credentials");
  const answer = expect(await recoverPhone(visitor(), people), 429, "too_many_attempts");
  assert.ok(Number(answer.headers["retry-after"]) > 0);
  expect(await recoverPassword(visitor(), people), 429, "too_many_attempts");
});

test("a new phone that somebody has is phone_taken, without a word about whom", async () => {
  const [{ people }, { people: other }] = await Promise.all([registered(instance), registered(instance)]);
  const answer = expect(await recoverPhone(visitor(), people, { new_phone: other.phone }), 409, "phone_taken");
  for (const secret of [other.guardian.name, other.phone, other.children[0].name]) assert.ok(!answer.text.includes(secret));
  expect(await signIn(visitor(), people), 200);
  expect(await signIn(visitor(), other), 200);
});

test("a browser that has signed in before has its own budget", async () => {
  const { client, people } = await signedIn(instance);
  for (let i = 0; i < 5; i++) expect(await recoverPassword(visitor(), people, { guardian_name: "不对" }), 401, "bad_credentials");
  expect(await recoverPassword(visitor(), people), 429, "too_many_attempts");
  expect(await recoverPassword(client, people), 204);
});

test("recovered in a WeChat linked before, the account is not limited", async () => {
  const { people } = await registered(instance);
  const client = new Client(instance, { userAgent: "Mozilla/5.0 (iPhone) MicroMessenger/8.0.50" });
  const user = `user-${key().slice(0, 12)}`;
  const open = async (target) => {
    const away = new URL((await target.get("/api/wechat/authorize")).headers.location);
    const back = new URL((await target.get(`${away.pathname}${away.search}&user=${user}`)).headers.location, instance.url);
    expect(await target.get(back.pathname + back.search), 302);
  };
  await open(client);
  expect(await signIn(client, people), 200);
  expect(await client.delete("/api/session"), 204);
  await open(client);
  expect(await recoverPassword(client, people), 204);
  assert.equal((await client.get("/api/session")).json.guardian.limited, false);

  const stranger = visitor();
  expect(await recoverPassword(stranger, people, { old_phone_lost: true }), 204);
  assert.equal((await stranger.get("/api/session")).json.guardian.limited, true);
  const inWeChat = new Client(instance, { userAgent: "MicroMessenger" });
  await open(inWeChat);
  expect(await inWeChat.get("/api/session"), 401, "not_signed_in");
});

test("the old phone is told of every change", async () => {
  const { people } = await registered(instance);
  expect(await recoverPassword(visitor(), people), 204);
  expect(await recoverPhone(visitor(), people), 204);
  const rows = await instance.sql(`select o.template from enroll.outbox o join enroll.phone p on p.id = o.phone_id
    where p.guardian_id = (select guardian_id from enroll.student where name = '${people.children[0].name}' order by created_at desc limit 1)
    order by o.created_at`);
  assert.deepEqual(rows.map(([template]) => template), ["password_recovered", "phone_changed"]);
});

test("recovery needs our own origin", async () => {
  const { people } = await registered(instance);
  for (const headers of [{ Origin: "https://evil.example" }, { Origin: null }]) {
    expect(await visitor().post("/api/recover/password", facts(people), { headers }), 403, "wrong_origin");
    expect(await visitor().post("/api/recover/phone", facts(people), { headers }), 403, "wrong_origin");
  }
});
