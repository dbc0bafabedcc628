// Every fault of the province, in both flows, at first and with a kill -9 of ours in the middle: what the parent is told meanwhile,
// that nothing is left half done, and that the right end comes when the province recovers. The table is made by running it.
// Faults and kills strike everybody on one instance, so several run beside each other, each through its share of the faults.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client, expect } from "../harness/client.mjs";
import { cheap, Instance, sleep, until } from "../harness/instance.mjs";
import { launch, routed, sandboxDo, students } from "../harness/road.mjs";
import { Province, signature } from "../harness/province.mjs";

const flows = {
  bind: { kind: "bindings", process: "bind", part: "binding", reached: "bound" },
  authorize: { kind: "authorizations", process: "license", part: "authorization", reached: "authorized" },
};
const everywhere = ["slow", "hang", "refuse", "http_500", "garbage", "truncate", "huge", "drop", "duplicate", "reorder", "late", "forge"];
const faults = [
  ...[...everywhere, "failure", "clock_off", "other_person", "low_level", "no_birth_certificate"].map((fault) => ["space", fault]),
  ...[...everywhere, "failure", "token_expired", "revoked", "not_issued", "no_document", "withdrawn"].map((fault) => ["license", fault]),
  ...[...everywhere, "clock_off"].map((fault) => ["notify", fault]),
];
// What is slow is answered within outbound_timeout_ms, what hangs is not.
const UNDER_FAULT_MS = 900, DELAY_MS = 400, overrides = `${cheap}outbound_timeout_ms = 1200\n`, SHARES = 2;
const rows = [], sides = [];

before(async () => {
  for (const isKilled of [false, true]) {
    for (let share = 0; share < SHARES; share++) {
      const instance = await Instance.create({ overrides });
      sides.push({ instance, province: new Province(instance), isKilled, faults: faults.filter((_, i) => i % SHARES === share) });
      // The first builds what is missing; the others take it as it is.
      if (sides.length === 1) await instance.start();
    }
  }
  await Promise.all(sides.slice(1).map(({ instance }) => instance.start()));
});
after(() => Promise.all(sides.map(({ instance }) => instance.remove())));

/** What the pages do: repeat what a killed process or a busy one left open. */
async function persist(words, send, isAnswer = ({ status }) => status < 500, timeoutMs = 40000) {
  return until(words, async () => {
    const answer = await send().catch(() => null);
    return answer && isAnswer(answer) && answer;
  }, timeoutMs, 150);
}

/** make(item) for each, a few beside each other: more launches at once would be told that we are busy. */
async function few(items, make) {
  const made = [];
  for (let i = 0; i < items.length; i += 3) made.push(...(await Promise.all(items.slice(i, i + 3).map(make))));
  return made;
}

/** Families for one fault: one that is to bind, one that is bound. */
async function cast({ instance }) {
  const [bind, authorize] = await Promise.all([routed(instance), routed(instance)]);
  await launch(authorize.client, "bindings");
  return { bind, authorize };
}

/** A refusal that a parent can read. */
function isClear({ status, json }) {
  assert.equal(status, 503, JSON.stringify(json));
  assert.ok(["provider_unavailable", "busy"].includes(json.code), json.code);
  assert.match(json.detail, /[\u4e00-\u9fff]{6}/);
  assert.match(json.ref, /^\d{8}$/);
}

/** A state that a parent can read: on its way, or ended with words beside what is missing. Returns it in short. */
function short(seen) {
  assert.ok(["pending", "completed", "denied", "expired"].includes(seen.status), seen.status);
  assert.equal(seen.poll_after_ms > 0, seen.status === "pending", "the page knows whether to ask again");
  for (const step of seen.steps) assert.match(step.title, /[\u4e00-\u9fff]/);
  const [student] = seen.students;
  for (const { code, message } of student.missing) assert.match(message, /[\u4e00-\u9fff]{6}/, code);
  if (student.status === "incomplete") assert.ok(student.missing.length > 0, "incomplete says why");
  return [seen.status, student.status, ...student.missing.map(({ code }) => code)].filter((word, i, all) => word !== all[i - 1]).join(" ");
}

/** One cell's steps. */
class Cell {
  constructor(side, flow, parent) {
    Object.assign(this, { ...side, ...flows[flow], flow, client: parent.client, again: 0 });
  }

  /** 立即绑定 under the fault: it goes, or is refused in words. */
  async tryLaunch() {
    const answer = await this.client.post(`/api/${this.kind}`, {});
    if (answer.status === 201) this.launched = answer.json;
    else isClear(answer);
    this.atLaunch = answer.json.code ?? "201";
  }

