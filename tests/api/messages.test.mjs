// Messages: an outbox delivered by a courier of its own to a hook of this file's. The hook fails, hangs and lies; the courier is
// killed. Each message arrives at least once, none is lost, what may be a repeat is marked, and the trail is chained all the while.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { Client, expect } from "../harness/client.mjs";
import { Instance, sleep, until } from "../harness/instance.mjs";
import { key } from "../harness/people.mjs";
import { registered } from "../harness/road.mjs";

const instance = await Instance.shared();
const database = "enroll_messages";
const config = await instance.migrated(database);
const sql = (text) => instance.sql(text, { database });
const one = async (text) => (await sql(text))[0]?.[0];

/** The district's gateway: what it got, and what it answers. null: nothing at all; "drop": it hangs up. */
const hook = { got: [], answer: () => [204, ""] };
const server = createServer((request, response) => {
  let text = "";
  request.on("data", (part) => (text += part));
  request.on("end", () => {
    const message = { ...JSON.parse(text), id: request.headers["idempotency-key"], attempt: Number(request.headers.attempt) };
    hook.got.push(message);
    const answer = hook.answer(message);
    if (answer === "drop") request.socket.destroy();
    else if (answer) response.writeHead(answer[0], { "Content-Type": "application/json" }).end(answer[1]);
  });
});
const listen = (port = 0) => new Promise((done) => server.listen(port, "127.0.0.1", done));
let port, people, wechat, courier, ended;

function start() {
  courier = spawn(instance.executable("courier"), ["--config", config], { stdio: "ignore" });
  ended = new Promise((done) => courier.once("exit", (code) => done(code)));
}

async function stop(signal = "SIGTERM") {
  courier?.kill(signal);
  return ended;
}

