// /api/students: further children, where the register is, corrections, removal; and what a limited account may not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, expect, expectFields } from "../harness/client.mjs";
import { Instance } from "../harness/instance.mjs";
import { childIdNo, facts, name, password } from "../harness/people.mjs";
import { filled, launch, routed, signedIn, students } from "../harness/road.mjs";

const instance = await Instance.shared();
const child = () => ({ name: name(), id_no: childIdNo() });
const add = (client, who) => client.post("/api/students", { ...who, consent: true });

test("a further child is added once, with a consent of its own", async () => {
  const { client, students: [first] } = await signedIn(instance);
  const second = child();
  const { json } = expect(await add(client, second), 201);
  assert.equal(json.name, second.name);
  assert.match(json.id_no, /^\d\*{16}[\dX]$/);
  assert.equal(json.next, "route");
  assert.equal(json.application.status, "none");
  assert.deepEqual(expect(await add(client, second), 200).json, json);
  assert.deepEqual((await students(client)).map(({ id }) => id).sort(), [first.id, json.id].sort());
  const [[consents]] = await instance.sql(`select count(*) from enroll.consent where student_id = '${json.id}'`);
  assert.equal(consents, "1");
});

test("without consent, with faults or with the guardian's own number nothing is added", async () => {
  const { client, people } = await signedIn(instance);
  const good = child();
  expectFields(await client.post("/api/students", good), { consent: "required" });
  expectFields(await add(client, { name: "R2D2", id_no: good.id_no.slice(1) }), { name: "format", id_no: "too_short" });
  expectFields(await add(client, { ...good, sex: "f" }), { sex: "unknown" });
  expectFields(await add(client, { ...good, id_no: people.guardian.id_no }), { id_no: "same_as" });
  assert.equal((await students(client)).length, 1);
  expect(await add(new Client(instance), good), 401, "not_signed_in");
});

test("mother and father may both have the child until one proves it; then a third is refused", async () => {
  const mother = await routed(instance);
  const father = await routed(instance);
  const shared = mother.people.children[0];
  const { json: his } = expect(await add(father.client, shared), 201);
  expect(await father.client.patch(`/api/students/${his.id}`, { register_place: "guangdong" }), 200);
  await launch(mother.client, "bindings");
  const taken = (await students(father.client)).find(({ id }) => id === his.id);
  assert.equal(taken.binding.status, "student_taken");
  assert.equal(taken.next, "done");
  const third = await signedIn(instance);
  const { json } = expect(await add(third.client, shared), 409, "student_taken");
  assert.ok(!json.detail.includes(mother.people.guardian.name));
  assert.match(json.detail, /咨询电话/);
  expect(await father.client.post("/api/bindings", { student_ids: [his.id] }), 409, "student_taken");
});

test("where the register is leads to a route, and a route may be chosen", async () => {
  const { client, students: [{ id }] } = await signedIn(instance);
  const change = async (body) => expect(await client.patch(`/api/students/${id}`, body), 200).json;
  let seen = await change({ register_place: "guangdong" });
  assert.deepEqual([seen.route, seen.next, seen.binding.status], ["licences", "bind", "none"]);
  for (const register_place of ["other_province", "hong_kong_macao_taiwan", "foreign"]) {
    seen = await change({ register_place });
    assert.deepEqual([seen.register_place, seen.route, seen.next, seen.binding.status], [register_place, "materials", "enroll", "not_required"]);
  }
  seen = await change({ register_place: "guangdong", route: "in_person" });
  assert.deepEqual([seen.route, seen.next, seen.binding.status], ["in_person", "enroll", "none"]);
  seen = await change({ route: "licences" });
  assert.deepEqual([seen.register_place, seen.route], ["guangdong", "licences"]);
  expectFields(await client.patch(`/api/students/${id}`, { route: "by_post", register_place: 1 }), { route: "format", register_place: "type" });
});

test("an unbound child is corrected, a bound one is not", async () => {
  const { client, people, students: [{ id }] } = await routed(instance);
  const right = child();
  const seen = expect(await client.patch(`/api/students/${id}`, right), 200).json;
  assert.equal(seen.name, right.name);
  assert.equal(seen.id_no[17], right.id_no[17]);
  expectFields(await client.patch(`/api/students/${id}`, { id_no: people.guardian.id_no }), { id_no: "same_as" });
  const result = await launch(client, "bindings");
  assert.equal(result.students[0].status, "bound");
  expect(await client.patch(`/api/students/${id}`, { name: name() }), 409, "wrong_state");
  expect(await client.patch(`/api/students/${id}`, { take_register_name: true }), 200);
});

test("a child is removed while nothing is submitted, and the answer repeats", async () => {
  const { client, people, students: [{ id }] } = await signedIn(instance);
  expect(await client.delete(`/api/students/${id}`), 204);
  expect(await client.delete(`/api/students/${id}`), 204);
  assert.deepEqual(await students(client), []);
  expect(await client.patch(`/api/students/${id}`, { route: "materials" }), 404, "not_found");
  const again = expect(await add(client, people.children[0]), 201).json;
  assert.notEqual(again.id, id);
});

test("what is submitted stays, and so does its route", async () => {
  const { client, people, students: [student] } = await routed(instance, { register_place: "other_province" });
  await filled(client, people, student);
  expect(await client.once(`/api/applications/${student.id}/submit`, {}), 200);
  expect(await client.delete(`/api/students/${student.id}`), 409, "wrong_state");
  expect(await client.patch(`/api/students/${student.id}`, { route: "in_person" }), 409, "wrong_state");
});

test("another family's child is not found, whatever is tried", async () => {
  const { students: [{ id }] } = await signedIn(instance);
  const { client } = await signedIn(instance);
  expect(await client.patch(`/api/students/${id}`, { route: "materials" }), 404, "not_found");
  expect(await client.delete(`/api/students/${id}`), 404, "not_found");
  expect(await client.delete("/api/students/1"), 404, "not_found");
  expect(await client.post("/api/bindings", { student_ids: [id] }), 404, "not_found");
});

test("a limited account tells the register place but changes no child", async () => {
  const { client, people, students: [{ id }] } = await signedIn(instance);
  const browser = new Client(instance);
  expect(await browser.post("/api/recover/password", { ...facts(people), password: password() }), 204);
  const seen = expect(await browser.patch(`/api/students/${id}`, { register_place: "guangdong" }), 200).json;
  assert.ok(seen.name.includes("*"));
  expect(await browser.patch(`/api/students/${id}`, { name: name() }), 403, "identity_check_required");
  expect(await browser.delete(`/api/students/${id}`), 403, "identity_check_required");
  expect(await add(browser, child()), 403, "identity_check_required");
  expect(await client.get("/api/session"), 401);
});
