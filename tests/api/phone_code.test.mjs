// The code that proves a phone, on an instance that asks for one (phone_proof = sms); and what one that does not says to it.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Client, expect, expectFields } from "../harness/client.mjs";
import { cheap, Instance, until } from "../harness/instance.mjs";
import { facts, family, key, password, phone, registration } from "../harness/people.mjs";
import { registered } from "../harness/road.mjs";

const instance = await Instance.create({ overrides: `${cheap}phone_proof = sms\nhotline = 0753-1234567\n` });
after(() => instance.remove());
await instance.start();
const visitor = () => new Client(instance);

/** What arrived at a number, newest first. */
async function arrived(number) {
  const { json } = expect(await visitor().get("/sandbox/control/messages"), 200);
  return json.filter(({ to }) => to === number);
}

/** Ask for a code, and read it on the phone. Several of one number are told apart by how many there were. */
async function codeFor(number, path = "/api/register/code", client = visitor()) {
  const before = (await arrived(number)).length;
  expect(await client.post(path, { phone: number }), 204);
  const [message] = await until("the code arrives", async () => {
    const all = await arrived(number);
    return all.length > before && all;
  }, 20000, 200);
  assert.equal(message.channel, "sms");
  return /验证码 (\d{6})/.exec(message.text)?.[1] ?? message.text;
}

const otherThan = (code) => String((Number(code) + 1) % 1000000).padStart(6, "0");
/** An account, its phone proved. */
async function account() {
  const people = family();
  const client = visitor();
  expect(await client.once("/api/register", { ...registration(people), phone_code: await codeFor(people.phone) }), 201);
  return { client, people };
}

test("the pages are told what is asked for, and the district's telephone", async () => {
  assert.deepEqual(expect(await visitor().get("/api/content/site"), 200).json, { hotline: "0753-1234567", phone_proof: "sms" });
});

test("a registration takes the code that its phone was sent, typed as keyboards give it, and a repeat is the same answer", async () => {
  const people = family();
  const body = registration(people);
  expectFields(await visitor().once("/api/register", body), { phone_code: "required" });
  expectFields(await visitor().once("/api/register", { ...body, phone_code: "12345", password: "aaaa" }), { password: "too_short", phone_code: "format" });
  expectFields(await visitor().once("/api/register", { ...body, phone_code: 123456 }), { phone_code: "type" });
  const code = await codeFor(people.phone);
  const wrong = expectFields(await visitor().once("/api/register", { ...body, phone_code: otherThan(code) }), { phone_code: "checksum" });
  assert.match(wrong.json.errors[0].message, /最新/);
  const sameKey = key();
  const wide = code.replace(/\d/g, (digit) => String.fromCodePoint(digit.codePointAt(0) + 0xfee0));
  const typed = { ...body, phone_code: ` ${wide.slice(0, 3)} ${wide.slice(3)}` };
  const answers = await Promise.all(Array.from({ length: 8 }, () => visitor().once("/api/register", typed, sameKey)));
  for (const answer of answers) assert.deepEqual(expect(answer, 201).json, answers[0].json);
  assert.deepEqual(expect(await visitor().once("/api/register", typed, sameKey), 201).json, answers[0].json);
  expectFields(await visitor().once("/api/register", typed), { phone_code: "checksum" });
});

test("whether a phone has an account is told to the phone alone", async () => {
  const { people } = await account();
  const free = phone();
  const [known, unknown] = await Promise.all([people.phone, free].map(async (number) => {
    await instance.sql("update enroll.guess set next_at = null where kind like 'code%'");
    return visitor().post("/api/register/code", { phone: number });
  }));
  const shape = ({ status, headers, text }) => [status, Object.keys(headers).sort(), text];
  assert.deepEqual(shape(known), shape(unknown));
  expect(known, 204);
  const [message] = await until("the phone is told", async () => {
    const all = await arrived(people.phone);
    return all.length === 2 && all;
  }, 20000, 200);
  assert.match(message.text, /已经注册过账号.*0753-1234567/s);
  assert.doesNotMatch(message.text, /\d{6}，/);
  // Nor does a registration tell it to who has no code.
  expectFields(await visitor().once("/api/register", { ...registration(family()), phone: people.phone, phone_code: "123456" }), { phone_code: "checksum" });
});

test("five wrong tries from however many addresses, at the same instant, and the code is worth nothing", async () => {
  const people = family();
  const code = await codeFor(people.phone);
  const tries = await Promise.all(Array.from({ length: 30 }, (_, i) => new Client(instance, { address: `127.0.0.${i + 2}` })
    .once("/api/register", { ...registration(people), phone_code: String((Number(code) + 1 + i) % 1000000).padStart(6, "0") })));
  for (const answer of tries) expectFields(answer, { phone_code: "checksum" });
  expectFields(await visitor().once("/api/register", { ...registration(people), phone_code: code }), { phone_code: "checksum" });
});

