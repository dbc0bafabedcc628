// The sandbox by itself: what it owes to the platform and to whoever writes tests with it. On an instance of
// its own, because its faults strike everybody.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { Client, expect, expectFields } from "../harness/client.mjs";
import { Instance, sleep } from "../harness/instance.mjs";
import { childIdNo, family } from "../harness/people.mjs";
import { Ear, Province, secret, setting, signature } from "../harness/province.mjs";

const instance = await Instance.create();
after(() => instance.remove());
await instance.start();
const province = new Province(instance);
const client = new Client(instance);

const types = (list, holder) => list.filter((item) => item.holder_id_no === holder).map((item) => item.type).sort();
const codeOf = (failure) => (assert.equal(failure.ack_code, "FAILURE"), failure.errors[0].code);

async function signed(people, body = { do: "complete" }) {
  const session = await province.open(people, { purpose: "authorize" });
  expect(await province.act(session, body), 204);
  return (await province.read(session)).authorization;
}

test("the space answers nobody without a good signature, and each nonce once", async () => {
  const session = await province.open(family());
  const path = `/sandbox/space-api/v1/sessions/${session.session_id}`;
  const good = await signature(instance);
  expect(await client.get(path, { headers: good }), 200);
  expect(await client.get(path, { headers: good }), 403, "forbidden");
  expect(await client.get(path), 403, "forbidden");
  expect(await client.get(path, { headers: await signature(instance, { token: "guessed" }) }), 403);
  expect(await client.get(path, { headers: await signature(instance, { timestamp: Math.floor(Date.now() / 1000) - 400 }) }), 403);
  expect(await client.get(path, { headers: { ...(await signature(instance)), "x-tif-paasid": "somebody" } }), 403);
  const lower = await signature(instance);
  lower["x-tif-signature"] = lower["x-tif-signature"].toLowerCase();
  expect(await client.get(path, { headers: lower }), 200);
});

test("the last segment of launch_url is the session, without a query", async () => {
  const session = await province.open(family());
  const url = new URL(session.launch_url);
  assert.equal(url.origin, instance.url);
  assert.equal(url.search, "");
  assert.equal(url.pathname.split("/").pop(), session.session_id);
  const { json } = expect(await client.get(`/sandbox/control/sessions/${session.session_id}`), 200);
  assert.deepEqual(json, { status: "created", return_url: session.return_url });
  expect(await client.get("/sandbox/control/sessions/00000000-0000-0000-0000-000000000000"), 404);
  expect(await client.get("/sandbox/control/sessions/nobody"), 404);
});

test("anybody's child is linked and anybody's licences are claimed by complete", async () => {
  const people = family({ children: 2 });
  const session = await province.open(people);
  expect(await province.act(session, { do: "complete" }), 204);
  const news = await province.read(session);
  assert.equal(news.status, "completed");
  assert.equal(news.state, session.state);
  assert.deepEqual({ name: news.subject.name, id_no: news.subject.id_no, level: news.subject.level }, { ...people.guardian, level: "L2" });
  assert.deepEqual(news.wards, people.children);
  for (const child of people.children)
    assert.deepEqual(types(news.claimed, child.id_no), ["birth_certificate", "household_register", "identity_credential"]);
});

test("forget_child links and signs no child", async () => {
  const people = family();
  const session = await province.open(people);
  expect(await province.act(session, { do: "forget_child" }), 204);
  const news = await province.read(session);
  assert.deepEqual([news.status, news.wards], ["completed", []]);
  const { scope } = await signed(people, { do: "forget_child" });
  assert.deepEqual(types(scope, people.guardian.id_no), ["household_register", "real_estate"]);
  assert.deepEqual(types(scope, people.children[0].id_no), []);
});

test("a scope that is given is signed as far as it is held", async () => {
  const people = family({ children: 2 });
  const scope = [{ type: "household_register", holder_id_no: people.children[1].id_no }, { type: "household_register", holder_id_no: childIdNo() }];
  assert.deepEqual((await signed(people, { do: "complete", scope })).scope, scope.slice(0, 1));
});

