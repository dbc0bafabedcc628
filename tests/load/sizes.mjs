// sizes.mjs [FAMILIES]: so many families (1,000 if not told) walk the whole road, from registration to a submitted application with
// its licences fetched, and come back twice; then each table's size, as enroll_report.sizes_v1 has it. conf/DBA.md quotes it. Works
// on a demo that runs (ENROLL_TEST_STATE, ENROLL_TEST_PORT), whose data it leaves behind, or on one of its own. Not part of tests/run.
import { randomUUID } from "node:crypto";
import { Client, expect } from "../harness/client.mjs";
import { Instance } from "../harness/instance.mjs";
import { authorized, filled } from "../harness/road.mjs";

const N = Number(process.argv[2] ?? 1000), BESIDE = 4;
const { ENROLL_TEST_STATE: state, ENROLL_TEST_PORT: port } = process.env;
const instance = state ? new Instance(state, Number(port)) : await Instance.create();
if (!state) await instance.start();

async function walk() {
  const { client, people, students: [{ id }] } = await authorized(instance);
  const { version } = await filled(client, people, { id });
  expect(await client.send("POST", `/api/applications/${id}/submit`, { body: {}, headers: { "If-Match": `"${version}"`, "Idempotency-Key": randomUUID() } }), 200);
  for (let visit = 0; visit < 2; visit++) {
    const back = new Client(instance);
    expect(await back.post("/api/session", { phone: people.phone, password: people.password }), 200);
    expect(await back.get(`/api/applications/${id}`), 200);
  }
}

const began = Date.now();
let left = N, failed = 0;
await Promise.all(Array.from({ length: BESIDE }, async () => {
  while (left-- > 0)
    await walk().catch((error) => { if (failed++ < 3) console.error(error.message); });
}));
console.log(`# ${N - failed} of ${N} families in ${Math.round((Date.now() - began) / 1000)} s`);
await instance.sql("vacuum (analyze)");
for (const row of await instance.sql("select table_name, row_estimate, table_mib, total_mib, mib_per_10000_families from enroll_report.sizes_v1 order by total_mib desc, 1", { user: "enroll_report" }))
  console.log(row.join("\t"));
const [[families, bytes]] = await instance.sql("select (select count(*) from enroll.guardian), pg_database_size(current_database())");
console.log(`# ${families} families in all, database ${Math.round(bytes / 1048576)} MiB, ${Math.round((bytes / families) * 10000 / 1048576)} MiB per 10,000 families`);
if (!state) await instance.remove();
