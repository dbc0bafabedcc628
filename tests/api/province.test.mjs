// When the province is slow, silent, wrong or down, and how fast we are when it is not. On an instance of its own, because the
// sandbox's faults strike everybody.
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { Client, expect } from "../harness/client.mjs";
import { Instance, sleep, until } from "../harness/instance.mjs";
import { launch, returnCode, routed, sandboxDo, students } from "../harness/road.mjs";
import { Province } from "../harness/province.mjs";

const instance = await Instance.create();
after(() => instance.remove());
await instance.start();
const province = new Province(instance);
const control = new Client(instance);
const RUNS = Number(process.env.ENROLL_RUNS ?? 4); // 200 for figures worth telling
const codes = (student) => student.missing.map(({ code }) => code);

// The breaker of an earlier test may still be open.
beforeEach(async () => {
  for (const target of ["space", "license", "notify"]) await province.fault(target, "none");
  await until("the space answers again", async () => {
    const { client } = await routed(instance);
    return (await client.post("/api/bindings", {})).status === 201;
  }, 15000, 250);
});

async function bound() {
  const parent = await routed(instance);
  await launch(parent.client, "bindings");
  return parent;
}

/** From 签署授权 to what the page shows, polling as the page does. */
async function signedUntilAuthorized(parent, withCode) {
  const launched = expect(await parent.client.post("/api/authorizations", {}), 201).json;
  await sleep(50);
  await sandboxDo(parent.client, launched, { do: "complete" });
  const began = performance.now();
  if (withCode) expect(await parent.client.post("/api/authorizations/return", { code: await returnCode(parent.client, launched) }), 200);
  for (;;) {
    const { json } = expect(await parent.client.get(`/api/authorizations/${launched.id}`), 200);
    if (json.status !== "pending") {
      assert.equal(json.students[0].status, "authorized");
      return performance.now() - began;
    }
    assert.ok(performance.now() - began < 20000, "it does not settle");
    await sleep(json.poll_after_ms);
  }
}

async function figures(t, words, prepare, withCode) {
  const times = [];
  const parents = []; // as many at once as there are outbound slots
  while (parents.length < RUNS) parents.push(...(await Promise.all(Array.from({ length: Math.min(4, RUNS - parents.length) }, bound))));
  for (const parent of parents) {
    await prepare();
    times.push(await signedUntilAuthorized(parent, withCode));
  }
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.ceil(share * RUNS) - 1];
  t.diagnostic(`签署授权 → 授权完成, ${words}: ${RUNS} runs: p50 ${at(0.5).toFixed(0)} ms, p99 ${at(0.99).toFixed(0)} ms`);
}

test("签署授权 becomes 授权完成 by itself, with the notice", async (t) => {
  await figures(t, "with the notice", () => {}, true);
});

test("and without it, even when the parent comes back without the code", async (t) => {
  await figures(t, "without the notice", () => province.fault("notify", "drop", { times: 1 }), false);
});

test("a space that is down is provider_unavailable, and the next try succeeds", async () => {
  for (const fault of ["http_500", "garbage", "truncate", "huge", "refuse"]) {
    const { client } = await routed(instance);
    await province.fault("space", fault, { times: 1 });
    expect(await client.post("/api/bindings", {}), 503, "provider_unavailable");
    await province.fault("space", "none");
    expect(await client.post("/api/bindings", {}), 201);
  }
});

test("a space that hangs costs three seconds, then the breaker answers at once", async () => {
  await province.fault("space", "hang", { times: 100 });
  const parents = await Promise.all(Array.from({ length: 6 }, () => routed(instance)));
  const began = performance.now();
  const answers = await Promise.all(parents.map(({ client }) => client.post("/api/bindings", {})));
  assert.ok(performance.now() - began < 8000);
  for (const answer of answers) assert.ok(["provider_unavailable", "busy"].includes(answer.json.code), answer.text);
  assert.ok(answers.some(({ json }) => json.code === "busy"), "beyond the slots it is busy");
  const { client } = await routed(instance);
  expect(await client.post("/api/bindings", {}), 503, "provider_unavailable");
  await until("the breaker is open", async () => {
    const asked = performance.now();
    expect(await client.post("/api/bindings", {}), 503, "provider_unavailable");
    return performance.now() - asked < 500;
  }, 20000);
  const health = async () => expect(await client.get("/api/bind/health"), 200).json.outbound.space;
  await until("health says so", async () => (await health()) === "unavailable");
  assert.match(await instance.logs(), /breaker_open/);
  expect(await client.get("/api/session"), 200);
});