test("the next code waits a minute, in words and seconds", async () => {
  const number = phone();
  await codeFor(number);
  const answer = expect(await visitor().post("/api/register/code", { phone: `+86 ${number}` }), 429, "too_many_attempts");
  assert.ok(Number(answer.headers["retry-after"]) > 0 && Number(answer.headers["retry-after"]) <= 60);
  assert.match(answer.json.detail, /短信/);
  expectFields(await visitor().post("/api/register/code", { phone: "12345", more: 1 }), { phone: "format", more: "unknown" });
});

test("a change by the four facts takes a code for the new number, before any fact is judged", async () => {
  const { people } = await account();
  const fresh = phone();
  const change = (more) => visitor().post("/api/recover/phone", { ...facts(people), old_phone: people.phone, new_phone: fresh, ...more });
  expectFields(await change({}), { phone_code: "required" });
  expectFields(await change({ phone_code: await codeFor(fresh, "/api/register/code"), old_phone: phone() }), { phone_code: "checksum" });
  await instance.sql("update enroll.guess set next_at = null where kind like 'code%'");
  const code = await codeFor(fresh, "/api/recover/code");
  expect(await change({ phone_code: code, old_phone: phone() }), 401, "bad_credentials");
  expect(await change({ phone_code: code }), 204);
  expect(await visitor().post("/api/session", { phone: fresh, password: people.password }), 200);
});

test("a change while signed in takes a code for the new number, and one only for who is signed in", async () => {
  const { client, people } = await account();
  const fresh = phone();
  expect(await client.post("/api/account/code", { phone: fresh }), 401, "not_signed_in");
  expect(await client.post("/api/session", { phone: people.phone, password: people.password }), 200);
  const change = (more) => client.put("/api/account/phone", { password: people.password, old_phone: people.phone, new_phone: fresh, ...more });
  expectFields(await change({}), { phone_code: "required" });
  const code = await codeFor(fresh, "/api/account/code", client);
  for (let i = 0; i < 3; i++) expectFields(await change({ phone_code: otherThan(code) }), { phone_code: "checksum" });
  expect(await change({ phone_code: code, password: password() }), 401, "bad_credentials");
  expect(await change({ phone_code: code }), 204);
  expect(await visitor().post("/api/session", { phone: fresh, password: people.password }), 200);
});

test("a code is kept nowhere in clear, nor anywhere at all once it has arrived", async () => {
  const number = phone();
  const code = await codeFor(number);
  await until("it is forgotten", async () => (await instance.sql("select count(*) from enroll.outbox where phone is not null"))[0][0] === "0");
  const rows = await instance.sql("select to_jsonb(o) from enroll.outbox o where template like 'phone_code%' union all select to_jsonb(c) from enroll.phone_code c " +
    "union all select to_jsonb(a) from enroll.audit a where action = 'phone_code'");
  assert.ok(rows.length > 2);
  const hashes = rows.flat().join("\n").replace(/\\\\x[0-9a-f]+|[0-9a-f]{8}-[0-9a-f-]+|"(at|ref|xid|id|[a-z_]+_at)": ?"?[^",}]+/g, "");
  for (const secret of [code, number]) assert.ok(!hashes.includes(secret));
  const logs = await instance.logs();
  assert.ok(!logs.includes(number));
});

test("where no proof is asked for a code is unknown, and none is sent", async () => {
  const plain = await Instance.shared();
  const client = new Client(plain);
  assert.equal(expect(await client.get("/api/content/site"), 200).json.phone_proof, "off");
  expectFields(await client.once("/api/register", { ...registration(family()), phone_code: "123456" }), { phone_code: "unknown" });
  for (const path of ["/api/register/code", "/api/recover/code"]) expect(await client.post(path, { phone: phone() }), 409, "wrong_state");
  const { client: signedIn, people } = await registered(plain);
  expect(await signedIn.post("/api/session", { phone: people.phone, password: people.password }), 200);
  expect(await signedIn.post("/api/account/code", { phone: phone() }), 409, "wrong_state");
});

test("a stranger who proves a number of his own holds the account no longer than the owner's link takes", async () => {
  const { client, people } = await account();
  const thief = visitor();
  const his = phone();
  const body = { ...facts(people), old_phone: people.phone, new_phone: his };
  expectFields(await thief.post("/api/recover/phone", { ...body, phone_code: otherThan(await codeFor(his, "/api/recover/code", thief)) }), { phone_code: "checksum" });
  const [newest] = await arrived(his);
  expect(await thief.post("/api/recover/phone", { ...body, phone_code: /验证码 (\d{6})/.exec(newest.text)[1] }), 204);
  const token = await until("the owner is told", async () => (await arrived(people.phone)).map(({ text }) => /\/undo#([\w-]{43})/.exec(text)?.[1]).find(Boolean), 20000, 200);
  expect(await visitor().post("/api/recover/undo", { token }), 204);
  expect(await thief.post("/api/session", { phone: his, password: people.password }), 401, "bad_credentials");
  expect(await client.post("/api/session", { phone: people.phone, password: people.password }), 200);
});