  /** The province is back: whoever was refused presses again. */
  async launch() {
    if (this.launched) return;
    const { json } = await persist("the launch succeeds", () => this.client.post(`/api/${this.kind}`, {}), ({ status }) => [200, 201].includes(status));
    this.launched = json;
  }

  async see() {
    const { json } = await persist("we answer", () => this.client.get(`/api/${this.kind}/${this.launched.id}`));
    return json;
  }

  /** All the parent sees while the fault lasts. */
  async watch() {
    const said = new Set();
    for (const end = Date.now() + UNDER_FAULT_MS; Date.now() < end; await sleep(150)) said.add(short(await this.see()));
    this.meanwhile = [...said].at(-1);
  }

  async settled() {
    return until("it comes to an end", async () => {
      const seen = await this.see();
      short(seen);
      return seen.status !== "pending" && seen;
    }, 60000, 100);
  }

  /** To the right end, by itself or by what the page offers: once more. */
  async finish() {
    const [student] = (await this.settled()).students;
    if (student.status === this.reached) return;
    this.again++;
    assert.deepEqual((await launch(this.client, this.kind)).students[0].status, this.reached);
  }

  /** Nothing half done: not an errand, not a request, not a lease; one request a holder and signing, and the right licences. */
  async check(fault) {
    const [student] = await students(this.client);
    assert.equal(student[this.part].status, this.reached);
    assert.equal(student.next, this.flow === "bind" ? "authorize" : "enroll");
    const [[open, due, doubled, foreign, fetched]] = await this.instance.sql(`
      with g as (select guardian_id as id from enroll.errand where id = '${this.launched.id}'),
      q as (select r.* from enroll.license_request r join enroll.signing n on n.id = r.signing_id where n.guardian_id = (select id from g))
      select (select count(*) from enroll.errand e where e.guardian_id = (select id from g)
                and (e.status in ('launching', 'pending') or e.leased_until is not null and e.status <> 'failed')),
             (select count(*) from q where q.status = 'due'),
             (select count(*) from (select from q group by signing_id, student_id having count(*) > 1) x),
             (select count(*) from enroll.license l where l.guardian_id = (select id from g) and l.state = 'consent_withdrawn'),
             (select count(distinct coalesce(l.student_id, l.guardian_id)) from enroll.license l
               where l.guardian_id = (select id from g) and l.type = 'household_register' and l.state = 'fetched')`);
    // A code that was spent under another number would be refused like a consent that was withdrawn.
    if (fault !== "withdrawn") assert.equal(foreign, "0");
    assert.deepEqual({ open, due, doubled, fetched }, { open: "0", due: "0", doubled: "0", fetched: this.flow === "bind" ? "0" : "2" });
  }
}

/** All cells of one fault on one instance. */
async function strike(side, [target, fault], people) {
  const { isKilled } = side;
  const cells = Object.keys(flows).map((flow) => new Cell(side, flow, people[flow]));
  const began = Date.now();
  await side.province.fault(target, fault, { delay_ms: DELAY_MS });
  await Promise.all(cells.map((cell) => cell.tryLaunch()));
  await side.province.fault(target, "none");
  await Promise.all(cells.map((cell) => cell.launch()));
  await side.province.fault(target, fault, { delay_ms: DELAY_MS });
  await Promise.all(cells.map((cell) => sandboxDo(cell.client, cell.launched, { do: "complete" })));
  if (isKilled) {
    await sleep(250);
    await Promise.all(cells.map((cell) => side.instance.kill(cell.process)));
  }
  await Promise.all(cells.map((cell) => cell.watch()));
  await side.province.fault(target, "none");
  await Promise.all(cells.map((cell) => cell.finish()));
  for (const cell of cells) {
    await cell.check(fault);
    rows.push([`${target} ${fault}`, cell.flow, isKilled ? "killed" : "first", cell.atLaunch, cell.meanwhile,
      cell.again ? "once more" : "by itself", `${((Date.now() - began) / 1000).toFixed(1)} s`]);
  }
}

test("every fault of the province, both flows, at first and killed in the middle, comes to the right end", async (t) => {
  const failures = [];
  const run = async (side) => {
    // Before anything is out of order.
    const casts = await few(side.faults, () => cast(side));
    for (const [i, one] of side.faults.entries())
      await strike(side, one, casts[i]).catch((error) => failures.push(`${one.join(" ")}, ${side.isKilled ? "killed" : "first"}: ${error.stack}`));
  };
  await Promise.all(sides.map(run));
  const widths = rows.reduce((all, row) => row.map((cell, i) => Math.max(cell.length, all[i] ?? 0)), []);
  for (const row of rows.sort()) t.diagnostic(row.map((cell, i) => cell.padEnd(widths[i])).join("  "));
  assert.deepEqual(failures, []);
  assert.equal(rows.length, faults.length * 4, "all cells have run");
});

