// /api/authorizations: 添加 forgotten and done, twins, the matrix, the union of signings, revoking.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, expect } from "../harness/client.mjs";
import { Instance, until } from "../harness/instance.mjs";
import { birthDate, family, idNo, registration } from "../harness/people.mjs";
import { authorized, filled, launch, routed, sandboxDo, signedIn, students } from "../harness/road.mjs";

const instance = await Instance.shared();
const codes = (student) => student.missing.map(({ code }) => code);
const see = async (client, { id }) => expect(await client.get(`/api/authorizations/${id}`), 200).json;
const cell = ({ cells }, person, license) => cells.find((c) => c.person === person && c.license === license);
const register = ({ id_no }) => ({ type: "household_register", holder_id_no: id_no });

async function bound(options) {
  const parent = await routed(instance, options);
  await launch(parent.client, "bindings");
  return { ...parent, students: await students(parent.client) };
}

test("signing for parent and child authorizes, and shows what was fetched", async () => {
  const { client, people, students: [{ id }] } = await bound();
  const launched = expect(await client.post("/api/authorizations", {}), 201).json;
  const before = await see(client, launched);
  assert.deepEqual([before.status, before.students[0].status, before.poll_after_ms], ["pending", "pending", 500]);
  assert.equal(cell(before, "guardian", "household_register").state, "missing");
  assert.equal(cell(before, "guardian", "real_estate").state, "not_needed");
  assert.equal((await students(client))[0].authorization.status, "pending");
  await sandboxDo(client, launched, { do: "complete" });
  const after = await until("it settles", async () => {
    const seen = await see(client, launched);
    return seen.status !== "pending" && seen;
  });
  assert.deepEqual([after.status, after.students[0].status, after.poll_after_ms], ["completed", "authorized", 0]);
  for (const [person, license] of [["guardian", "household_register"], ["guardian", "real_estate"], [id, "household_register"]]) {
    assert.equal(cell(after, person, license).state, "signed");
    assert.match(cell(after, person, license).signed_on, /^\d{4}-\d\d-\d\d$/);
  }
  assert.deepEqual(after.licenses.map(({ type, holder }) => [type, holder]),
    [["household_register", "guardian"], ["real_estate", "guardian"], ["household_register", id]]);
  for (const { number, issued_on } of after.licenses) {
    assert.match(number, /^.\*{6}.$/u);
    assert.match(issued_on, /^\d{4}-\d\d-\d\d$/);
  }
  const [student] = await students(client);
  assert.deepEqual([student.authorization, student.next], [{ id: launched.id, status: "authorized" }, "enroll"]);
  assert.ok(!JSON.stringify(after).includes(people.children[0].id_no));
});

test("before a child is bound nothing is authorized", async () => {
  const { client, students: [{ id }] } = await routed(instance);
  expect(await client.post("/api/authorizations", {}), 409, "wrong_state");
  expect(await client.post("/api/authorizations", { student_ids: [id] }), 409, "wrong_state");
});

test("添加 forgotten: 未添加学生信息 is said, the second signing adds only the child", async () => {
  const { client, people, students: [{ id }] } = await bound();
  const first = await launch(client, "authorizations", { do: "forget_child" });
  assert.deepEqual([first.status, first.students[0].status, codes(first.students[0])], ["completed", "incomplete", ["student_not_added"]]);
  assert.match(first.students[0].missing[0].message, /未添加学生信息.*添加/);
  assert.equal(cell(first, id, "household_register").state, "missing");
  assert.equal((await students(client))[0].authorization.status, "incomplete");
  const second = await launch(client, "authorizations", { do: "complete", scope: [register(people.children[0])] });
  assert.equal(second.students[0].status, "authorized");
  assert.equal((await see(client, first)).students[0].status, "authorized");
});

test("the register not ticked, and nothing signed at all, are told apart", async () => {
  const { client, people: { guardian, children: [child] } } = await bound();
  const unticked = await launch(client, "authorizations",
    { do: "complete", scope: [register(guardian), { type: "birth_certificate", holder_id_no: child.id_no }] });
  assert.equal(unticked.students[0].status, "incomplete");
  const other = await bound();
  const refused = await launch(other.client, "authorizations", { do: "deny" });
  assert.deepEqual([refused.status, codes(refused.students[0])], ["denied", ["denied"]]);
});

test("a real-estate certificate is never a must", async () => {
  const { client, people: { guardian, children: [child] } } = await bound();
  const result = await launch(client, "authorizations", { do: "complete", scope: [register(guardian), register(child)] });
  assert.equal(result.students[0].status, "authorized");
  assert.equal(cell(result, "guardian", "real_estate").state, "not_needed");
});

test("twins are told apart by number, and one signing settles both", async () => {
  const { client, people: { guardian, children } } = await bound({ children: 2 });
  const byNumber = async (result) => {
    const ids = (await students(client)).map((s) => [s.id_no.at(-1) + s.name, s.id]);
    return children.map(({ name, id_no }) => result.students.find((s) => s.id === ids.find(([key]) => key === id_no.at(-1) + name)[1]));
  };
  const first = await byNumber(await launch(client, "authorizations",
    { do: "complete", scope: [register(guardian), register(children[0])] }));
  assert.deepEqual(first.map(({ status }) => status), ["authorized", "incomplete"]);
  assert.deepEqual(codes(first[1]), ["student_not_added"]);
  const others = await bound({ children: 2 });
  const both = await launch(others.client, "authorizations");
  assert.deepEqual(both.students.map(({ status }) => status), ["authorized", "authorized"]);
});

