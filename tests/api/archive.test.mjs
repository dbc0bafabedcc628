// license_archive = keep: a licence's PDF, sealed beside its data and erased with it. An instance of its own, for the setting.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { expect } from "../harness/client.mjs";
import { cheap, Instance, until } from "../harness/instance.mjs";
import { authorized } from "../harness/road.mjs";

const instance = await Instance.create({ overrides: `${cheap}license_archive = keep\nlicense_archive_max_kb = 1\n` });
after(() => instance.remove());
await instance.start();
const rows = (id) => instance.sql(`select l.type, l.archive_kind, octet_length(l.archive), position('%PDF'::bytea in l.archive), l.erased_at is not null
  from enroll.license l join enroll.signing n on n.id = l.signing_id where n.errand_id = '${id}'`);

test("the archive of each licence is kept, sealed, and goes with the authorization", async () => {
  const { client, students: [{ authorization: { id } }] } = await authorized(instance);
  const kept = await until("the archives are there", async () => {
    const found = await rows(id);
    return found.length === 3 && found.every(([, kind]) => kind === "pdf") && found;
  });
  for (const [, , size, clear] of kept) {
    assert.ok(Number(size) > 500 && Number(size) < 1100, size);
    assert.equal(clear, "0");
  }
  const [[told]] = await instance.sql("select count(*) from enroll.audit where action = 'license_archive' and outcome = 'ok'");
  assert.ok(Number(told) >= 3);
  expect(await client.delete(`/api/authorizations/${id}`), 204);
  for (const [, kind, size, , erased] of await rows(id)) assert.deepEqual([kind, size, erased], ["", "", "t"]);
});
