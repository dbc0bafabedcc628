// /api/session: signing in, who am I, signing out; what a guesser learns and how far he comes.
import assert from "node:assert/strict";
import { randomBytes, scryptSync } from "node:crypto";
import { test } from "node:test";
import { Client, expect, expectFields } from "../harness/client.mjs";
import { Instance } from "../harness/instance.mjs";
import { family, password, phone, registration } from "../harness/people.mjs";
import { registered, signedIn } from "../harness/road.mjs";

const instance = await Instance.shared();
const visitor = () => new Client(instance);
const signIn = (client, people, more = {}) => client.post("/api/session", { phone: people.phone, password: people.password, ...more });

test("one signs in, is recognized, and signs out", async () => {
  const { client, people } = await registered(instance);
  const answer = expect(await signIn(client, people), 200);
  assert.equal(answer.json.guardian.limited, false);
  assert.deepEqual(answer.json.guardian.wechat, []);
  assert.equal(answer.json.students[0].name, people.children[0].name);
  assert.equal(answer.json.students[0].next, "route");
  const seen = expect(await client.get("/api/session"), 200);
  assert.ok(seen.json.ends_in_s <= answer.json.ends_in_s && answer.json.ends_in_s === 1800);
  assert.deepEqual({ ...seen.json, ends_in_s: 1800 }, answer.json);
  assert.equal(seen.headers["cache-control"], "no-store");
  const cookie = `__Host-session=${client.cookies.get("__Host-session")}`;
  expect(await client.delete("/api/session"), 204);
  assert.equal(client.cookies.has("__Host-session"), false);
  expect(await client.get("/api/session"), 401, "not_signed_in");
  expect(await client.get("/api/session", { headers: { Cookie: cookie } }), 401, "not_signed_in");
  expect(await client.delete("/api/session", { headers: { Cookie: cookie } }), 204);
  expect(await client.delete("/api/session"), 401, "not_signed_in");
});