test("a notice replayed, forged, altered, late or for another state changes nothing", async () => {
  const { instance } = sides[0];
  const [one, other] = await Promise.all([routed(instance), routed(instance)]);
  const start = async ({ client }) => expect(await client.post("/api/bindings", {}), 201).json;
  const [mine, theirs] = [await start(one), await start(other)];
  const session = ({ launch_url: url }) => new URL(url).pathname.split("/").pop();
  const provider = new Client(instance);
  const picture = () => instance.sql(`select e.id, e.status, e.provider_status, e.verified_at, s.binding_status, s.proven_at
    from enroll.errand e join enroll.errand_student x on x.errand_id = e.id join enroll.student s on s.id = x.student_id
    where e.id in ('${mine.id}', '${theirs.id}') order by 1`);
  const tell = (headers, over = {}) => provider.post("/api/bindings/notify", {
    event_id: `event-${Math.random()}`, session_id: session(mine), state: "x", status: "completed", occurred_at: new Date().toISOString(), ...over,
  }, { headers: { Origin: null, ...headers } });
  const before = await picture();
  const seen = await signature(instance);
  const steps = [
    ["the first", seen, {}, 204],
    ["replayed", seen, {}, 403],
    ["forged", await signature(instance, { token: "guessed" }), {}, 403],
    ["late", await signature(instance, { timestamp: Math.floor(Date.now() / 1000) - 400 }), {}, 403],
    ["altered to another session", await signature(instance), { session_id: session(theirs), status: "completed" }, 204],
    ["for another state", await signature(instance), { status: "denied" }, 204],
    ["of a state that there is not", await signature(instance), { status: "bound" }, 204],
    ["for an unknown session", await signature(instance), { session_id: "00000000-0000-0000-0000-000000000000" }, 404],
  ];
  for (const [words, headers, over, status] of steps) assert.equal((await tell(headers, over)).status, status, words);
  await sleep(1000);
  assert.deepEqual(await picture(), before);

  await sandboxDo(one.client, mine, { do: "complete" });
  await until("it is bound", async () => (await students(one.client))[0].binding.status === "bound");
  const ended = await picture();
  for (const status of ["denied", "created", "expired"]) assert.equal((await tell(await signature(instance), { status })).status, 204);
  await sleep(500);
  assert.deepEqual(await picture(), ended);
});

test("killed at every point around the spending of the code, the same request is used again", async (t) => {
  const moments = [0, 150, 300, 450, 600, 750, 900, 1050, 1200, 1500];
  const tries = (await Promise.all(sides.map((side, i) => spend(side, moments.filter((_, m) => m % sides.length === i))))).flat();
  assert.equal(tries.length, 2 * moments.length);
  assert.ok(tries.some((n) => n > 1), "some were asked again after the kill");
  t.diagnostic(`tries: ${tries.join(" ")}`);
});

/** Kill license at each of these moments (in ms) after a signing. How often each request was tried in the end. */
async function spend({ instance, province }, moments) {
  const parents = await few(moments, async () => {
    const parent = await routed(instance);
    await launch(parent.client, "bindings");
    return { ...parent, launched: expect(await parent.client.post("/api/authorizations", {}), 201).json };
  });
  await province.fault("license", "slow", { delay_ms: 400 });
  for (const [i, ms] of moments.entries()) {
    await sandboxDo(parents[i].client, parents[i].launched, { do: "complete" });
    await sleep(ms);
    await instance.kill("license");
    // Wherever it died, the page answers, and knows whether to go on asking.
    const { json } = await persist("we answer", () => parents[i].client.get(`/api/authorizations/${parents[i].launched.id}`));
    short(json);
  }
  await province.fault("license", "none");
  await Promise.all(parents.map(({ client }) =>
    until("each is authorized", async () => (await students(client).catch(() => []))[0]?.authorization.status === "authorized", 60000, 300)));
  const ids = parents.map(({ launched }) => `'${launched.id}'`).join();
  const ours = await instance.sql(`select r.id, r.tries from enroll.license_request r join enroll.signing n on n.id = r.signing_id where n.errand_id in (${ids})`);
  const known = new Set(ours.map(([id]) => id));
  const spent = await instance.sql("select authorization_code, holder_id_no, request_id from sandbox.license_request", { database: "sandbox" });
  assert.equal(ours.length, 2 * moments.length, "one request a holder");
  assert.equal(spent.filter(([, , id]) => known.has(id)).length, ours.length, "each spent under its own number");
  return ours.map(([, tries]) => Number(tries));
}
