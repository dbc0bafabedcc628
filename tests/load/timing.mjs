// node tests/load/timing.mjs [PAIRS]: does the time of an answer tell whether an account exists? Interleaved pairs, one known and one
// unknown identity in random order, at sign-in (also after the cost of hashing was raised) and at both recoveries. Prints the medians and
// a 95 % confidence interval of the median difference within a pair (by the sign test: order statistics, nothing assumed about the
// distribution). An experiment, not part of tests/run: its figures want an otherwise idle machine.
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "../harness/client.mjs";
import { Instance } from "../harness/instance.mjs";
import { facts, family, name, password, phone } from "../harness/people.mjs";
import { registered } from "../harness/road.mjs";

const pairs = Number(process.argv[2] ?? 2000);
const pool = 50; // families a side; each may be tried four times before the counters are put back
const before = "scrypt_ln = 10\nscrypt_p = 1\nhash_slots = 2\nhash_queue = 64\n";
const raised = before.replace("scrypt_ln = 10", "scrypt_ln = 11");

const instance = await Instance.create({ overrides: before });
const stranger = new Client(instance);
const median = (sorted) => sorted[Math.floor(sorted.length / 2)];
const ascending = (list) => [...list].sort((a, b) => a - b);
const shape = ({ status, headers, json }) => JSON.stringify([status, Object.keys(headers), headers["content-length"], json.code, json.detail]);

async function timed(path, body) {
  const began = performance.now();
  const answer = await stranger.post(path, body, { isChecked: false });
  const ms = performance.now() - began;
  assert.equal(answer.status, 401, answer.text);
  return { ms, shape: shape(answer) };
}

async function compare(words, path, bodyOf, known, unknown) {
  const times = { known: [], unknown: [] }, differences = [];
  for (let i = 0; i < pairs; i++) {
    if (i % (4 * pool) === 0) await instance.sql("delete from enroll.guess");
    const sides = { known: known[i % pool], unknown: unknown[i % pool] };
    const got = {};
    for (const side of randomInt(2) ? ["known", "unknown"] : ["unknown", "known"]) {
      got[side] = await timed(path, bodyOf(sides[side]));
      times[side].push(got[side].ms);
    }
    assert.equal(got.known.shape, got.unknown.shape);
    differences.push(got.known.ms - got.unknown.ms);
  }
  const sorted = ascending(differences), half = 0.98 * Math.sqrt(pairs);
  const low = sorted[Math.max(0, Math.floor(pairs / 2 - half))], high = sorted[Math.min(pairs - 1, Math.ceil(pairs / 2 + half))];
  const us = (ms) => `${ms >= 0 ? "+" : ""}${(ms * 1000).toFixed(0)}`;
  console.log(`${words.padEnd(44)} known ${median(ascending(times.known)).toFixed(3)} ms  unknown ${median(ascending(times.unknown)).toFixed(3)} ms  ` +
    `difference ${us(median(sorted))} µs [${us(low)}, ${us(high)}]  ${low <= 0 && high >= 0 ? "none shown" : "DIFFERENT"}`);
}

const wrongPassword = (people) => ({ phone: people.phone, password: password() });
const wrongFacts = (people) => ({ ...facts(people), guardian_name: `欧阳${name()}`, password: password() }); // nobody here is called that
const wrongPhone = (people) => ({ ...facts(people), old_phone: phone(), new_phone: phone() });

try {
  await instance.start();
  const known = [], unknown = Array.from({ length: pool }, () => family());
  for (let i = 0; i < pool; i++) known.push((await registered(instance)).people);
  console.log(`${pairs} pairs each; difference: known - unknown, 95 % confidence interval of the median`);
  await compare("sign-in", "/api/session", wrongPassword, known, unknown);
  await compare("recovery of the password, a name wrong", "/api/recover/password", wrongFacts, known, unknown);
  await compare("change of the phone, the old one wrong", "/api/recover/phone", wrongPhone, known, unknown);

  await instance.stop();
  await writeFile(join(instance.state, "overrides.conf"), raised);
  await instance.start();
  await compare("sign-in, cost raised, hash still the old one", "/api/session", wrongPassword, known, unknown);
  await compare("recovery of the password, cost raised", "/api/recover/password", wrongFacts, known, unknown);
} finally {
  await instance.remove();
}
