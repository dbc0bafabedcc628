// Signing in by WeChat, against the sandbox's WeChat: once a code, one browser a state, and whose link it is.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, expect, expectFields } from "../harness/client.mjs";
import { Instance } from "../harness/instance.mjs";
import { facts, password } from "../harness/people.mjs";
import { registered } from "../harness/road.mjs";
import { browser as inWeChat, linked as linkedIn, openPage, ownPath as ownPathOf, signIn, somebody, toCallback, who } from "../harness/wechat.mjs";

const instance = await Instance.shared();
const browser = () => inWeChat(instance);
const linked = () => linkedIn(instance);
const ownPath = (answer) => ownPathOf(answer, instance);

async function fault(kind, times = 1, delayMs = 0) {
  const body = { target: "wechat", fault: kind, times, delay_ms: delayMs };
  expect(await browser().post("/sandbox/control/faults", body), 204);
}

test("the way to WeChat is the documented one", async () => {
  const client = browser();
  const { headers } = expect(await client.get("/api/wechat/authorize?next=/steps"), 302);
  assert.match(headers.location, /\/connect\/oauth2\/authorize\?appid=[^&]+&redirect_uri=[^&]+&response_type=code&scope=snsapi_base&state=[0-9a-f]{64}#wechat_redirect$/);
  assert.equal(new URL(headers.location).searchParams.get("redirect_uri"), `${instance.url}/api/wechat/callback`);
  assert.match(headers["set-cookie"][0], /^__Host-wechat=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/);
});

test("where WeChat comes back to is configured, whatever Host says", async () => {
  // Another Host is served nothing, or led back here; a header that names one changes nothing.
  const led = await browser().get("/api/wechat/authorize?next=/", { headers: { Host: "evil.example" }, isChecked: false });
  assert.ok(led.status >= 400 || new URL(led.headers.location).origin === instance.url, String(led.status));
  const { headers } = expect(await browser().get("/api/wechat/authorize?next=/", { headers: { "X-Forwarded-Host": "evil.example" } }), 302);
  assert.equal(new URL(headers.location).searchParams.get("redirect_uri"), `${instance.url}/api/wechat/callback`);
});

test("the first sign-in by password links, later visits sign in by themselves", async () => {
  const { user, people } = await linked();
  const client = browser();
  assert.equal(await openPage(client, user, "/steps?x=1#bind"), "/steps?x=1");
  const { guardian, students } = await who(client);
  assert.equal(students[0].name, people.children[0].name);
  assert.equal(guardian.wechat[0].this, true);
  assert.match(guardian.wechat[0].linked_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/);
});

test("the same callback twice at once is one exchange, and both are signed in", async () => {
  const { user } = await linked();
  const client = browser();
  const path = await toCallback(client, user, "/steps");
  const cookies = new Map(client.cookies);
  const again = browser();
  again.cookies = cookies;
  await fault("slow", 1, 300);
  const [first, second] = await Promise.all([client.get(path), new Promise((done) => setTimeout(done, 5)).then(() => again.get(path))]);
  for (const answer of [first, second]) {
    assert.equal(ownPath(expect(answer, 302)), "/steps");
    assert.ok(!answer.headers.location.includes("code="));
  }
  assert.ok((await who(client)).students.length === 1 && (await who(again)).students.length === 1);
  const third = browser();
  third.cookies = cookies;
  assert.equal(ownPath(expect(await third.get(path), 302)), "/steps");
});

test("a state that is not exactly this browser's is refused, and nothing is linked", async () => {
  const family = await registered(instance);
  const client = browser();
  const path = await toCallback(client, somebody(), "/steps");
  for (const wrong of [`${path}https://i.example`, path.replace(/state=[^&]*/, "state="), path.replace(/&?state=[^&]*/, ""), `${path}&state=x`])
    assert.match(ownPath(expect(await client.get(wrong), 302)), /^\/login\?next=%2F&wechat=again$/);
  assert.equal(ownPath(expect(await browser().get(path), 302)), "/login?next=%2F&wechat=again");
  assert.deepEqual((await signIn(client, family)).json.guardian.wechat, []);
});

test("a parent who refuses may sign in by password", async () => {
  const family = await registered(instance);
  const client = browser();
  assert.equal(await openPage(client, "", "/steps"), "/login?next=%2Fsteps&wechat=denied");
  assert.deepEqual((await signIn(client, family)).json.guardian.wechat, []);
});

test("a snapshot page's virtual account is never linked", async () => {
  const family = await registered(instance);
  const client = browser();
  assert.equal(await openPage(client, "snapshot"), "/login?next=%2F&wechat=virtual");
  assert.deepEqual((await signIn(client, family)).json.guardian.wechat, []);
});

test("a code that was used elsewhere signs nobody in", async () => {
  const { user } = await linked();
  const client = browser();
  const used = new URL(await toCallback(client, user), instance.url).searchParams.get("code");
  expect(await client.get(`/sandbox/wechat/sns/oauth2/access_token?appid=x&secret=x&code=${used}&grant_type=authorization_code`), 200);
  const path = (await toCallback(client, user)).replace(/code=[^&]*/, `code=${used}x`);
  assert.match(ownPath(expect(await client.get(path), 302)), /^\/login\?next=%2F&wechat=unavailable$/);
});

test("whatever WeChat answers, a person sees the login page", async () => {
  for (const kind of ["http_500", "garbage", "truncate", "refuse"]) {
    const client = browser();
    const path = await toCallback(client, somebody(), "/steps");
    await fault(kind);
    assert.equal(ownPath(expect(await client.get(path), 302)), "/login?next=%2Fsteps&wechat=unavailable", kind);
    await fault("none");
  }
  // The breaker may be open now: a success closes it again.
  let end = "";
  for (let i = 0; i < 80 && !/login\?next=%2F$/.test(end); i++) {
    end = await openPage(browser(), somebody());
    await new Promise((done) => setTimeout(done, 100));
  }
  assert.equal(end, "/login?next=%2F");
});

test("next is a page of this site after every browser's normalization, or home", async () => {
  const { user } = await linked();
  for (const next of ["//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "/\t/evil.example", "/%5cevil.example",
    "/%2fevil.example", "javascript:alert(1)", "/./\\evil", "/..//evil.example", "/%09/evil.example", "steps", "", "/api/session", "/a\r\nX: y"])
    assert.equal(await openPage(browser(), user, next), "/", next);
  for (const next of ["/steps", "/apply?student=0b7c4f0e-2c1f-4a53-9c55-93b7d1f0a000", "/account"])
    assert.equal(await openPage(browser(), user, next), next);
});

test("after signing out in WeChat the page stays signed out until the next password", async () => {
  const { client, people, user } = await linked();
  expect(await client.delete("/api/session"), 204);
  assert.equal(await openPage(client, user), "/login?next=%2F&wechat=linked");
  expect(await client.get("/api/session"), 401, "not_signed_in");
  const elsewhere = new Client(instance);
  expect(await signIn(elsewhere, { people }), 200);
  assert.equal(await openPage(browser(), user), "/login?next=%2F&wechat=linked");
  expect(await signIn(client, { people }), 200);
  assert.equal(await openPage(browser(), user), "/");
});

test("another family in the same WeChat is in, sees itself, and moves the link only by consent", async () => {
  const first = await linked();
  const second = await registered(instance);
  const client = browser();
  expect(await first.client.delete("/api/session"), 204);
  await openPage(client, first.user);
  assert.deepEqual(expect(await signIn(client, second), 200).json.guardian.wechat, []);
  assert.equal((await who(client)).students[0].name, second.people.children[0].name);
  const later = browser();
  assert.equal(await openPage(later, first.user), "/login?next=%2F&wechat=linked");
  expect(await later.get("/api/session"), 401, "not_signed_in");

  assert.equal(expect(await signIn(later, second, { move_wechat: true }), 200).json.guardian.wechat.length, 1);
  const again = browser();
  assert.equal(await openPage(again, first.user), "/");
  assert.equal((await who(again)).students[0].name, second.people.children[0].name);
  const told = await instance.sql(`select count(*) from enroll.outbox o join enroll.phone p on p.id = o.phone_id join enroll.student s
    on s.guardian_id = p.guardian_id where o.template = 'wechat_moved' and s.name = '${first.people.children[0].name}'`);
  assert.ok(Number(told[0][0]) >= 1);
});

test("an account holds three WeChats, never a fourth", async () => {
  const family = await registered(instance);
  for (let i = 1; i <= 4; i++) {
    const client = browser();
    await openPage(client, somebody());
    assert.equal((await signIn(client, family)).json.guardian.wechat.length, Math.min(i, 3));
  }
});

test("a WeChat is taken off by its owner alone, and signs in no more", async () => {
  const { client, user, people } = await linked();
  const { client: other } = await linked();
  const [{ id }] = (await who(client)).guardian.wechat;
  expect(await other.delete(`/api/wechat/${id}`), 404, "not_found");
  for (const unknown of ["x", "00000000-0000-4000-8000-000000000000"])
    expect(await client.delete(`/api/wechat/${unknown}`), 404, "not_found");
  expect(await browser().delete(`/api/wechat/${id}`), 401, "not_signed_in");
  expect(await client.delete(`/api/wechat/${id}`, { headers: { Origin: "https://evil.example" } }), 403, "wrong_origin");
  for (let i = 0; i < 2; i++) expect(await client.delete(`/api/wechat/${id}`), 204);
  assert.deepEqual((await who(client)).guardian.wechat, []);
  assert.equal(await openPage(browser(), user), "/login?next=%2F");

  const limited = browser();
  expect(await limited.post("/api/recover/password", { ...facts(people), password: password() }), 204);
  expect(await limited.delete(`/api/wechat/${id}`), 403, "identity_check_required");
});

test("a WeChat has the name that the parent gives it", async () => {
  const { client, people } = await linked();
  const { client: other } = await linked();
  const [{ id, name }] = (await who(client)).guardian.wechat;
  assert.equal(name, undefined);
  const rename = (to, by = client) => by.patch(`/api/wechat/${id}`, to);
  expect(await rename({ name: " 妈妈的\u200b微信 " }), 204);
  assert.equal((await who(client)).guardian.wechat[0].name, "妈妈的微信");
  expect(await rename({ name: "𬱖".repeat(20) }), 204);
  for (const [body, code] of [[{}, "required"], [{ name: " " }, "required"], [{ name: "妈".repeat(21) }, "too_long"], [{ name: ["x"] }, "type"],
    [{ name: "a\tb" }, "format"]]) {
    const { json } = expectFields(await rename(body), { name: code });
    assert.match(json.errors[0].message, /1 到 20 个字/);
  }
  expect(await rename({ name: "x" }, other), 404, "not_found");
  expect(await rename({ name: "x" }, browser()), 401, "not_signed_in");
  expect(await client.patch("/api/wechat/x", { name: "x" }), 404, "not_found");
  expect(await client.patch(`/api/wechat/${id}`, { name: "x" }, { headers: { Origin: "https://evil.example" } }), 403, "wrong_origin");
  assert.equal((await who(client)).guardian.wechat[0].name, "𬱖".repeat(20));
  const limited = browser();
  expect(await limited.post("/api/recover/password", { ...facts(people), password: password() }), 204);
  expect(await rename({ name: "x" }, limited), 403, "identity_check_required");
});

test("whether the WeChat in hand is one of the account's is said, and not whose else it is", async () => {
  const { client, user, people } = await linked();
  const other = await linked();
  assert.equal((await who(client)).wechat_here, "linked");
  const outside = new Client(instance);
  assert.equal(expect(await signIn(outside, { people }), 200).json.wechat_here, "none");
  // The same browser, signed in, comes through WeChat as somebody else: it stays signed in and is told.
  for (const [as, said] of [[somebody(), "other"], [other.user, "other"], ["snapshot", "linked"], [user, "linked"]]) {
    assert.equal(await openPage(client, as, "/account"), "/account");
    const { wechat_here, students } = await who(client);
    assert.deepEqual([wechat_here, students[0].name], [said, people.children[0].name], as);
  }
});

test("the account to follow is the configured one, as words and as a picture", async () => {
  const { name, url } = expect(await browser().get("/api/wechat/follow"), 200).json;
  assert.ok(name.length > 0 && url.startsWith("http"));
  const picture = expect(await browser().get("/api/wechat/follow.png"), 200);
  assert.equal(picture.headers["content-type"], "image/png");
  assert.equal(picture.bytes.subarray(1, 4).toString(), "PNG");
});

test("an openid is nowhere in clear", async () => {
  const { user } = await linked();
  const [[openid]] = await instance.sql(`select openid from sandbox.wechat_code order by made_at desc limit 1`, { database: "sandbox" });
  assert.ok(user && openid);
  assert.ok(!(await instance.logs()).includes(openid));
});