test("cookies are the browser's alone", async () => {
  const { client, people } = await registered(instance);
  const cookies = expect(await signIn(client, people), 200).headers["set-cookie"];
  assert.equal(cookies.length, 2);
  for (const cookie of cookies)
    for (const attribute of ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"]) assert.ok(cookie.includes(`; ${attribute}`), cookie);
  const again = expect(await signIn(client, people), 200).headers["set-cookie"];
  assert.equal(again.length, 1);
  assert.match(again[0], /^__Host-session=[\w-]{43};/);
});

test("nothing about the guardian can be solved from a mask", async () => {
  const { client, people } = await signedIn(instance);
  const { text, json } = await client.get("/api/session");
  assert.equal(json.guardian.id_no, `${people.guardian.id_no[0]}${"*".repeat(16)}${people.guardian.id_no[17]}`);
  for (const secret of [people.guardian.id_no.slice(1, 17), people.guardian.name, people.phone, people.children[0].id_no.slice(1, 17)])
    assert.ok(!text.includes(secret));
});

test("a wrong password and an unknown phone are the same answer", async () => {
  const { people } = await registered(instance);
  const known = expect(await signIn(visitor(), people, { password: password() }), 401, "bad_credentials");
  const unknown = expect(await signIn(visitor(), people, { phone: phone() }), 401, "bad_credentials");
  const shape = ({ status, headers, json }) => ({ status, names: Object.keys(headers), length: headers["content-length"], ...json, ref: 0 });
  assert.deepEqual(shape(known), shape(unknown));
  assert.equal(known.headers["set-cookie"], undefined);
});

test("a password is the whole password, and too long a one is simply wrong", async () => {
  const people = family();
  people.password = `Kv7!${"x".repeat(59)}a`;
  expect(await visitor().once("/api/register", registration(people)), 201);
  expect(await signIn(visitor(), people, { password: `Kv7!${"x".repeat(59)}b` }), 401, "bad_credentials");
  expect(await signIn(visitor(), people, { password: people.password + "a" }), 401, "bad_credentials");
  expect(await signIn(visitor(), people, { password: "x".repeat(60000) }), 401, "bad_credentials");
  expect(await signIn(visitor(), people), 200);
});

test("a hash of older parameters is made anew by the next right password, and by no wrong one", async () => {
  const { people, students } = await signedIn(instance);
  const plain = (bytes) => bytes.toString("base64").replace(/=+$/, "");
  const salt = randomBytes(16);
  const old = `$scrypt$ln=5,r=8,p=1$${plain(salt)}$${plain(scryptSync(people.password, salt, 32, { N: 32, r: 8, p: 1 }))}`;
  const mine = `(select guardian_id from enroll.student where id = '${students[0].id}')`;
  const hashes = () => instance.sql(`select cost, via, until is null from enroll.password where guardian_id = ${mine} order by since`);
  const [[configured]] = await hashes();
  assert.notEqual(configured, "ln=5,r=8,p=1");
  await instance.sql(`update enroll.password set hash = '${old}' where guardian_id = ${mine}`);
  expect(await signIn(visitor(), people, { password: password() }), 401, "bad_credentials");
  assert.deepEqual(await hashes(), [["ln=5,r=8,p=1", "register", "t"]]);
  expect(await signIn(visitor(), people), 200);
  const upgraded = [["ln=5,r=8,p=1", "register", "f"], [configured, "register", "t"]];
  assert.deepEqual(await hashes(), upgraded);
  expect(await signIn(visitor(), people), 200);
  assert.deepEqual(await hashes(), upgraded);
});

test("what is not a sign-in is said beside the field", async () => {
  expectFields(await visitor().post("/api/session", {}), { phone: "required", password: "required" });
  expectFields(await visitor().post("/api/session", { phone: ["19900000001"], password: {}, move_wechat: "yes", x: 1 }),
    { phone: "type", password: "type", move_wechat: "type", x: "unknown" });
});

test("the blanks and signs that a keyboard adds to a phone do not matter", async () => {
  const { people } = await registered(instance);
  for (const typed of [`${people.phone} `, `+86 ${people.phone}`, `0086${people.phone.replace(/(...)(....)/, "$1-$2-")}`, people.phone.replace("1", "１")])
    expect(await signIn(visitor(), people, { phone: typed }), 200);
});

test("of two hundred guesses at the same instant five are judged", async () => {
  const { people } = await registered(instance);
  const answers = await Promise.all(Array.from({ length: 200 }, () => signIn(visitor(), people, { password: password() })));
  const judged = answers.filter(({ status }) => status === 401).length;
  assert.ok(judged <= 5, `${judged} were judged`);
  for (const { status } of answers) assert.ok([401, 429, 503].includes(status), String(status));
});

test("a header of the client's choice does not make him another", async () => {
  const { people } = await registered(instance);
  const guess = (i) => visitor().post("/api/session", { phone: people.phone, password: password() },
    { headers: { "X-Forwarded-For": `10.0.0.${i}`, "X-Real-IP": `10.0.1.${i}`, Forwarded: `for=10.0.2.${i}` } });
  for (let i = 0; i < 5; i++) expect(await guess(i), 401, "bad_credentials");
  const answer = expect(await guess(6), 429, "too_many_attempts");
  assert.ok(Number(answer.headers["retry-after"]) > 0);
});

test("strangers cannot lock out a browser that has signed in before", async () => {
  const { client, people } = await signedIn(instance);
  for (let i = 0; i < 5; i++) await signIn(visitor(), people, { password: password() });
  expect(await signIn(visitor(), people), 429, "too_many_attempts");
  expect(await signIn(client, people), 200);
});

test("a session token of somebody's making is no session", async () => {
  const client = visitor();
  for (const token of ["", "x", "A".repeat(43), "A".repeat(44), "../../etc"]) {
    client.cookies.set("__Host-session", token);
    expect(await client.get("/api/session"), 401, "not_signed_in");
  }
});

test("each session sees its own family", async () => {
  const [first, second] = await Promise.all([signedIn(instance), signedIn(instance)]);
  assert.equal((await first.client.get("/api/session")).json.students[0].name, first.people.children[0].name);
  assert.equal((await second.client.get("/api/session")).json.students[0].name, second.people.children[0].name);
});

test("HEAD is GET without the body", async () => {
  const { client } = await signedIn(instance);
  const Cookie = `__Host-session=${client.cookies.get("__Host-session")}`;
  const answer = await fetch(`${instance.url}/api/session`, { method: "HEAD", headers: { Cookie } });
  assert.equal(answer.status, 200);
  assert.equal(await answer.text(), "");
});

test("writes need our own origin", async () => {
  const { client, people } = await signedIn(instance);
  for (const headers of [{ Origin: "https://evil.example" }, { Origin: null }, { Origin: "null" }]) {
    expect(await client.delete("/api/session", { headers }), 403, "wrong_origin");
    expect(await client.post("/api/session", { phone: people.phone, password: people.password }, { headers }), 403, "wrong_origin");
  }
  expect(await client.get("/api/session"), 200);
});

test("how long a session lasts may be asked without making it last longer", async () => {
  const { client, people } = await signedIn(instance);
  const [[id]] = await instance.sql(`select s.id from enroll.session s join enroll.student c on c.guardian_id = s.guardian_id
    where c.name = '${people.children[0].name}' and s.ended_at is null order by s.created_at desc limit 1`);
  await instance.sql(`update enroll.session set last_seen_at = now() - interval '28 minutes' where id = '${id}'`);
  for (let i = 0; i < 2; i++) {
    const { ends_in_s } = expect(await client.get("/api/session/idle"), 200).json;
    assert.ok(ends_in_s > 60 && ends_in_s <= 120, String(ends_in_s));
  }
  assert.equal((await client.get("/api/session")).json.ends_in_s, 1800);
  await instance.sql(`update enroll.session set last_seen_at = now() - interval '31 minutes' where id = '${id}'`);
  expect(await client.get("/api/session/idle"), 401, "not_signed_in");
  expect(await visitor().get("/api/session/idle"), 401, "not_signed_in");
});
