// What the e-license system refuses, in the parent's three different words; faults are taken back within each test.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, expect } from "../harness/client.mjs";
import { Instance, until } from "../harness/instance.mjs";
import { launch, returnCode, routed, sandboxDo, students } from "../harness/road.mjs";

const instance = await Instance.shared();
const control = new Client(instance);
const fault = async (name) => expect(await control.post("/sandbox/control/faults", { target: "license", fault: name }), 204);

async function bound() {
  const parent = await routed(instance);
  await launch(parent.client, "bindings");
  return parent;
}

/** Sign while the fault lasts; what the page then says of the child. */
async function signedUnder(client, name) {
  await fault(name);
  try {
    return await launch(client, "authorizations");
  } finally {
    await fault("none");
  }
}

test("the consent withdrawn at the register: sign again", async () => {
  const { client } = await bound();
  const [{ code, message }] = (await signedUnder(client, "withdrawn")).students[0].missing;
  assert.equal(code, "consent_withdrawn");
  assert.match(message, /重新签署/);
  assert.equal((await launch(client, "authorizations")).students[0].status, "authorized");
});

test("no such document: apply for it first", async () => {
  const { client } = await bound();
  const [{ code, message }] = (await signedUnder(client, "no_document")).students[0].missing;
  assert.equal(code, "license_not_held");
  assert.match(message, /先在“证照数据管理”里申领/);
});

test("the register down: we try again by ourselves, and nothing is to be signed", async () => {
  const { client } = await bound();
  await fault("failure");
  let launched;
  try {
    launched = expect(await client.post("/api/authorizations", {}), 201).json;
    await sandboxDo(client, launched, { do: "complete" });
    expect(await client.post("/api/authorizations/return", { code: await returnCode(client, launched) }), 200);
    const [{ code, message }] = await until("the parent is told", async () => {
      const { status, students: [student] } = (await client.get(`/api/authorizations/${launched.id}`)).json;
      assert.equal(status, "pending");
      return student.missing.length > 0 && student.missing;
    });
    assert.equal(code, "register_unavailable");
    assert.match(message, /我们会自己再试，不用重新签署/);
  } finally {
    await fault("none");
  }
  await until("it comes by itself", async () => (await students(client))[0].authorization.status === "authorized", 20000, 200);
  // The history says it once, whatever was tried, and then that it came.
  const { events } = expect(await client.get(`/api/authorizations/${launched.id}/events`), 200).json;
  const own = events.filter(({ kind, student }) => kind === "fetched" && !student).map(({ licenses }) => licenses[0].state);
  assert.deepEqual(own, ["register_unavailable", "fetched"]);
});