test("while the space is down a launched binding waits, and settles when it is back", async () => {
  const { client } = await routed(instance);
  const launched = expect(await client.post("/api/bindings", {}), 201).json;
  await province.fault("notify", "drop", { times: 1 });
  await province.fault("space", "http_500", { times: 1000 });
  await sandboxDo(client, launched, { do: "complete" });
  for (let i = 0; i < 10; i++) {
    assert.equal(expect(await client.get(`/api/bindings/${launched.id}`), 200).json.status, "pending");
    await sleep(200);
  }
  await province.fault("space", "none");
  await until("it settles", async () => (await client.get(`/api/bindings/${launched.id}`)).json.status === "completed", 30000);
});

test("notices doubled, out of order, late or forged end in the same result", async () => {
  for (const fault of ["duplicate", "reorder", "late", "forge"]) {
    await province.fault("notify", fault, { times: 1 });
    const { client } = await routed(instance);
    assert.equal((await launch(client, "bindings")).students[0].status, "bound", fault);
  }
});

test("the register down: we say that we try again, and do", async () => {
  const { client } = await bound();
  await province.fault("license", "http_500", { times: 3 });
  const launched = expect(await client.post("/api/authorizations", {}), 201).json;
  await sandboxDo(client, launched, { do: "complete" });
  const see = async () => expect(await client.get(`/api/authorizations/${launched.id}`), 200).json;
  const said = await until("it is said", async () => {
    const seen = await see();
    return seen.students[0].missing.length > 0 && seen;
  });
  assert.deepEqual([said.status, said.students[0].status, codes(said.students[0])], ["pending", "pending", ["register_unavailable"]]);
  assert.match(said.students[0].missing[0].message, /我们会自己再试/);
  await until("it is fetched after all", async () => (await see()).students[0].status === "authorized", 30000, 200);
});

test("an access token that has expired is replaced without anybody noticing", async () => {
  await bound().then(({ client }) => launch(client, "authorizations"));
  expect(await control.delete("/sandbox/control/tokens"), 204);
  const { client } = await bound();
  assert.equal((await launch(client, "authorizations")).students[0].status, "authorized");
});

test("license killed between signing and fetching asks again with the same request", async () => {
  const parents = await Promise.all(Array.from({ length: 4 }, bound));
  for (const { client } of parents) {
    const launched = expect(await client.post("/api/authorizations", {}), 201).json;
    await sandboxDo(client, launched, { do: "complete" });
    await instance.kill("license");
    await sleep(100);
  }
  for (const { client } of parents)
    await until("each is authorized", async () => (await students(client))[0].authorization.status === "authorized", 40000, 200);
});

test("a notice that comes before our own record is refused, comes again, and is not forgotten", async () => {
  const { client, people } = await routed(instance);
  await province.fault("space", "slow", { times: 1, delay_ms: 1500 });
  const posting = client.post("/api/bindings", {});
  const [[session]] = await until("the space knows the session", async () => {
    const found = await instance.sql(`select id from sandbox.session where guardian_id_no = '${people.guardian.id_no}'`, { database: "sandbox" });
    return found.length > 0 && found;
  });
  expect(await control.post(`/sandbox/control/sessions/${session}`, { do: "complete" }), 204);
  const told = async () => (await instance.sql(`select outcome from enroll.audit where action = 'bind_notice'`)).flat();
  await until("the notice is refused", async () => (await told()).includes("not_found"), 3000);
  const launched = expect(await posting, 201).json;
  await until("it is bound", async () => (await students(client))[0].binding.status === "bound");
  const heard = async () => Number((await instance.sql(`select count(*) from enroll.provider_event where errand_id = '${launched.id}'`))[0][0]);
  await until("the notice has come again", async () => (await heard()) > 0, 15000);
});

test("a code that somebody has spent before us leads to signing again, in words", async () => {
  const { client } = await bound();
  const launched = expect(await client.post("/api/authorizations", {}), 201).json;
  await province.fault("license", "http_500");
  await sandboxDo(client, launched, { do: "complete" });
  const session = new URL(launched.launch_url).pathname.split("/").pop();
  await instance.sql(`insert into sandbox.license_request select s.authorization_code, x->>'holder_id_no', 'another request'
    from sandbox.session s, jsonb_array_elements(s.scope) x where s.id = '${session}' group by 1, 2`, { database: "sandbox" });
  await province.fault("license", "none");
  const seen = await until("it is over", async () => {
    const { json } = expect(await client.get(`/api/authorizations/${launched.id}`), 200);
    return json.status !== "pending" && json;
  }, 30000);
  assert.deepEqual([seen.students[0].status, codes(seen.students[0])], ["incomplete", ["consent_withdrawn"]]);
  assert.match(seen.students[0].missing[0].message, /重新签署/);
  assert.equal((await launch(client, "authorizations")).students[0].status, "authorized");
});
