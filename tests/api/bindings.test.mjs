// /api/bindings: launched, asked about, judged and returned from; and what nobody else can do with one.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { Client, expect, expectFields } from "../harness/client.mjs";
import { Instance, until } from "../harness/instance.mjs";
import { childIdNo, facts, idNo, password } from "../harness/people.mjs";
import { launch, returnCode, routed, sandboxDo, signedIn, students } from "../harness/road.mjs";
import { signature } from "../harness/province.mjs";

const instance = await Instance.shared();
const codes = (student) => student.missing.map(({ code }) => code);
const start = async (client, body = {}) => expect(await client.post("/api/bindings", body), 201).json;
const see = async (client, { id }) => expect(await client.get(`/api/bindings/${id}`), 200).json;
const settled = (client, launched) => until("the binding settles", async () => {
  const seen = await see(client, launched);
  return seen.status !== "pending" && seen;
});
const family = async (client, { guardian, children }, more = {}) =>
  expect(await client.post("/sandbox/control/families", { guardian, children, ...more }), 201);
const session = (launched) => new URL(launched.launch_url).pathname.split("/").pop();

test("a binding is launched, pending, settled, and binds", async () => {
  const { client, students: [{ id }] } = await routed(instance);
  const launched = await start(client);
  assert.equal(launched.status, "pending");
  assert.match(launched.expires_at, /\+08:00$/);
  assert.match(launched.launch_url, /\/sandbox\/space\/[\w-]+$/);
  const before = await see(client, launched);
  assert.deepEqual([before.status, before.students[0].status, before.students[0].missing, before.poll_after_ms], ["pending", "pending", [], 500]);
  assert.deepEqual(before.steps.map(({ key, done }) => [key, done]), [["verify", false], ["link", false], ["claim", false], ["bound", false]]);
  assert.equal((await students(client))[0].binding.status, "pending");
  await sandboxDo(client, launched, { do: "complete" });
  const after = await settled(client, launched);
  assert.deepEqual([after.status, after.students[0].status, after.poll_after_ms], ["completed", "bound", 0]);
  assert.ok(after.steps.every(({ done, title }) => done && title.length > 1));
  const [student] = await students(client);
  assert.deepEqual(student.binding, { id: launched.id, status: "bound" });
  assert.equal(student.next, "authorize");
  assert.equal(student.id, id);
});

test("the same browser gets its pending launch again, another browser its own, and either may complete", async () => {
  const { client, people } = await routed(instance);
  const first = await start(client);
  assert.deepEqual(expect(await client.post("/api/bindings", {}), 200).json, first);
  const phone = new Client(instance);
  expect(await phone.post("/api/session", { phone: people.phone, password: people.password }), 200);
  const second = await start(phone);
  assert.notEqual(second.id, first.id);
  await sandboxDo(client, first, { do: "complete" });
  assert.equal((await settled(client, first)).students[0].status, "bound");
  assert.equal((await see(phone, second)).students[0].status, "bound");
});

test("ten launches at the same instant open one session", async () => {
  const { client } = await routed(instance);
  const answers = await Promise.all(Array.from({ length: 10 }, () => client.post("/api/bindings", {})));
  const good = answers.filter(({ status }) => status < 300);
  assert.ok(good.length >= 1);
  assert.equal(new Set(good.map(({ json }) => json.id)).size, 1);
  assert.equal(answers.filter(({ status }) => status === 201).length, 1);
  for (const answer of answers.filter(({ status }) => status >= 300)) expect(answer, 503, "busy");
});

test("twins are bound in one session, and a guardian may go alone", async () => {
  const { client } = await routed(instance, { children: 2 });
  const result = await launch(client, "bindings");
  assert.deepEqual(result.students.map(({ status }) => status), ["bound", "bound"]);
  const alone = await launch(client, "bindings", { do: "complete" });
  assert.deepEqual([alone.status, alone.students], ["completed", []]);
});

test("without route licences the guardian goes alone, and is proven", async () => {
  const { client, people } = await routed(instance, { register_place: "other_province" });
  const result = await launch(client, "bindings");
  assert.deepEqual([result.status, result.students], ["completed", []]);
  const [[proven]] = await instance.sql(`select count(*) from enroll.guardian where proven_at is not null and name = '${people.guardian.name}'`);
  assert.notEqual(proven, "0");
});