/** A family with a phone and a linked WeChat, taken over into this file's database: the keys are the same. */
before(async () => {
  await listen();
  port = server.address().port;
  await writeFile(config, (await readFile(config, "utf8")).replace(/^message_url = .*$/m, `message_url = http://127.0.0.1:${port}/hook`)
    .replace(/^audit_anchor_file = .*$/m, "audit_anchor_file =").replace(/$/, "\noutbound_timeout_ms = 700\n"));
  ({ people } = await registered(instance));
  const client = new Client(instance, { userAgent: "MicroMessenger" });
  wechat = `user-${key().slice(0, 12)}`;
  const path = ({ headers }) => headers.location.replace(instance.url, "").replace(/#.*/, "");
  const away = path(expect(await client.get("/api/wechat/authorize?next=/"), 302));
  await client.get(path(expect(await client.get(`${away}&user=${wechat}`), 302)));
  expect(await client.post("/api/session", { phone: people.phone, password: people.password }), 200);
  const [{ id: link }] = (await client.get("/api/session")).json.guardian.wechat;
  const [[guardian]] = await instance.sql(`select guardian_id from enroll.wechat where id = '${link}'`);
  for (const table of ["guardian", "phone", "wechat"]) {
    const [[row]] = await instance.sql(`select to_jsonb(t) from enroll.${table} t where t.${table === "guardian" ? "id" : "guardian_id"} = '${guardian}'`);
    await sql(`insert into enroll.${table} select * from jsonb_populate_record(null::enroll.${table}, $j$${row}$j$)`);
  }
  start();
});

after(async () => {
  await stop("SIGKILL");
  server.closeAllConnections();
  server.close();
});

const put = (channel, detail = "2999-0000-0000") => one(`insert into enroll.outbox (template, ${channel === "sms" ? "phone_id" : "wechat_id"}, detail)
  select 'application_submitted', id, '${detail}' from enroll.${channel === "sms" ? "phone" : "wechat"} returning id`);
const state = async (id) => (await sql(`select case when delivered_at is not null then 'delivered' else coalesce('failed: ' || failed, 'waits') end from enroll.outbox where id = '${id}'`))[0][0];
const log = async (id) => (await sql(`select attempt, channel, coalesce(outcome, 'under way') from enroll.delivery where outbox_id = '${id}' order by id`)).map((row) => row.join(" "));
const settled = (id, what = "delivered", timeoutMs = 15000) => until(`message ${id} is ${what}`, async () => (await state(id)) === what, timeoutMs);
/** Whatever waits is due at once, so that no test waits for the back-off. */
const hurry = () => sql("update enroll.outbox set next_at = now() where delivered_at is null and failed is null and next_at < now() + interval '2 hours'");
const check = () => new Promise((done) => execFile(instance.executable("enrollctl"), ["--config", config, "check"], (error, stdout) => done(stdout)));

test("a message arrives by SMS or WeChat, with its number and nothing that is personal in the text", async () => {
  const [sms, weixin] = [await put("sms"), await put("wechat")];
  await settled(sms);
  await settled(weixin);
  const bySms = hook.got.find(({ id }) => id === sms);
  assert.deepEqual({ channel: bySms.channel, to: bySms.to, attempt: bySms.attempt }, { channel: "sms", to: people.phone, attempt: 1 });
  assert.match(bySms.text, /【梅江区入学报名】报名已提交，回执号 2999-0000-0000/);
  assert.equal(bySms.text.includes(people.guardian.name), false);
  assert.equal(hook.got.find(({ id }) => id === weixin).channel, "wechat");
  assert.deepEqual(await log(sms), ["1 sms delivered"]);
});

test("a hook that fails is asked again under the same key, ever more slowly; each attempt is in the log", async () => {
  let n = 0;
  hook.answer = () => (++n === 1 ? [500, ""] : n === 2 ? [200, '{"errcode":-1,"errmsg":"system busy"}'] : [200, '{"errcode":0}']);
  const id = await put("sms");
  await until("the first attempt failed", async () => (await log(id)).includes("1 sms http_500"));
  assert.equal(await state(id), "waits");
  assert.ok(Number(await one(`select extract(epoch from next_at - now()) from enroll.outbox where id = '${id}'`)) > 2);
  await hurry();
  await until("the second attempt failed", async () => (await log(id)).length === 2 && !(await log(id))[1].includes("under way"));
  await hurry();
  await settled(id);
  assert.deepEqual(await log(id), ["1 sms http_500", "2 sms errcode_-1", "3 sms delivered"]);
  assert.deepEqual(hook.got.filter((message) => message.id === id).map(({ attempt }) => attempt), [1, 2, 3]);
});

test("who does not follow the account gets the message by SMS at once", async () => {
  hook.answer = ({ channel }) => (channel === "wechat" ? [200, '{"errcode":43004,"errmsg":"require subscribe"}'] : [204, ""]);
  const id = await put("wechat");
  await settled(id, "delivered", 5000);
  assert.deepEqual(await log(id), ["1 wechat not_follower", "2 sms delivered"]);
  assert.equal(hook.got.at(-1).to, people.phone);
});

test("a number that the gateway calls gone is not tried again", async () => {
  hook.answer = () => [410, ""];
  const id = await put("sms");
  await settled(id, "failed: http_410");
  assert.deepEqual(await log(id), ["1 sms http_410"]);
});

test("a hook that hangs keeps nobody from chaining", async () => {
  hook.answer = () => null;
  const id = await put("sms");
  await until("the hook hangs", () => hook.got.some((message) => message.id === id));
  for (let i = 0; i < 3; i++) {
    await hurry();
    const row = await one("insert into enroll.audit (ref, action, outcome) values ('12345678', 'test', 'ok') returning id");
    await until("it is chained", async () => (await one(`select count(*) from enroll.audit_chain where audit_id = ${row}`)) === "1", 5000);
  }
  assert.equal(await state(id), "waits");
  hook.answer = () => [204, ""];
  server.closeAllConnections();
  await sleep(5500); // the breaker's rest
  await hurry();
  await settled(id);
  assert.ok((await log(id)).includes("1 sms no_answer"));
});

test("a courier killed with messages in hand loses none, and marks what may be a repeat", async () => {
  hook.answer = () => null;
  const ids = (await sql(`insert into enroll.outbox (template, phone_id, detail) select 'application_submitted', id, n::text
    from enroll.phone, generate_series(1, 5) n returning id`)).flat();
  await until("they are in hand", () => ids.every((id) => hook.got.some((message) => message.id === id)));
  await stop("SIGKILL");
  hook.answer = () => [204, ""];
  await hurry();
  start();
  for (const id of ids) {
    await settled(id);
    assert.deepEqual((await log(id)).filter((line) => !line.includes("no_answer")).map((line) => line.slice(2)), ["sms lost", "sms delivered"]);
    assert.ok(hook.got.filter((message) => message.id === id).at(-1).attempt > 1);
  }
  assert.equal(await stop(), 0, "and ends in peace when it is told to");
  start();
});

test("whenever the courier is killed, and whatever the hook does, each message arrives, repeats under its own key and marked", async () => {
  hook.got = [];
  const faults = [[500, ""], null, "drop", [200, "no JSON {"], [204, ""], [200, '{"errcode":-1}'], [204, ""], [503, "x".repeat(100000)]];
  let n = 0;
  hook.answer = () => faults[n++ % faults.length];
  const ids = (await sql(`insert into enroll.outbox (template, phone_id, detail) select 'application_submitted', id, n::text
    from enroll.phone, generate_series(1, 24) n returning id`)).flat();
  for (let round = 0; round < 8; round++) {
    await sleep(40 + 97 * round);
    await stop("SIGKILL");
    await hurry();
    start();
  }
  // The hook itself is gone, and back.
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await hurry();
  await sleep(500);
  await listen(port);
  hook.answer = () => [204, ""];
  await until("all have arrived", async () => {
    await hurry();
    return (await one(`select count(*) from enroll.outbox where id in (${ids.map((id) => `'${id}'`)}) and delivered_at is not null`)) === "24";
  }, 60000, 400);
  assert.deepEqual([...new Set(hook.got.map(({ id }) => id))].sort(), [...ids].sort(), "each under its own key, and no other");
  for (const id of ids) {
    const attempts = hook.got.filter((message) => message.id === id).map(({ attempt }) => attempt);
    assert.equal(new Set(attempts).size, attempts.length, `no two tries of one message look alike: ${attempts}`);
    assert.deepEqual((await log(id)).filter((line) => line.endsWith(" delivered")).length, 1, "and it is delivered once");
  }
});

test("the check says when no channel works, and only remarks on a message that was given up", async () => {
  assert.doesNotMatch(await check(), /没有一个消息渠道可用/);
  assert.match(await check(), /· 最近七天有 1 条消息最终没有送达，最近一条：application_submitted, http_410/);
  hook.answer = () => [503, ""];
  const id = await put("sms");
  await until("it failed", async () => (await log(id)).length > 0 && !(await log(id))[0].includes("under way"));
  await hurry();
  await until("twice", async () => (await log(id)).length > 1 && !(await log(id))[1].includes("under way"));
  assert.doesNotMatch(await check(), /没有一个消息渠道可用/, "not in the first half minute");
  await sql(`update enroll.delivery set at = at - interval '1 minute' where outbox_id = '${id}'; update enroll.heartbeat set started_at = now() - interval '1 hour';
    update enroll.delivery set at = at - interval '2 minutes' where outbox_id <> '${id}'`);
  const said = await check();
  assert.match(said, /✗ 没有一个消息渠道可用/);
  assert.match(said, /· 有 1 条消息没有发成功，正在等待重试/);
  hook.answer = () => [204, ""];
  await hurry();
  await settled(id);
  assert.doesNotMatch(await check(), /没有一个消息渠道可用/);
});

test("without a hook the check says that nobody hears anything", async () => {
  const text = await readFile(config, "utf8");
  await writeFile(config, text.replace(/^message_url = .*\n/m, ""));
  assert.match(await check(), /✗ 没有配置消息渠道/);
  await writeFile(config, text);
});
