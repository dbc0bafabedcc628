// WeChat's script for our pages: the signature, whose page it may be, and the credentials behind it, renewed once for all. On an
// instance of its own, because the credentials are everybody's.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, test } from "node:test";
import { Client, expect } from "../harness/client.mjs";
import { cheap, Instance } from "../harness/instance.mjs";
import { signedIn } from "../harness/road.mjs";

const instance = await Instance.create({ overrides: `${cheap}\nwechat_launch_weapp = on\n` });
after(() => instance.remove());
await instance.start();
const { client } = await signedIn(instance);
const page = `${instance.url}/bind?id=1`;
const ask = (url = page, who = client) => who.get(`/api/wechat/jssdk?url=${encodeURIComponent(url)}`);
// As the pages do: whoever is told to come again in a moment does.
const askUntilServed = async () => {
  let answer = await ask();
  for (let i = 0; i < 10 && answer.json?.code === "busy"; i++) {
    await new Promise((done) => setTimeout(done, 1000 * Number(answer.headers["retry-after"])));
    answer = await ask();
  }
  return answer;
};
const lent = async (kind) =>
  (await instance.sql(`select value from sandbox.wechat_lent where kind = '${kind}' order by made_at`, { database: "sandbox" })).flat();
const due = (kind) => instance.sql(`update enroll.wechat_credential set renew_at = now(), expires_at = greatest(expires_at, now()) where kind = '${kind}'`);

test("the page is signed as WeChat's documents say, and 20 first askers cost one token and one ticket", async () => {
  // The operator's check, by which an instance starts, has asked WeChat by itself.
  const before = (await lent("ticket")).length;
  const answers = await Promise.all(Array.from({ length: 20 }, askUntilServed));
  for (const answer of answers) expect(answer, 200);
  const tickets = await lent("ticket");
  assert.equal(tickets.length, before + 1);
  assert.equal((await lent("access_token")).length, 1);
  for (const { json } of answers) {
    const text = `jsapi_ticket=${tickets.at(-1)}&noncestr=${json.nonce}&timestamp=${json.timestamp}&url=${page}`;
    assert.equal(json.signature, createHash("sha1").update(text).digest("hex"));
    assert.ok(Math.abs(json.timestamp - Date.now() / 1000) < 60);
  }
  assert.equal(new Set(answers.map(({ json }) => json.nonce)).size, 20);
});

test("only pages of this site are signed, without fragment, and only for who is signed in", async () => {
  for (const url of ["https://evil.example/bind", `${instance.url}.evil.example/bind`, `${instance.url}@evil.example/`, `${page}#code=x`,
    instance.url, `${instance.url}/api/session`, `${instance.url}/${"a".repeat(600)}`, ""]) expect(await ask(url), 400, "malformed_request");
  expect(await client.get("/api/wechat/jssdk"), 400, "malformed_request");
  expect(await ask(page, new Client(instance)), 401, "not_signed_in");
});

test("when the ticket is due one renews it, and the others go on with the old one", async () => {
  const before = await lent("ticket");
  await due("jsapi_ticket");
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask()));
  for (const answer of answers) expect(answer, 200);
  assert.equal((await lent("ticket")).length, before.length + 1);
  assert.equal((await lent("access_token")).length, 1, "the token still holds");
});

test("an access token that WeChat refuses is replaced once, and asked with again", async () => {
  const before = (await lent("access_token")).length;
  expect(await client.delete("/sandbox/control/tokens"), 204);
  await due("jsapi_ticket");
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask()));
  for (const answer of answers) expect(answer, 200);
  assert.equal((await lent("access_token")).length, before + 1);
  const [[refusals]] = await instance.sql("select count(*) from enroll.audit where action = 'wechat_renew' and outcome = 'refused'");
  assert.equal(refusals, "1");
});

test("while WeChat does not answer the old ticket serves until its end; after it the page is told", async () => {
  expect(await client.post("/sandbox/control/faults", { target: "wechat", fault: "http_500" }), 204);
  await due("jsapi_ticket");
  expect(await ask(), 200);
  await instance.sql("update enroll.wechat_credential set renew_at = now(), expires_at = now(), leased_until = null where kind = 'jsapi_ticket'");
  expect(await ask(), 503, "provider_unavailable");
  // Nobody waits in vain: the workers sign parents in by WeChat meanwhile.
  for (const answer of await Promise.all(Array.from({ length: 20 }, () => ask()))) expect(answer, 503, "provider_unavailable");
  expect(await client.post("/sandbox/control/faults", { target: "wechat", fault: "none" }), 204);
  await instance.sql("update enroll.wechat_credential set leased_until = null");
  expect(await ask(), 200);
});

test("the credentials stand in no log, and sealed in the database", async () => {
  const logs = await instance.logs();
  const [[dump]] = await instance.sql("select string_agg(encode(value, 'escape'), ' ') from enroll.wechat_credential");
  for (const value of [...(await lent("access_token")), ...(await lent("ticket"))]) {
    assert.ok(!logs.includes(value));
    assert.ok(!dump.includes(value));
  }
});
