// Hash slots: one at a time, one waiting. Whoever comes beyond is told busy at once, and it costs him nothing.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Client, expect } from "../harness/client.mjs";
import { Instance } from "../harness/instance.mjs";
import { facts, password } from "../harness/people.mjs";
import { registered } from "../harness/road.mjs";

const instance = await Instance.create({ overrides: "scrypt_ln = 15\nscrypt_p = 2\nhash_slots = 1\nhash_queue = 1\n" });
after(() => instance.remove());
await instance.start();
const visitor = () => new Client(instance);

/** Twelve families at the same instant: some done, the others told when to come again. */
async function storm(ask, done) {
  const families = [];
  for (let i = 0; i < 12; i++) families.push((await registered(instance)).people);
  const answers = await Promise.all(families.map(ask));
  const busy = answers.filter(({ status }) => status === 503);
  assert.ok(busy.length > 0 && busy.length < 12, answers.map(({ status }) => status).join(" "));
  for (const answer of busy) {
    expect(answer, 503, "busy");
    assert.ok(Number(answer.headers["retry-after"]) > 0);
    assert.match(answer.json.detail, /先后不影响录取/);
  }
  for (const answer of answers) if (answer.status !== 503) expect(answer, ...done);
}

test("beyond the slots and a short queue a sign-in is busy, and counts as no guess", async () => {
  await storm((people) => visitor().post("/api/session", { phone: people.phone, password: people.password }), [200]);
  assert.deepEqual(await instance.sql("select count(*) from enroll.guess where kind = 'phone' and count > 0"), [["0"]]);
});

test("a recovery that is busy counts as no guess", async () => {
  await storm((people) => visitor().post("/api/recover/password", { ...facts(people), password: password() }), [204]);
  assert.deepEqual(await instance.sql("select count(*) from enroll.guess where kind in ('guardian', 'child') and count > 0"), [["0"]]);
});