test("a child that was not linked is named, and the next try succeeds", async () => {
  const { client } = await routed(instance);
  const result = await launch(client, "bindings", { do: "forget_child" });
  assert.equal(result.students[0].status, "incomplete");
  assert.deepEqual(codes(result.students[0]), ["ward_not_linked", "household_register_not_claimed", "identity_credential_not_claimed"]);
  for (const { message } of result.students[0].missing) assert.match(message, /[一-鿿]{6}/);
  assert.equal((await students(client))[0].binding.status, "incomplete");
  assert.equal((await launch(client, "bindings")).students[0].status, "bound");
});

test("what was not claimed is named licence by licence", async () => {
  const { client, people: { children: [child] } } = await routed(instance);
  const scope = [{ type: "household_register", holder_id_no: child.id_no }];
  assert.deepEqual(codes((await launch(client, "bindings", { do: "complete", scope })).students[0]), ["identity_credential_not_claimed"]);
});

test("another face binds nobody, and a later incomplete hides no binding", async () => {
  const { client, people } = await routed(instance);
  await family(client, people, { face: "other" });
  assert.deepEqual(codes((await launch(client, "bindings")).students[0]), ["other_person"]);
  await family(client, people);
  assert.equal((await launch(client, "bindings")).students[0].status, "bound");
  const [{ id }] = await students(client);
  await family(client, people, { face: "other" });
  const later = await launch(client, "bindings", { do: "complete" }, { student_ids: [id] });
  assert.equal(later.students[0].status, "bound");
  assert.equal((await students(client))[0].binding.status, "bound");
});

test("a level under L2 does not count", async () => {
  const { client, people } = await routed(instance);
  await family(client, people, { level: "L1" });
  assert.deepEqual(codes((await launch(client, "bindings")).students[0]), ["not_verified"]);
});

test("a refusal and a failing face are final, and lock nothing", async () => {
  const { client, people } = await routed(instance);
  const refused = await launch(client, "bindings", { do: "deny" });
  assert.deepEqual([refused.status, refused.students[0].status, codes(refused.students[0])], ["denied", "incomplete", ["denied"]]);
  await family(client, people, { face: "fails" });
  for (let i = 0; i < 5; i++) assert.equal((await launch(client, "bindings")).status, "denied");
  await family(client, people);
  assert.equal((await launch(client, "bindings")).students[0].status, "bound");
});

test("another spelling of the same number is shown beside ours and can be taken over", async () => {
  const { client, people } = await routed(instance);
  const registered = people.guardian.name.slice(0, -1) + "𬱖";
  await family(client, { guardian: { ...people.guardian, name: registered }, children: people.children });
  const result = await launch(client, "bindings");
  const [{ code, message }] = result.students[0].missing;
  assert.equal(code, "name_differs");
  assert.ok(message.includes(registered) && message.includes(people.guardian.name));
  const [{ id }] = await students(client);
  const taken = expect(await client.patch(`/api/students/${id}`, { take_register_name: true }), 200).json;
  assert.equal(taken.binding.status, "bound");
  assert.equal((await see(client, result)).students[0].status, "bound");
});

test("what was proven for one number proves no other that is put in its place", async () => {
  const { client, people } = await routed(instance);
  await family(client, { guardian: { ...people.guardian, name: people.guardian.name.slice(0, -1) + "𬱖" }, children: people.children });
  assert.deepEqual(codes((await launch(client, "bindings")).students[0]), ["name_differs"]);
  const [{ id }] = await students(client);
  const strangers = childIdNo();
  const changed = expect(await client.patch(`/api/students/${id}`, { id_no: strangers, take_register_name: true }), 200).json;
  assert.notEqual(changed.binding.status, "bound");
  const [[proven]] = await instance.sql(`select count(*) from enroll.student where id = '${id}' and proven_at is not null`);
  assert.equal(proven, "0");
});

test("case, blanks and commas are no other spelling", async () => {
  const { client, people } = await routed(instance);
  const [[index]] = await instance.sql(`select id from enroll.guardian where name = '${people.guardian.name}' order by created_at desc limit 1`);
  await instance.sql(`update enroll.guardian set name = 'Smith John' where id = '${index}'`);
  await family(client, { guardian: { ...people.guardian, name: "SMITH, JOHN" }, children: people.children });
  assert.equal((await launch(client, "bindings")).students[0].status, "bound");
});