test("another person's face signs nothing for this account", async () => {
  const { client, people: { guardian, children } } = await bound();
  expect(await client.post("/sandbox/control/families", { guardian, children, face: "other" }), 201);
  assert.deepEqual(codes((await launch(client, "authorizations")).students[0]), ["other_person"]);
});

test("a later refusal hides no authorization", async () => {
  const { client } = await authorized(instance);
  const refused = await launch(client, "authorizations", { do: "deny" });
  assert.deepEqual([refused.status, refused.students[0].status], ["denied", "authorized"]);
  assert.equal((await students(client))[0].authorization.status, "authorized");
});

test("a revoked authorization is erased, told to the operator, and can be signed anew", async () => {
  const { client, people, students: [student] } = await authorized(instance);
  await filled(client, people, student);
  expect(await client.once(`/api/applications/${student.id}/submit`, {}), 200);
  const stranger = await signedIn(instance);
  const { id } = student.authorization;
  expect(await stranger.client.delete(`/api/authorizations/${id}`), 404, "not_found");
  expect(await client.delete(`/api/authorizations/${id}`), 204);
  expect(await client.delete(`/api/authorizations/${id}`), 204);
  assert.equal((await students(client))[0].authorization.status, "revoked");
  const seen = await see(client, { id });
  assert.deepEqual([seen.licenses, seen.students[0].status], [[], "incomplete"]);
  const [[left]] = await instance.sql(`select count(*) from enroll.license l join enroll.signing s on s.id = l.signing_id
    where s.errand_id = '${id}' and (l.data is not null or s.code is not null)`);
  assert.equal(left, "0");
  const [[told]] = await instance.sql(`select detail->>'application' from enroll.audit where action = 'authorization_revoked' and student_id = '${student.id}'`);
  assert.equal(told, "submitted");
  assert.equal((await launch(client, "authorizations")).students[0].status, "authorized");
});

test("taken back before submission: what was only shown from licences is gone, what was saved is claimed for no licence", async () => {
  const { client, students: [student] } = await authorized(instance);
  const read = async () => expect(await client.get(`/api/applications/${student.id}`), 200).json;
  const before = await read();
  assert.ok("residence.address" in before.sources && "household.address" in before.sources);
  expect(await client.put(`/api/applications/${student.id}/sections/household`, before.sections.household, { headers: { "If-Match": '"0"' } }), 200);
  assert.ok("household.address" in (await read()).sources);
  assert.deepEqual((await read()).lost_sources, []);
  expect(await client.delete(`/api/authorizations/${student.authorization.id}`), 204);
  const after = await read();
  assert.deepEqual(after.sources, {});
  assert.ok(after.lost_sources.includes("household.address"), "the parent hears which answers came from there");
  assert.ok(after.lost_sources.every((field) => field.startsWith("household.")));
  assert.equal(after.sections.residence.address, undefined);
  assert.equal(after.sections.household.address, before.sections.household.address);
  assert.ok(after.problems.some(({ section }) => section === "authorization"));
});

test("a child added with another licence alone is told to tick the register, not to add the child", async () => {
  const { client, people } = await bound();
  const scope = [register(people.guardian), { type: "birth_certificate", holder_id_no: people.children[0].id_no }];
  const seen = await launch(client, "authorizations", { do: "complete", scope });
  assert.deepEqual(codes(seen.students[0]), ["household_register_not_ticked"]);
});

test("twins of one birthday and one name are told apart by their numbers alone, bound and authorized", async () => {
  const people = family(), birth = birthDate(6);
  const numbers = new Set();
  while (numbers.size < 2) numbers.add(idNo({ birth, female: true }));
  people.children = [...numbers].map((id_no) => ({ name: people.children[0].name, id_no }));
  const [first, second] = people.children;
  const client = new Client(instance);
  expect(await client.once("/api/register", registration(people)), 201);
  expect(await client.post("/api/session", { phone: people.phone, password: people.password }), 200);
  const ids = [(await students(client))[0].id, expect(await client.post("/api/students", { ...second, consent: true }), 201).json.id];
  for (const id of ids) expect(await client.patch(`/api/students/${id}`, { register_place: "guangdong" }), 200);
  const of = (result) => ids.map((id) => result.students.find((student) => student.id === id));

  expect(await client.post("/sandbox/control/families", { guardian: people.guardian, children: people.children, wards_linked: [first.id_no] }), 201);
  const half = of(await launch(client, "bindings"));
  assert.deepEqual(half.map(({ status }) => status), ["bound", "incomplete"]);
  assert.ok(codes(half[1]).includes("ward_not_linked"));
  expect(await client.post("/sandbox/control/families", { guardian: people.guardian, children: people.children }), 201);
  assert.equal((await launch(client, "bindings")).students[0].status, "bound");

  const signed = of(await launch(client, "authorizations", { do: "complete", scope: [register(people.guardian), register(first)] }));
  assert.deepEqual(signed.map(({ status }) => status), ["authorized", "incomplete"]);
  assert.deepEqual(codes(signed[1]), ["student_not_added"]);
});
