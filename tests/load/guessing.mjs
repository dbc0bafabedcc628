// node tests/load/guessing.mjs [TRIES]: 10,000 hostile tries at one family within a day, from as many addresses, everything killed
// with -9 half-way. Prints how many were judged, and how the owner and a family at the same address get in afterwards. Not part of
// tests/run, which tries fewer (tests/fault/guess.test.mjs).
import { flood } from "../harness/flood.mjs";
import { Instance } from "../harness/instance.mjs";

const tries = Number(process.argv[2] ?? 10000);
const instance = await Instance.create();
try {
  await instance.start();
  const began = performance.now();
  const { total, statuses, judged, aimed, wechatMs } = await flood(instance, { tries, rounds: 200 });
  console.log(`${total} tries in ${((performance.now() - began) / 1000).toFixed(0)} s: ${Object.entries(statuses).map(([status, n]) => `${n} × ${status}`).join(", ")}`);
  for (const [kind, n] of Object.entries(judged)) console.log(`  ${kind.padEnd(32)} ${n} judged`);
  console.log(`judged at the child ${aimed.child}, at the guardian ${aimed.guardian} (20 a day), at the password ${aimed["the password"]} (100 a day)`);
  console.log(`afterwards the owner is in by his WeChat within ${wechatMs.toFixed(0)} ms; a browser known before and a family at the same address at the first try`);
} finally {
  await instance.remove();
}