test("the code works in the launching browser alone, in any session, and again", async () => {
  const { client, people } = await routed(instance);
  const launched = await start(client);
  const code = await returnCode(client, launched);
  const stranger = await signedIn(instance);
  expect(await stranger.client.post("/api/bindings/return", { code }), 404, "not_found");
  const other = new Client(instance);
  expect(await other.post("/api/session", { phone: people.phone, password: people.password }), 200);
  expect(await other.post("/api/bindings/return", { code }), 404, "not_found");
  expect(await client.delete("/api/session"), 204);
  expect(await client.post("/api/bindings/return", { code }), 401, "not_signed_in");
  expect(await client.post("/api/session", { phone: people.phone, password: people.password }), 200);
  assert.equal(expect(await client.post("/api/bindings/return", { code }), 200).json.id, launched.id);
  expect(await client.post("/api/bindings/return", { code }), 200);
  expectFields(await client.post("/api/bindings/return", { code: "x" }), { code: "format" });
  expectFields(await client.post("/api/bindings/return", {}), { code: "required" });
});

test("the code stands in no answer and not in launch_url", async () => {
  const { client } = await routed(instance);
  const answer = await client.post("/api/bindings", {});
  const code = await returnCode(client, answer.json);
  assert.match(code, /^[\w-]{43}$/);
  assert.ok(!answer.text.includes(code));
  assert.ok(!(await client.get(`/api/bindings/${answer.json.id}`)).text.includes(code));
});

test("25 minutes at the provider and a session gone: after signing in again the result is there", async () => {
  const { client, people } = await routed(instance);
  const launched = await start(client);
  await instance.sql(`update enroll.session set ended_at = now() where guardian_id = (select guardian_id from enroll.errand where id = '${launched.id}')`);
  await sandboxDo(client, launched, { do: "complete" });
  expect(await client.get(`/api/bindings/${launched.id}`), 401, "not_signed_in");
  expect(await client.post("/api/session", { phone: people.phone, password: people.password }), 200);
  await until("the result is there", async () => (await students(client))[0].binding.status === "bound");
  assert.equal((await see(client, launched)).status, "completed");
});

test("a foreign binding is not found, nor one that does not exist", async () => {
  const { client } = await routed(instance);
  const launched = await start(client);
  const stranger = await signedIn(instance);
  expect(await stranger.client.get(`/api/bindings/${launched.id}`), 404, "not_found");
  expect(await client.get(`/api/authorizations/${launched.id}`), 404, "not_found");
  expect(await client.get(`/api/bindings/${randomUUID()}`), 404, "not_found");
  expect(await client.get("/api/bindings/1"), 404, "not_found");
  expectFields(await client.post("/api/bindings", { student_ids: ["1"] }), { student_ids: "format" });
});

test("a notice needs a good signature, a fresh nonce and a known session, and changes no state", async () => {
  const { client } = await routed(instance);
  const launched = await start(client);
  const provider = new Client(instance);
  const notice = { event_id: randomUUID(), session_id: session(launched), state: "x", status: "completed", occurred_at: new Date().toISOString() };
  const send = async (body, headers) => provider.post("/api/bindings/notify", body, { headers: { Origin: null, ...headers } });
  expect(await send(notice, {}), 403, "forbidden");
  expect(await send(notice, await signature(instance, { token: "guessed" })), 403, "forbidden");
  expect(await send(notice, await signature(instance, { timestamp: Math.floor(Date.now() / 1000) - 400 })), 403, "forbidden");
  const good = await signature(instance);
  expect(await send(notice, good), 204);
  expect(await send(notice, good), 403, "forbidden");
  expect(await send(notice, await signature(instance)), 204);
  expect(await send({ ...notice, event_id: randomUUID(), session_id: randomUUID() }, await signature(instance)), 404, "not_found");
  expect(await send({ event_id: 1 }, await signature(instance)), 400, "malformed_request");
  assert.equal((await see(client, launched)).status, "pending");
});