test("states only move forward, and each is told to the platform in a signed notice", async () => {
  const ear = await Ear.open();
  const session = await province.open(family(), { notify_url: ear.url });
  expect(await province.act(session, { do: "identify" }), 204);
  await ear.expect(1);
  expect(await province.act(session, { do: "identify" }), 204);
  expect(await province.act(session, { do: "deny" }), 204);
  expect(await province.act(session, { do: "complete" }), 409, "wrong_state");
  expect(await province.act(session, { do: "identify" }), 409, "wrong_state");
  await ear.expect(2);
  assert.deepEqual(ear.statuses(), ["identified", "denied"]);
  for (const { headers, text } of ear.heard) {
    const { event_id, session_id, state } = JSON.parse(text);
    assert.ok(event_id);
    assert.deepEqual([session_id, state], [session.session_id, session.state]);
    const { "x-tif-timestamp": timestamp, "x-tif-nonce": nonce } = headers;
    const right = await signature(instance, { timestamp, nonce });
    assert.equal(headers["x-tif-signature"].toUpperCase(), right["x-tif-signature"]);
  }
  ear.close();
});

test("a notice that is not accepted comes again, as the same event", async () => {
  const ear = await Ear.open((notice, n) => (n < 3 ? 404 : 204));
  const session = await province.open(family(), { notify_url: ear.url });
  expect(await province.act(session, { do: "identify" }), 204);
  await ear.expect(3, 8000);
  assert.equal(new Set(ear.heard.map(({ text }) => JSON.parse(text).event_id)).size, 1);
  assert.equal(new Set(ear.heard.map(({ headers }) => headers["x-tif-nonce"])).size, 3);
  ear.close();
});

test("a particular family has its own face, level, wards, licences and spelling", async () => {
  const people = family();
  const { guardian, children } = people;
  const run = async (more) => {
    await province.family({ guardian, children, ...more });
    const session = await province.open(people);
    expect(await province.act(session, { do: "complete" }), 204);
    return province.read(session);
  };
  const other = await run({ face: "other" });
  assert.equal(other.status, "completed");
  assert.notEqual(other.subject.id_no, guardian.id_no);
  assert.deepEqual(other.wards, []);
  const fails = await run({ face: "fails" });
  assert.deepEqual([fails.status, fails.subject], ["denied", undefined]);
  assert.equal((await run({ level: "L1" })).subject.level, "L1");
  assert.deepEqual((await run({ wards_linked: [] })).wards, []);
  assert.deepEqual((await run({ wards_linked: [children[0].id_no] })).wards, children);
  const poor = await run({ licenses: [{ type: "household_register", holder_id_no: guardian.id_no }] });
  assert.deepEqual(poor.claimed, [{ type: "household_register", holder_id_no: guardian.id_no }]);
  const register = await run({ guardian: { ...guardian, name: "温𬱖" }, children: [{ ...children[0], name: "温䮌" }] });
  assert.deepEqual([register.subject.name, register.wards[0].name], ["温𬱖", "温䮌"]);
});

test("a family of wrong numbers or unknown words is refused, field by field", async () => {
  const { guardian, children } = family();
  expectFields(await client.post("/sandbox/control/families", { guardian: { ...guardian, id_no: "441402" } }), { "guardian.id_no": "too_short" });
  expectFields(await client.post("/sandbox/control/families", { guardian, children: [{ ...children[0], id_no: 1 }] }), { "children.0.id_no": "type" });
  expectFields(await client.post("/sandbox/control/families", { guardian, mood: "good" }), { mood: "unknown" });
  expect(await client.post("/sandbox/control/families", { guardian, face: "none" }), 422);
  expectFields(await client.post("/sandbox/control/faults", { target: "space", fault: "slow", times: "1" }), { times: "type" });
});

