// Floods of guesses, from other addresses and from the family's own: what they cost whom.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, expect } from "../harness/client.mjs";
import { Instance, sleep } from "../harness/instance.mjs";
import { facts, family, key, password, phone, registration } from "../harness/people.mjs";
import { registered, signedIn } from "../harness/road.mjs";

const instance = await Instance.shared();
let place = 0;
/** A browser at an address of its own, or at the one given. */
const stranger = (address = `127.77.${Math.floor(++place / 250)}.${(place % 250) + 1}`) => new Client(instance, { address });
const signIn = (client, { phone: number, password: secret }) => client.post("/api/session", { phone: number, password: secret });
const recover = (client, people, more = {}) => client.post("/api/recover/password", { ...facts(people), password: password(), ...more });
const judged = (answers) => answers.filter(({ status }) => status === 401).length;

test("of two hundred tries at one family's facts at the same instant, from as many addresses, five are judged", async () => {
  const { people } = await registered(instance);
  const answers = await Promise.all(Array.from({ length: 200 }, () => recover(stranger(), people, { guardian_name: "不对" })));
  assert.ok(judged(answers) <= 5, `${judged(answers)} were judged`);
  for (const { status } of answers) assert.ok([401, 429, 503].includes(status), String(status));
});

test("of two hundred wrong passwords at the same instant, from as many addresses, five are judged", async () => {
  const { people } = await registered(instance);
  const answers = await Promise.all(Array.from({ length: 200 }, () => signIn(stranger(), { ...people, password: password() })));
  assert.ok(judged(answers) <= 5, `${judged(answers)} were judged`);
});

test("after a flood the owner gets in at once, by a linked WeChat and by a browser that has signed in before", async () => {
  const { client: known, people } = await signedIn(instance);
  const user = `user-${key().slice(0, 12)}`;
  const open = async (client) => {
    const away = new URL((await client.get("/api/wechat/authorize")).headers.location);
    const back = new URL((await client.get(`${away.pathname}${away.search}&user=${user}`)).headers.location, instance.url);
    expect(await client.get(back.pathname + back.search), 302);
  };
  const linked = new Client(instance, { userAgent: "MicroMessenger" });
  await open(linked);
  expect(await signIn(linked, people), 200);

  await Promise.all(Array.from({ length: 100 }, (_, i) => (i % 2 ? signIn(stranger(), { ...people, password: password() })
    : recover(stranger(), people, { student_name: "不对" }))));
  expect(await signIn(stranger(), people), 429, "too_many_attempts");
  expect(await recover(stranger(), people), 429, "too_many_attempts");

  const elsewhere = new Client(instance, { userAgent: "MicroMessenger" });
  await open(elsewhere);
  expect(await elsewhere.get("/api/session"), 200);
  expect(await signIn(known, people), 200);
});

test("beside a flood from the same address a family waits for seconds at most", async () => {
  const address = "127.78.0.1";
  const known = stranger(address);
  const [people, beside] = [family(), family()];
  for (const one of [people, beside]) expect(await stranger().once("/api/register", registration(one)), 201);
  expect(await signIn(known, people), 200);

  // Every phone is another one: only the address can tell. Some of a thousand are busy and do not count.
  let failures = 0;
  for (let i = 0; i < 40 && failures <= 1000; i++) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => signIn(stranger(address), { phone: phone(), password: password() })));
    failures += judged(answers);
    if (answers.some(({ status }) => status === 429)) break;
  }
  const refused = expect(await signIn(stranger(address), beside), 429, "too_many_attempts");
  const seconds = Number(refused.headers["retry-after"]);
  assert.ok(seconds >= 1 && seconds <= 3, String(seconds));
  expect(await signIn(known, people), 200);
  await sleep(seconds * 1000 + 50);
  expect(await signIn(stranger(address), beside), 200);
});

test("fifty families recover at one school's address within the hour, each after a slip, and nobody waits", async () => {
  const address = "127.81.0.1";
  const families = [];
  for (let i = 0; i < 50; i++) families.push((await registered(instance)).people);
  for (const people of families) {
    expect(await recover(stranger(address), people, { guardian_name: "打错" }), 401, "bad_credentials");
    const secret = password();
    expect(await recover(stranger(address), people, { password: secret }), 204);
    expect(await signIn(stranger(address), { ...people, password: secret }), 200);
  }
});

test("two parents of one child and one parent of two do not use up each other's tries by getting in", async () => {
  const { client, people } = await signedIn(instance, { children: 2 });
  const twin = { ...people, children: people.children.slice(1) };
  const other = (await registered(instance)).people;
  const address = "127.81.0.2";
  const father = new Client(instance);
  expect(await signIn(father, other), 200);
  expect(await father.post("/api/students", { ...people.children[0], consent: true }), 201);
  const shared = { ...other, children: people.children };
  for (let i = 0; i < 10; i++)
    for (const one of [people, twin, shared]) expect(await recover(stranger(address), one), 204);
  expect(await client.get("/api/session"), 401, "not_signed_in");
});

test("failures count at the address that is truly there, whatever the headers say", async () => {
  const address = "127.82.0.1";
  const counts = async () => new Map(await instance.sql("select encode(key, 'hex'), count from enroll.guess where kind = 'address'"));
  const before = await counts();
  for (let i = 0; i < 7; i++)
    expect(await stranger(address).post("/api/session", { phone: phone(), password: password() },
      { headers: { "X-Forwarded-For": `10.1.0.${i}`, "X-Real-IP": `10.2.0.${i}`, Forwarded: `for=10.3.0.${i}` } }), 401, "bad_credentials");
  const grown = [...await counts()].map(([key, n]) => Number(n) - Number(before.get(key) ?? 0));
  assert.ok(grown.includes(7), `at one address: ${grown}`);
});