test("a limited account is masked, may bind, and is lifted by face and code together", async () => {
  const { people } = await routed(instance);
  for (const order of ["code first", "result first"]) {
    const client = new Client(instance);
    const secret = password();
    expect(await client.post("/api/recover/password", { ...facts(people), password: secret }), 204);
    const bystander = new Client(instance);
    expect(await bystander.post("/api/session", { phone: people.phone, password: secret }), 200);
    const limited = async () => (await client.get("/api/session")).json.guardian.limited;
    const launched = await start(client, { student_ids: [(await students(client))[0].id] });
    assert.ok((await see(client, launched)).students[0].name.includes("*"));
    const code = await returnCode(client, launched);
    const bring = async () => expect(await client.post("/api/bindings/return", { code }), 200);
    if (order === "code first") await bring();
    assert.equal(await limited(), true);
    await sandboxDo(client, launched, { do: "complete" });
    await settled(client, launched);
    if (order === "result first") {
      assert.equal(await limited(), true, "a result without the code leaves the limit");
      await bring();
    }
    assert.equal(await limited(), false, order);
    expect(await bystander.get("/api/session"), 401);
  }
});

test("whoever has another show the face for him gains nothing", async () => {
  const { people } = await routed(instance);
  const thief = new Client(instance);
  expect(await thief.post("/api/recover/password", { ...facts(people), password: password() }), 204);
  const isLimited = async () => (await thief.get("/api/session")).json.guardian.limited;
  const student_ids = [(await students(thief))[0].id];
  const browser = new Client(instance);
  const shown = async (launched) => expect(await browser.get(`/sandbox/space/${session(launched)}/view`), 200).json.return_url;

  // The guardian opens launch_url, shows the face and comes back in a browser of his own.
  const sent = await start(thief, { student_ids });
  assert.equal(await shown(sent), null, "the space tells nobody the way back before its last word");
  await sandboxDo(browser, sent, { do: "complete" });
  await settled(thief, sent);
  const code = new URLSearchParams(new URL(await shown(sent)).hash.slice(1)).get("code");
  const elsewhere = new Client(instance);
  expect(await elsewhere.post("/api/bindings/return", { code }), 401, "not_signed_in");
  const { client: stranger } = await signedIn(instance);
  expect(await stranger.post("/api/bindings/return", { code }), 404, "not_found");
  assert.equal(await isLimited(), true, "the thief's browser has brought no code");

  // He refuses once and has a code: that session is over, and its code is no other's.
  const refused = await start(thief, { student_ids: [] });
  const early = await returnCode(thief, refused);
  await sandboxDo(thief, refused, { do: "deny" });
  expect(await thief.post("/api/bindings/return", { code: early }), 200);
  await settled(thief, refused);
  expect(await browser.post(`/sandbox/control/sessions/${session(refused)}`, { do: "complete" }), 409);
  assert.equal(await isLimited(), true);
  const again = await start(thief, { student_ids: [] });
  await sandboxDo(browser, again, { do: "complete" });
  await settled(thief, again);
  expect(await thief.post("/api/bindings/return", { code: early }), 200);
  assert.equal(await isLimited(), true, "the code of one session lifts by no other's face");

  // He left the page of a session that goes on and brings its code long before the face is shown.
  const left = await start(thief, { student_ids: [] });
  const pocketed = await returnCode(thief, left);
  expect(await thief.post("/api/bindings/return", { code: pocketed }), 200);
  await instance.sql(`update enroll.errand set returned_at = returned_at - interval '6 minutes' where id = '${left.id}'`);
  await sandboxDo(browser, left, { do: "complete" });
  await settled(thief, left);
  expect(await thief.post("/api/bindings/return", { code: pocketed }), 200);
  assert.equal(await isLimited(), true, "nor does one that came long before the face");
});

test("a foreign number that looks like the child's is another child", async () => {
  const { client, people: { guardian, children: [child] } } = await routed(instance);
  const birth = child.id_no.slice(6, 14);
  const twin = { name: child.name, id_no: idNo({ birth }) };
  await family(client, { guardian, children: [child, twin] }, { wards_linked: [twin.id_no] });
  assert.ok(codes((await launch(client, "bindings")).students[0]).includes("ward_not_linked"));
});