test("an authorization code answers each holder to one request_id, and that one again alike", async () => {
  const people = family();
  const [child] = people.children;
  const { code } = await signed(people);
  const { access_token: token } = await province.logIn();
  const first = await province.auth(token, code, child.id_no, "request-1");
  assert.equal(first.ack_code, "SUCCESS");
  assert.deepEqual([first.total_count, first.data.length, first.auth_codes.length], [1, 1, 1]);
  const { license_type, holder_name, holder_identity_num, license_status, auth_code } = first.data[0];
  assert.deepEqual([license_type, holder_name, holder_identity_num, license_status], ["household_register", child.name, child.id_no, "ISSUED"]);
  assert.equal(auth_code, first.auth_codes[0]);
  assert.deepEqual(await province.auth(token, code, child.id_no, "request-1"), first);
  assert.equal(codeOf(await province.auth(token, code, child.id_no, "request-2")), "AUTHORIZATION_CODE_USED");
  const own = await province.auth(token, code, people.guardian.id_no, "request-1");
  assert.deepEqual(own.data.map((item) => item.license_type).sort(), ["household_register", "real_estate"]);
  const second = await province.auth(token, code, people.guardian.id_no, "request-1", { page_size: 1, page_index: 2 });
  assert.deepEqual([second.total_count, second.auth_codes], [2, own.auth_codes.slice(1)]);
  assert.equal((await province.auth(token, code, childIdNo(), "request-1")).total_count, 0);
  assert.equal(codeOf(await province.auth(token, "nothing", child.id_no, "request-1")), "AUTHORIZATION_CODE_INVALID");
});

