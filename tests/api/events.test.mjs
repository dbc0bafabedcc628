// GET /api/bindings/{id}/events and /api/authorizations/{id}/events: 办理记录, in plain words for the family alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, expect } from "../harness/client.mjs";
import { Instance } from "../harness/instance.mjs";
import { password } from "../harness/people.mjs";
import { authorized, launch, routed, signedIn, students } from "../harness/road.mjs";

const instance = await Instance.shared();
const events = async (client, kind, id) => expect(await client.get(`/api/${kind}/${id}/events`), 200).json.events;
const kinds = (list) => list.map(({ kind }) => kind);

test("a binding's and an authorization's history, oldest first, in words", async () => {
  const { client, people, students: [student] } = await authorized(instance);
  const bound = await events(client, "bindings", student.binding.id);
  assert.equal(bound[0].kind, "begun");
  for (const kind of ["opened", "asked", "returned", "bound"]) assert.ok(kinds(bound).includes(kind), `${kind}: ${kinds(bound)}`);
  assert.equal(bound.find(({ kind }) => kind === "bound").student, people.children[0].name);
  assert.deepEqual(bound.map(({ at }) => at), bound.map(({ at }) => at).sort());
  const signed = await events(client, "authorizations", student.authorization.id);
  for (const kind of ["signed", "fetched", "authorized"]) assert.ok(kinds(signed).includes(kind), `${kind}: ${kinds(signed)}`);
  const own = signed.find(({ kind, student: whose }) => kind === "fetched" && !whose);
  assert.deepEqual(own.licenses.map(({ license, state, message }) => [license, state, message]),
    [["real_estate", "fetched", "已取得"], ["household_register", "fetched", "已取得"]]);
  assert.ok([...bound, ...signed].every(({ title }) => /\p{Script=Han}/u.test(title)));
  assert.equal(JSON.stringify([bound, signed]).includes(people.guardian.id_no), false);
  expect(await client.delete(`/api/authorizations/${student.authorization.id}`), 204);
  assert.equal(kinds(await events(client, "authorizations", student.authorization.id)).at(-1), "revoked");
});

test("what is missing is said beside the result", async () => {
  const { client } = await routed(instance);
  const { id } = await launch(client, "bindings", { do: "forget_child" });
  const last = (await events(client, "bindings", id)).find(({ kind }) => kind === "incomplete");
  assert.ok(last.missing.some(({ code, message }) => code === "ward_not_linked" && /关联/.test(message)));
});

test("nobody else reads it, and a limited account reads masks", async () => {
  const parent = await authorized(instance);
  const { id } = parent.students[0].binding;
  const stranger = await signedIn(instance);
  expect(await stranger.client.get(`/api/bindings/${id}/events`), 404, "not_found");
  expect(await parent.client.get(`/api/authorizations/${id}/events`), 404, "not_found");
  expect(await new Client(instance).get(`/api/bindings/${id}/events`), 401, "not_signed_in");
  const { guardian, children: [child] } = parent.people;
  const recovered = new Client(instance);
  expect(await recovered.post("/api/recover/password", { student_name: child.name, student_id_no: child.id_no, guardian_name: guardian.name,
    guardian_id_no: guardian.id_no, password: password() }), 204);
  assert.ok(await students(recovered));
  const text = JSON.stringify(await events(recovered, "bindings", id));
  assert.equal(text.includes(child.name), false);
});
