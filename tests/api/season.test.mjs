// The season and the schools: what anybody may ask.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, expect, expectFields } from "../harness/client.mjs";
import { Instance } from "../harness/instance.mjs";

const instance = await Instance.shared();
const client = new Client(instance);

test("the season says its times with Beijing's offset, its state, and who is of age", async () => {
  const { json } = expect(await client.get("/api/season"), 200);
  assert.equal(json.state, "open");
  for (const time of ["now", "register_from", "opens_at", "closes_at"]) assert.match(json[time], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/);
  assert.ok(Math.abs(Date.parse(json.now) - Date.now()) < 60000, json.now);
  assert.ok(Date.parse(json.register_from) <= Date.parse(json.opens_at) && Date.parse(json.opens_at) < Date.parse(json.closes_at));
  assert.match(json.birth_from, /^\d{4}-\d\d-\d\d$/);
  assert.match(json.birth_to, /^\d{4}-\d\d-\d\d$/);
});

test("school codes keep their leading zeros", async () => {
  const { json } = expect(await client.get("/api/schools"), 200);
  assert.ok(json.schools.length >= 7);
  assert.ok(json.schools.some(({ code }) => code === "0001"));
});

test("the catchment's own school comes first, blanks and full-width digits forgiven", async () => {
  for (const address of ["广东省梅州市梅江区江南街道梅水社区９号", "梅江区 江南街道 梅水社区 9 号"]) {
    const { json } = expect(await client.post("/api/schools/search", { address }), 200);
    assert.equal(json.schools[0].code, "0002");
    assert.equal(json.schools[0].in_catchment, true);
    assert.equal(json.schools.filter(({ in_catchment }) => in_catchment).length, 1);
  }
});

test("an address outside every catchment gets the plain list", async () => {
  const { json } = expect(await client.post("/api/schools/search", { address: "广州市越秀区示例路1号" }), 200);
  assert.ok(json.schools.every(({ in_catchment }) => !in_catchment));
});

test("a search without an address, or with another field, is refused beside the field", async () => {
  expectFields(await client.post("/api/schools/search", {}), { address: "required" });
  expectFields(await client.post("/api/schools/search", { address: "梅江区", year: 1 }), { year: "unknown" });
  expectFields(await client.post("/api/schools/search", { address: ["梅江区"] }), { address: "type" });
});