test("data_fields is JSON in single quotes, apostrophes escaped", async () => {
  const people = family();
  people.guardian.name = "D'ARCY,ANN";
  const { code } = await signed(people);
  const { access_token: token } = await province.logIn();
  const { auth_codes } = await province.auth(token, code, people.children[0].id_no, "r");
  const { data } = await province.fetch("get_license", token, auth_codes[0]);
  assert.match(data.data_fields, /'HZ_XM':'D\\'ARCY,ANN'/);
  for (const name of ["ZZMC", "ZZHM", "CYRMC", "CYRSFZJHM", "FZJGMC", "FZRQ", "YXQKSRQ", "YXQJSRQ", "YHZGXDM", "HJDZ"])
    assert.ok(data.data_fields.includes(`'${name}':'`), name);
  const archive = await province.fetch("archive", token, auth_codes[0]);
  assert.match(archive.data.file_name, /\.pdf$/);
  assert.equal(Buffer.from(archive.data.file_data, "base64").subarray(0, 5).toString(), "%PDF-");
});

test("the e-license system says no in an HTTP 200", async () => {
  assert.equal(codeOf(await province.logIn({ password: "wrong" })), "LOGIN_FAILED");
  const { access_token: token } = await province.logIn();
  assert.equal(codeOf(await province.fetch("get_license", token, "nothing")), "AUTH_CODE_INVALID");
  assert.equal(codeOf(await province.fetch("archive", "nothing", "nothing")), "ACCESS_TOKEN_INVALID");
  expect(await client.delete("/sandbox/control/tokens"), 204);
  assert.equal(codeOf(await province.fetch("get_license", token, "nothing")), "ACCESS_TOKEN_INVALID");
  const { json } = expect(await client.post("/sandbox/license-app/v1/license/auth?access_token=x", { identity_number: "1" }), 200);
  assert.equal(codeOf(json), "PARAMETER_INVALID");
});

const callback = `${instance.url}/api/wechat/callback`;
const authorizePath = async (more = {}) => "/sandbox/wechat/connect/oauth2/authorize?" + new URLSearchParams({
  appid: await setting(instance, "wechat_appid"), redirect_uri: callback, response_type: "code", scope: "snsapi_base", state: "a&b", ...more });
const exchange = async (code, more = {}) => expect(await client.get("/sandbox/wechat/sns/oauth2/access_token?" + new URLSearchParams({
  appid: await setting(instance, "wechat_appid"), secret: await secret(instance, "wechat_secret"), code, grant_type: "authorization_code", ...more })), 200).json;
const codeFor = async (user) => new URL(expect(await client.get(await authorizePath({ user })), 302).headers.location).searchParams;

test("WeChat sends each user back with a code that is good once", async () => {
  const back = await codeFor("妈妈");
  assert.equal(back.get("state"), "a&b");
  const known = await exchange(back.get("code"));
  assert.deepEqual([known.scope, known.is_snapshotuser, known.openid.length], ["snsapi_base", undefined, 28]);
  assert.equal((await exchange(back.get("code"))).errcode, 40163);
  assert.equal((await exchange("made-up")).errcode, 40029);
  assert.equal((await exchange((await codeFor("妈妈")).get("code"))).openid, known.openid);
  assert.notEqual((await exchange((await codeFor("爸爸")).get("code"))).openid, known.openid);
  assert.equal((await exchange((await codeFor("快照")).get("code"))).is_snapshotuser, 1);
  const { code } = Object.fromEntries(await codeFor("奶奶"));
  assert.equal((await exchange(code, { appid: "wx0" })).errcode, 40013);
  assert.equal((await exchange(code, { secret: "no" })).errcode, 40125);
  await instance.sql(`update sandbox.wechat_code set made_at = now() - interval '6 minutes' where code = '${code}'`, { database: "sandbox" });
  assert.equal((await exchange(code)).errcode, 40029);
});

test("WeChat's page offers users as links, a refusal comes back without a code, and strange addresses are refused", async () => {
  const { text } = expect(await client.get(await authorizePath()), 200);
  assert.match(text, /<a class="row" href="\?[^"<>]*&amp;user=%E5%A6%88%E5%A6%88">妈妈<\/a>/);
  const refused = new URL(expect(await client.get(await authorizePath({ user: "" })), 302).headers.location).searchParams;
  assert.deepEqual([...refused.keys()], ["state"]);
  expect(await client.get(await authorizePath({ redirect_uri: "http://evil.example/" })), 400);
  expect(await client.get(await authorizePath({ redirect_uri: instance.url + ".evil.example/" })), 400);
  const { text: escaped } = expect(await client.get(await authorizePath({ state: '"><script>' })), 200);
  assert.ok(!escaped.includes("<script>"));
});

test("what the hook delivers is on the phone, newest first", async () => {
  expect(await client.post("/sandbox/messages", { channel: "sms", to: "13800000000", text: "一" }), 204);
  expect(await client.post("/sandbox/messages", { channel: "wechat", to: "o123", text: "二" }), 204);
  const { json } = expect(await client.get("/sandbox/control/messages"), 200);
  assert.deepEqual(json.slice(0, 2).map(({ channel, to, text }) => [channel, to, text]), [["wechat", "o123", "二"], ["sms", "13800000000", "一"]]);
  assert.ok(Date.now() - new Date(json[0].at) < 60000);
});

test("a fault strikes as many calls as it was told, each in its way", async () => {
  const session = await province.open(family());
  const look = () => province.ask(session);
  await province.fault("space", "refuse", { times: 2 });
  expect(await look(), 503);
  expect(await look(), 503);
  expect(await look(), 200);
  await province.fault("space", "http_500", { times: 1 });
  expect(await look(), 500);
  await province.fault("space", "garbage", { times: 1 });
  assert.match((await look()).text, /^<html>/);
  await province.fault("space", "truncate", { times: 1 });
  await assert.rejects(look, SyntaxError);
  await province.fault("space", "huge", { times: 1 });
  assert.ok((await look()).text.length > 1 << 20);
  await province.fault("space", "drop", { times: 1 });
  await assert.rejects(look, { code: "ECONNRESET" });
  await province.fault("space", "slow", { times: 1, delay_ms: 400 });
  const began = Date.now();
  expect(await look(), 200);
  assert.ok(Date.now() - began >= 400);
  await province.fault("space", "forge", { times: 1 });
  assert.notEqual((await look()).json.state, session.state);
  await province.fault("space", "refuse");
  expect(await look(), 503);
  expect(await look(), 503);
  await province.fault("space", "none");
  expect(await look(), 200);
});

test("late shows an old state, duplicate and reorder change lists, none of it for good", async () => {
  const people = family({ children: 2 });
  const session = await province.open(people);
  expect(await province.act(session, { do: "complete" }), 204);
  const { wards } = await province.read(session);
  await province.fault("space", "late", { times: 1 });
  assert.equal((await province.read(session)).status, "created");
  await province.fault("space", "duplicate", { times: 1 });
  assert.deepEqual((await province.read(session)).wards, [wards[0], wards[0], wards[1], wards[1]]);
  await province.fault("space", "reorder", { times: 1 });
  assert.deepEqual((await province.read(session)).wards, [wards[1], wards[0]]);
  assert.deepEqual((await province.read(session)).wards, wards);
});

test("what is wrong with the parent or his licences can be made so for everybody", async () => {
  const people = family();
  const session = await province.open(people);
  expect(await province.act(session, { do: "complete" }), 204);
  const with_ = async (fault) => {
    await province.fault("space", fault, { times: 1 });
    return province.read(session);
  };
  assert.notEqual((await with_("other_person")).subject.id_no, people.guardian.id_no);
  assert.equal((await with_("low_level")).subject.level, "L1");
  assert.deepEqual((await with_("no_birth_certificate")).wards, []);
  await province.fault("space", "clock_off", { times: 1 });
  expect(await province.ask(session), 403);
  await province.fault("space", "failure", { times: 1 });
  assert.equal((await province.read(session)).ack_code, "FAILURE");
  const honest = await province.read(session);
  assert.deepEqual([honest.subject.id_no, honest.subject.level, honest.wards], [people.guardian.id_no, "L2", people.children]);
});

test("licences can be revoked or not yet issued, tokens without effect, and a 200 a failure", async () => {
  const people = family();
  const { code } = await signed(people);
  const { access_token } = await province.logIn();
  const auth = async (fault) => {
    await province.fault("license", fault, { times: 1 });
    return province.auth(access_token, code, people.guardian.id_no, "r");
  };
  for (const [fault, status] of [["revoked", "REVOKED"], ["not_issued", "PENDING"], ["none", "ISSUED"]])
    assert.deepEqual([...new Set((await auth(fault)).data.map((one) => one.license_status))], [status]);
  assert.equal(codeOf(await auth("token_expired")), "ACCESS_TOKEN_INVALID");
  assert.equal(codeOf(await auth("failure")), "SYSTEM_BUSY");
});

test("a hanging sandbox can still be told to stop hanging", async () => {
  const session = await province.open(family());
  await province.fault("space", "hang", { delay_ms: 1500 });
  const hung = Array.from({ length: 20 }, () => province.ask(session));
  await sleep(200);
  await province.fault("space", "none");
  const statuses = (await Promise.all(hung)).map(({ status }) => status);
  assert.ok(statuses.includes(200) && statuses.includes(503), statuses.join());
});

test("WeChat's forge glues something to the state, its other faults strike the exchange", async () => {
  await province.fault("wechat", "forge", { times: 1 });
  assert.equal((await codeFor("妈妈")).get("state"), "a&bhttps://i.example");
  await province.fault("wechat", "http_500", { times: 1 });
  const code = (await codeFor("妈妈")).get("code");
  const path = `/sandbox/wechat/sns/oauth2/access_token?appid=x&secret=x&code=${code}`;
  expect(await client.get(path), 500);
  assert.ok((await exchange(code)).openid);
});

test("faults of notices count sessions: dropped, doubled, out of order, late, forged, spoiled", async () => {
  const hear = async (fault, number, more = {}) => {
    await province.fault("notify", fault, { times: 1, ...more });
    const ear = await Ear.open();
    const session = await province.open(family(), { notify_url: ear.url });
    const began = Date.now();
    expect(await province.act(session, { do: "complete" }), 204);
    await ear.expect(number);
    const took = Date.now() - began;
    await sleep(300);
    ear.close();
    assert.equal(ear.heard.length, number, fault);
    return { ear, took };
  };
  await hear("drop", 0);
  await hear("none", 2);
  assert.deepEqual((await hear("duplicate", 4)).ear.statuses().sort(), ["completed", "completed", "identified", "identified"]);
  assert.deepEqual((await hear("reorder", 2, { delay_ms: 800 })).ear.statuses(), ["completed", "identified"]);
  assert.ok((await hear("late", 2, { delay_ms: 800 })).took >= 800);
  const { ear } = await hear("forge", 2);
  const { "x-tif-timestamp": timestamp, "x-tif-nonce": nonce, "x-tif-signature": given } = ear.heard[0].headers;
  assert.notEqual(given.toUpperCase(), (await signature(instance, { timestamp, nonce }))["x-tif-signature"]);
  const late = (await hear("clock_off", 2)).ear.heard[0].headers;
  assert.ok(late["x-tif-timestamp"] > Date.now() / 1000 + 3000);
  const garbage = await hear("garbage", 2);
  assert.throws(() => garbage.ear.statuses(), SyntaxError);
});

test("the page of a session learns masks, never a number", async () => {
  const people = family();
  const session = await province.open(people);
  const path = `/sandbox/space/${session.session_id}`;
  const before = expect(await client.get(`${path}/view`), 200);
  assert.ok(!before.text.includes(people.guardian.name) && !before.text.includes(people.children[0].name));
  expect(await client.post(`${path}/face`, {}), 200);
  const { text } = expect(await client.get(`${path}/view`), 200);
  assert.ok(text.includes(people.guardian.name));
  for (const { id_no } of [people.guardian, ...people.children]) assert.ok(!text.includes(id_no.slice(6, 14)));
  expect(await client.post(`${path}/face`, {}, { headers: { Origin: "http://evil.example" } }), 403, "wrong_origin");
  const page = expect(await client.get(path), 200);
  assert.match(page.headers["content-type"], /^text\/html/);
  assert.match(page.headers["content-security-policy"], /default-src 'self'/);
});

test("a child that is not linked cannot be claimed for, and the session completes when all is done", async () => {
  const people = family();
  const [child] = people.children;
  const session = await province.open(people);
  const path = `/sandbox/space/${session.session_id}`;
  const items = ["household_register", "identity_credential"].map((type) => ({ key: "1", type }));
  expect(await client.post(`${path}/claim`, { items }), 409, "wrong_state");
  expect(await client.post(`${path}/face`, {}), 200);
  assert.deepEqual(expect(await client.post(`${path}/claim`, { items }), 200).json, { claimed: 0 });
  assert.equal(expect(await client.post(`${path}/link`, { name: "别人", id_no: child.id_no }), 200).json.result, "unknown");
  assert.equal(expect(await client.post(`${path}/link`, { name: child.name, id_no: childIdNo() }), 200).json.result, "unknown");
  assert.deepEqual(expect(await client.post(`${path}/link`, child), 200).json, { result: "linked", key: "1" });
  assert.deepEqual(expect(await client.post(`${path}/claim`, { items: items.slice(0, 1) }), 200).json, { claimed: 1 });
  assert.equal((await province.read(session)).status, "identified");
  assert.deepEqual(expect(await client.post(`${path}/claim`, { items }), 200).json, { claimed: 2 });
  const news = await province.read(session);
  assert.deepEqual([news.status, news.wards], ["completed", [child]]);
});

test("it does not start beside production settings", async () => {
  const conf = join(instance.state, "production.conf");
  const text = await readFile(join(instance.state, "enroll.conf"), "utf8");
  await writeFile(conf, text.replace(/^environment = .*$/m, "environment = production"));
  const program = instance.executable("sandbox");
  await assert.rejects(promisify(execFile)(program, ["--migrate", "--config", conf]), /sandbox_refused/);
  const listener = createServer().listen(join(await instance.runFolder(), "refused.sock"));
  await new Promise((done) => listener.once("listening", done));
  const started = spawn(program, ["--config", conf], { stdio: [listener._handle.fd, "pipe", "pipe"] });
  let said = "";
  started.stderr.on("data", (data) => (said += data));
  const status = await new Promise((done) => started.once("close", done));
  listener.close();
  assert.notEqual(status, 0);
  assert.match(said, /sandbox_refused/);
});

test("its schema is built anew only when its files have changed", async () => {
  const migrate = () => promisify(execFile)(instance.executable("sandbox"), ["--migrate", "--config", join(instance.state, "enroll.conf")]);
  const people = family();
  await province.family({ guardian: people.guardian });
  await migrate();
  const count = () => instance.sql(`select count(*) from sandbox.family where guardian_id_no = '${people.guardian.id_no}'`, { database: "sandbox" });
  assert.deepEqual(await count(), [["1"]]);
});
