// 换手机接着办: a code that names a step and opens no door. The rules of its life are tests/sql/handoff.sql's.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, expect, expectFields } from "../harness/client.mjs";
import { Instance } from "../harness/instance.mjs";
import { facts, password } from "../harness/people.mjs";
import { launch, routed, signedIn } from "../harness/road.mjs";

const instance = await Instance.shared();
const phone = () => new Client(instance);
const start = (client, body = { page: "bind" }) => client.post("/api/handoffs", body);
const open = (client, token) => client.post("/api/handoffs/open", { token });
const tokenOf = ({ url }) => /^[^#?]+\/handoff#([\w-]{43})$/.exec(url)[1];
const signIn = async (people) => {
  const client = phone();
  expect(await client.post("/api/session", { phone: people.phone, password: people.password }), 200);
  return client;
};

test("the first phone shows a code, the second signs in and opens the step, and the first sees it finish", async () => {
  const { client, people, students } = await routed(instance);
  const code = expect(await start(client), 201).json;
  assert.deepEqual([code.status, code.expires_in_s, code.poll_after_ms > 0], ["waiting", 600, true]);
  assert.match(code.qr, /^<\?xml|^<svg/);
  assert.ok(code.url.startsWith(`${instance.url}/handoff#`));
  const look = async () => expect(await client.get(`/api/handoffs/${code.id}`), 200).json;
  assert.equal((await look()).status, "waiting");

  const second = phone();
  expect(await open(second, tokenOf(code)), 401, "not_signed_in");
  expect(await second.post("/api/session", { phone: people.phone, password: people.password }), 200);
  for (let i = 0; i < 2; i++) assert.deepEqual(expect(await open(second, tokenOf(code)), 200).json, { path: "/bind" });
  expect(await open(await signIn(people), tokenOf(code)), 404, "not_found");
  assert.equal((await look()).status, "opened");
  await launch(second, "bindings");
  const { status, poll_after_ms } = await look();
  assert.deepEqual([status, poll_after_ms], ["done", 0]);

  const form = expect(await start(client, { page: "apply", student_id: students[0].id, section: "wishes" }), 201).json;
  assert.deepEqual(expect(await open(second, tokenOf(form)), 200).json, { path: `/apply?student=${students[0].id}#wishes` });
});

test("another account is told so, sees nothing, and does not use the code up", async () => {
  const [mine, other] = await Promise.all([routed(instance), signedIn(instance)]);
  const code = expect(await start(mine.client), 201).json;
  const refused = expect(await open(other.client, tokenOf(code)), 403, "forbidden");
  assert.match(refused.json.detail, /另一个账号/);
  for (const secret of [mine.people.children[0].name, mine.people.guardian.name, "/bind"]) assert.ok(!refused.text.includes(secret));
  expect(await other.client.get(`/api/handoffs/${code.id}`), 404, "not_found");
  expect(await open(await signIn(mine.people), tokenOf(code)), 200);
});

test("of two phones that bring a code at once one is shown the step", async () => {
  const { client, people } = await routed(instance);
  const phones = await Promise.all([1, 2, 3, 4].map(() => signIn(people)));
  const code = expect(await start(client), 201).json;
  const statuses = (await Promise.all(phones.map((one) => open(one, tokenOf(code))))).map(({ status }) => status).sort();
  assert.deepEqual(statuses, [200, 404, 404, 404]);
});

test("a code carries no session, and its token is nowhere but in its address", async () => {
  const { client } = await routed(instance);
  const answer = expect(await start(client), 201);
  const token = tokenOf(answer.json);
  assert.equal(answer.headers["set-cookie"], undefined);
  assert.equal(answer.headers["cache-control"], "no-store");
  for (const name of ["__Host-session", "__Host-device", "__Host-wechat"]) {
    const thief = phone();
    thief.cookies.set(name, token);
    expect(await thief.get("/api/session"), 401, "not_signed_in");
  }
  const [[found]] = await instance.sql(`select count(*) from enroll.handoff h where h::text like '%${token}%'`);
  assert.equal(found, "0");
  assert.ok(!(await instance.logs()).includes(token));
});

test("what is no step and no child of one's own gets no code", async () => {
  const [{ client }, other] = await Promise.all([signedIn(instance), signedIn(instance)]);
  expectFields(await start(client, {}), { page: "required" });
  for (const page of ["/bind", "//evil.example", "javascript:alert(1)", "account", "../sandbox"]) expectFields(await start(client, { page }), { page: "format" });
  expectFields(await start(client, { page: "apply", student_id: "x", section: "#x", next: "/" }), { student_id: "format", section: "format", next: "unknown" });
  expect(await start(client, { page: "apply", student_id: other.students[0].id }), 404, "not_found");
  expectFields(await open(client, "x"), { token: "format" });
  expect(await open(client, "A".repeat(43)), 404, "not_found");
  for (const id of ["x", "00000000-0000-4000-8000-000000000000"]) expect(await client.get(`/api/handoffs/${id}`), 404, "not_found");
  for (const headers of [{ Origin: "https://evil.example" }, { Origin: null }])
    for (const [path, body] of [["/api/handoffs", { page: "bind" }], ["/api/handoffs/open", { token: "A".repeat(43) }]])
      expect(await client.post(path, body, { headers }), 403, "wrong_origin");
  expect(await start(phone()), 401, "not_signed_in");
});

test("a limited account gets no code: its face check belongs to this phone", async () => {
  const { client, people } = await signedIn(instance);
  expect(await client.post("/api/recover/password", { ...facts(people), password: password() }), 204);
  expect(await start(client), 403, "identity_check_required");
  expect(await open(client, "A".repeat(43)), 403, "identity_check_required");
});
