// node tests/load/storm.mjs [SIGN-INS]: 200 sign-ins at the same instant, hashed at full cost, on an instance with the demo's own
// slots; meanwhile others read. Prints how many were served and how many were told to wait, how long it takes until all are in who
// repeat as the pages do, what the memory of session grew by, and the GETs of two executables during the storm as ratios to
// before. Not part of tests/run.
import { readFileSync } from "node:fs";
import { Client, expect } from "../harness/client.mjs";
import { Instance, sleep } from "../harness/instance.mjs";
import { registered, signedIn } from "../harness/road.mjs";

const signIns = Number(process.argv[2] ?? 200);
const perFamily = 5; // as many of one phone may be tried at once
const instance = await Instance.create({ overrides: "scrypt_ln = 15\n" });
const quantile = (list, q) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(q * list.length))];
const paths = { "session": "/api/session", "enroll": "/api/season" };

/** Somebody reads, page after page, until told to stop: the times of each executable. */
function reading(client) {
  const times = Object.fromEntries(Object.keys(paths).map((name) => [name, []]));
  let isOver = false;
  const loop = (async () => {
    while (!isOver)
      for (const [name, path] of Object.entries(paths)) {
        const began = performance.now();
        expect(await client.get(path, { isChecked: false }), 200);
        times[name].push(performance.now() - began);
        await sleep(5);
      }
  })();
  return async () => {
    isOver = true;
    await loop;
    return times;
  };
}

async function memory() {
  const status = readFileSync(`/proc/${(await instance.pids()).get("session")}/status`, "utf8");
  const of = (name) => Math.round(Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)[1]) / 1024);
  return { now: of("VmRSS"), peak: of("VmHWM") };
}

/** One parent: signs in, and repeats after the time he was told, as the page does. */
async function insist({ phone, password: secret }, first) {
  const began = performance.now();
  for (let n = 0; ; n++) {
    const { status, headers } = await new Client(instance).post("/api/session", { phone, password: secret }, { isChecked: false, timeoutMs: 60000 });
    if (n === 0) first[status] = (first[status] ?? 0) + 1;
    if (status === 200) return performance.now() - began;
    if (![503, 429].includes(status)) throw new Error(`sign-in: ${status}`);
    await sleep(Math.max(1, Number(headers["retry-after"])) * 1000 * (1 + Math.random()));
  }
}

try {
  await instance.start();
  const { client } = await signedIn(instance);
  const families = [];
  for (let i = 0; i < signIns / perFamily; i++) families.push((await registered(instance)).people);
  const memoryBefore = await memory();

  let stop = reading(client);
  await sleep(8000);
  const before = await stop();

  stop = reading(client);
  const first = {}, began = performance.now();
  const times = await Promise.all(Array.from({ length: signIns }, (_, i) => insist(families[i % families.length], first)));
  const seconds = (performance.now() - began) / 1000;
  const during = await stop();
  const memoryAfter = await memory();

  console.log(`${signIns} sign-ins at once: at the first try ${Object.entries(first).map(([status, n]) => `${n} × ${status}`).join(", ")}`);
  console.log(`all in after ${seconds.toFixed(1)} s (${(signIns / seconds).toFixed(1)}/s); half of them within ${(quantile(times, 0.5) / 1000).toFixed(1)} s`);
  console.log(`memory of session: ${memoryBefore.now} MiB before, ${memoryAfter.now} after, ${memoryAfter.peak} at most`);
  for (const name of Object.keys(paths)) {
    const [p50, p99] = [0.5, 0.99].map((q) => [quantile(before[name], q), quantile(during[name], q)]);
    console.log(`GET ${paths[name].padEnd(13)} p50 ${p50[0].toFixed(1)} -> ${p50[1].toFixed(1)} ms (× ${(p50[1] / p50[0]).toFixed(2)})  ` +
      `p99 ${p99[0].toFixed(1)} -> ${p99[1].toFixed(1)} ms (× ${(p99[1] / p99[0]).toFixed(2)})  of ${before[name].length} and ${during[name].length}`);
  }
} finally {
  await instance.remove();
}
