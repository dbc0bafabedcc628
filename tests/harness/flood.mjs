// A flood of guesses at one family, from as many addresses, while a day goes by and everything is killed once; and what it costs
// the family. How many tries were judged is what the bounds are about: the rest learned nothing.
import assert from "node:assert/strict";
import { Client, expect } from "./client.mjs";
import { until } from "./instance.mjs";
import { childIdNo, facts, guardianIdNo, password, phone, registration, family } from "./people.mjs";
import { registered, signedIn } from "./road.mjs";
import { browser, linked, openPage } from "./wechat.mjs";

const services = ["register", "session", "wechat", "recover", "bind", "license", "enroll", "content"];

/** Kill -9 whatever runs, PostgreSQL included, and wait until all are back. */
export async function killAll(instance) {
  for (const pid of (await instance.pids()).values()) process.kill(pid, "SIGKILL");
  const client = new Client(instance);
  await until("everything is back", async () => (await Promise.all(services.map((name) => client.get(`/api/${name}/health`, { isChecked: false })
    .then(({ status }) => status === 200, () => false)))).every(Boolean), 60000, 200);
}

/** What a stranger may try at a family: each kind hits other counters. */
const guesses = {
  "all but the guardian's name": (people) => ["/api/recover/password", { ...facts(people), guardian_name: "不对", password: password() }],
  "this child, another guardian": (people) => ["/api/recover/password", { ...facts(people), guardian_id_no: guardianIdNo(), password: password() }],
  "this guardian, another child": (people) => ["/api/recover/password", { ...facts(people), student_id_no: childIdNo(), password: password() }],
  "all but the old phone": (people) => ["/api/recover/phone", { ...facts(people), old_phone: phone(), new_phone: phone() }],
  "the password": (people) => ["/api/session", { phone: people.phone, password: password() }],
};
const touches = { child: ["all but the guardian's name", "this child, another guardian", "all but the old phone"],
  guardian: ["all but the guardian's name", "this guardian, another child", "all but the old phone"] };

/**
 * tries in rounds, each round one quarter of an hour after the other and none longer than a day in all, and a restart by kill -9
 * half-way. Returns what was judged, by kind and by what it was aimed at, all statuses, and the family's own ways in afterwards.
 */
export async function flood(instance, { tries, rounds }) {
  const { people, user } = await linked(instance);
  const known = (await signedIn(instance)).client;
  expect(await known.post("/api/session", { phone: people.phone, password: people.password }), 200);
  const beside = (await registered(instance)).people;
  const judged = Object.fromEntries(Object.keys(guesses).map((kind) => [kind, 0])), statuses = {};
  const kinds = Object.entries(guesses);
  let place = 0;
  const address = () => `127.80.${Math.floor(++place / 250) % 250}.${(place % 250) + 1}`;
  for (let round = 0; round < rounds; round++) {
    if (round === Math.floor(rounds / 2)) await killAll(instance);
    await Promise.all(Array.from({ length: Math.ceil(tries / rounds) }, async (_, i) => {
      const [kind, make] = kinds[i % kinds.length];
      const [path, body] = make(people);
      const { status } = await new Client(instance, { address: address() }).post(path, body, { isChecked: false });
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status === 401) judged[kind]++;
    }));
    // The day is not over: delays pass, the count of the day stays.
    await instance.sql("update enroll.guess set next_at = null where kind <> 'address'");
  }
  const aimed = { "the password": judged["the password"] };
  for (const [at, kindsOf] of Object.entries(touches)) aimed[at] = kindsOf.reduce((sum, kind) => sum + judged[kind], 0);

  // The owner, and a family at an address that the flood came from.
  const chat = browser(instance);
  const began = performance.now();
  await openPage(chat, user);
  expect(await chat.get("/api/session"), 200);
  const wechatMs = performance.now() - began;
  expect(await known.post("/api/session", { phone: people.phone, password: people.password }), 200);
  const shared = () => new Client(instance, { address: "127.80.0.2" });
  expect(await shared().post("/api/session", { phone: beside.phone, password: beside.password }), 200);
  expect(await shared().post("/api/recover/password", { ...facts(beside), password: password() }), 204);
  expect(await shared().once("/api/register", registration(family())), 201);
  const total = Object.values(statuses).reduce((sum, n) => sum + n, 0);
  assert.deepEqual(Object.keys(statuses).filter((status) => !["401", "429", "503"].includes(status)), [], JSON.stringify(statuses));
  return { total, statuses, judged, aimed, wechatMs };
}
