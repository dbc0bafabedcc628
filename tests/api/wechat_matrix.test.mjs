// The ways back from WeChat, in one table: each is refused or harmless. Its WeChat is this file's own, which answers whatever a
// row wants, so the platform is an instance of its own too. After each row: nobody is signed in who should not be, no link was
// made by the callback, the address that the browser ends at holds neither code nor state; and at the next sign-in by password
// only the WeChat that was truly shown is linked.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { Client, expect } from "../harness/client.mjs";
import { cheap, Instance, until } from "../harness/instance.mjs";
import { facts, key, password } from "../harness/people.mjs";
import { registered } from "../harness/road.mjs";
import { browser as inWeChat, linked as linkedBy, ownPath, signIn, somebody, who } from "../harness/wechat.mjs";

/** What WeChat says to each code, once; a second time it is used. Codes of people are "NAME.anything". */
const replies = new Map();
const asked = new Map();
const person = (openid, more = {}) => ({ access_token: "t", expires_in: 7200, refresh_token: "r", openid, scope: "snsapi_base", ...more });
const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://x");
  if (pathname.startsWith("/cgi-bin/")) {
    response.end(JSON.stringify({ errcode: 0, access_token: "t", ticket: "t", expires_in: 7200 }));
    return;
  }
  const code = searchParams.get("code");
  const times = (asked.get(code) ?? 0) + 1;
  asked.set(code, times);
  const reply = replies.get(code) ?? (times > 1 ? { errcode: 40163, errmsg: "code been used" } : { errcode: 40029, errmsg: "invalid code" });
  if (typeof reply === "function") reply(response);
  else response.writeHead(200, { "Content-Type": "text/plain" }).end(typeof reply === "string" ? reply : JSON.stringify(reply));
  if (times === 1 && typeof reply !== "function") replies.delete(code);
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
after(() => server.close());

const instance = await Instance.create({ overrides: `${cheap}wechat_api = http://127.0.0.1:${server.address().port}\noutbound_timeout_ms = 500\n` });
after(() => instance.remove());
await instance.start();

const browser = () => inWeChat(instance);
const callback = (query) => `/api/wechat/callback?${query}`;

/** A code that WeChat will give this answer to. */
function codeFor(reply) {
  const code = `c${key()}`;
  replies.set(code, reply);
  return code;
}

/** Set out; the state that came with it. */
async function setOut(client, next = "/") {
  const { headers } = expect(await client.get(`/api/wechat/authorize?next=${encodeURIComponent(next)}`), 302);
  return new URL(headers.location).searchParams.get("state");
}

/** A browser that WeChat sends back with this code: for a person, or for another answer. */
async function back(reply, { client = browser(), next } = {}) {
  const code = codeFor(typeof reply === "string" && !reply.startsWith("{") ? person(reply) : reply);
  const state = await setOut(client, next);
  return { client, code, state, path: callback(`code=${code}&state=${state}`) };
}

async function open(client, user, next) {
  const { path } = await back(user, { client, next });
  return ownPath(expect(await client.get(path), 302), instance);
}

const linked = () => linkedBy(instance, open);
const links = async () => Number((await instance.sql("select count(*) from enroll.wechat where unlinked_at is null"))[0][0]);
const sessions = async () => Number((await instance.sql("select count(*) from enroll.session where ended_at is null"))[0][0]);
const expire = (client) => instance.sql(`update enroll.wechat_visit set expires_at = now() - interval '1 second'
  where token_hash = sha256('${client.cookies.get("__Host-wechat")}')`);

/** This browser, with what another answer of the table wants in the query. */
const bent = (bend) => async () => {
  const { client, path } = await back(somebody());
  return { client, path: bend(path) };
};
const answered = (reply) => async () => back(reply);
const errcode = (code) => answered({ errcode: code, errmsg: "made up" });
const denied = (next) => async () => {
  const client = browser();
  return { client, path: callback(`state=${await setOut(client, next)}`) };
};

const AGAIN = "/login?next=%2F&wechat=again";
const DENIED = "/login?next=%2F&wechat=denied";
const UNAVAILABLE = "/login?next=%2F&wechat=unavailable";
const VIRTUAL = "/login?next=%2F&wechat=virtual";
const LINKED = "/login?next=%2F&wechat=linked";
const NOBODY = "/login?next=%2F";

/**
 * [what comes back, how it is made, where the browser ends, more]. Made: {client, path, people?}, where people sign in afterwards
 * (a fresh family if none). More: links, how many of this browser's WeChats the account has after that sign-in (0).
 */
const rows = [
  // The state.
  ["no state", bent((path) => path.replace(/&state=.*/, "")), AGAIN],
  ["an empty state", bent((path) => path.replace(/state=.*/, "state=")), AGAIN],
  ["a state with text glued to its end", bent((path) => `${path}https://i.example`), AGAIN],
  ["a state cut by one character", bent((path) => path.slice(0, -1)), AGAIN],
  ["a state in capital letters", bent((path) => path.replace(/state=.*/, (state) => `state=${state.slice(6).toUpperCase().replace(/^\d+$/, "A")}`)), AGAIN],
  ["an over-long state", bent((path) => path + "a".repeat(5000)), AGAIN],
  ["the state twice", bent((path) => `${path}&${path.split("&")[1]}`), AGAIN],
  ["the state and another", bent((path) => `${path}&state=${"0".repeat(64)}`), AGAIN],
  ["another state and the own", bent((path) => path.replace("code=", `state=${"0".repeat(64)}&code=`)), AGAIN],
  ["a state with a zero byte behind it", bent((path) => `${path}%00`), AGAIN],
  ["a state that is no UTF-8", bent((path) => path.replace(/state=.*/, "state=%ff%fe")), AGAIN],
  ["a state as an array", bent((path) => path.replace("state=", "state[]=")), AGAIN],
  ["a state of nobody", bent((path) => path.replace(/state=.*/, `state=${"5".repeat(64)}`)), AGAIN],

  // Whose browser.
  ["a foreign browser that never set out", async () => ({ ...(await back(somebody())), client: browser() }), AGAIN],
  ["a foreign browser, with a linked WeChat's callback", async () => ({ ...(await back((await linked()).user)), client: browser() }), AGAIN],
  ["another's callback in a browser that has set out too", async () => {
    const { path } = await back((await linked()).user);
    const client = browser();
    await setOut(client);
    return { client, path };
  }, AGAIN],
  ["another's code with the own state, after the own", async () => {
    const { client, path, state } = await back(somebody());
    expect(await client.get(path), 302);
    return { client, path: callback(`code=${codeFor(person((await linked()).user))}&state=${state}`) };
  }, AGAIN, { links: 1 }],
  ["the callback of the way before the last", async () => {
    const { client, path } = await back(somebody());
    await setOut(client);
    return { client, path };
  }, AGAIN],
  ["a cookie of somebody's making", async () => {
    const made = await back(somebody());
    made.client.cookies.set("__Host-wechat", "A".repeat(43));
    return made;
  }, AGAIN],

  // Again, late.
  ["the same callback replayed", async () => {
    const made = await back(somebody());
    expect(await made.client.get(made.path), 302);
    return made;
  }, NOBODY, { links: 1 }],
  ["the same callback replayed after a failure", async () => {
    const made = await back({ errcode: -1, errmsg: "system error" });
    expect(await made.client.get(made.path), 302);
    return made;
  }, AGAIN],
  ["the same callback replayed after a refusal", async () => {
    const client = browser();
    const state = await setOut(client);
    expect(await client.get(callback(`state=${state}`)), 302);
    return { client, path: callback(`code=${codeFor(person((await linked()).user))}&state=${state}`) };
  }, AGAIN],
  ["a callback after ten minutes", async () => {
    const made = await back((await linked()).user);
    await expire(made.client);
    return made;
  }, AGAIN],
  ["a replay after ten minutes of what was good", async () => {
    const made = await back(somebody());
    expect(await made.client.get(made.path), 302);
    await expire(made.client);
    return made;
  }, AGAIN],

  // The code.
  ["no code: the parent refused", denied("/"), DENIED],
  ["an empty code", bent((path) => path.replace(/code=[^&]*/, "code=")), DENIED],
  ["an over-long code", bent((path) => path.replace(/code=[^&]*/, `code=${"c".repeat(513)}`)), DENIED],
  ["the code twice", bent((path) => `${path}&${path.split("?")[1].split("&")[0]}`), DENIED],
  ["two codes", bent((path) => `${path}&code=other`), DENIED],
  ["a code with a zero byte in it", bent((path) => path.replace("&", "%00x&")), DENIED],
  ["a code that brings parameters of its own", bent((path) => path.replace("&", "%26openid=thief%26grant_type=none&")), UNAVAILABLE],
  ["a refusal in words, as other providers send it", bent((path) => path.replace(/code=[^&]*/, "error=access_denied")), DENIED],

  // What WeChat says to it.
  ["errcode 40029, a code it does not know", bent((path) => path.replace(/code=[^&]*/, "code=unknown")), UNAVAILABLE],
  ["errcode 40163, a code that was used elsewhere", errcode(40163), UNAVAILABLE],
  ["errcode 40001, our secret is wrong", errcode(40001), UNAVAILABLE],
  ["errcode -1, WeChat is busy", errcode(-1), UNAVAILABLE],
  ["errcode 45011, we ask too often", errcode(45011), UNAVAILABLE],
  ["an errcode beside an openid", async () => back({ ...person((await linked()).user), errcode: 40029 }), UNAVAILABLE],
  ["garbage", answered((response) => response.end("<html>502</html>")), UNAVAILABLE],
  ["half an answer", answered((response) => response.end('{"access_token":"t","openid":"o')), UNAVAILABLE],
  ["an answer cut off on the way", answered((response) => {
    response.writeHead(200, { "Content-Length": 1000 });
    response.write('{"openid":"o"}');
    setTimeout(() => response.destroy(), 20);
  }), UNAVAILABLE],
  ["a huge answer", answered((response) => response.end(JSON.stringify(person("o", { more: "x".repeat(1 << 20) })))), UNAVAILABLE],
  ["no answer at all", answered(() => {}), UNAVAILABLE],
  ["a closed line", answered((response) => response.destroy()), UNAVAILABLE],
  ["HTTP 500, even with an openid", async () => {
    const { user } = await linked();
    return back((response) => response.writeHead(500).end(JSON.stringify(person(user))));
  }, UNAVAILABLE],
  ["a redirect to somebody who would say who it is", async () => {
    const { user } = await linked();
    const there = codeFor(person(user));
    return back((response) => response.writeHead(302, { Location: `http://127.0.0.1:${server.address().port}/?code=${there}` }).end());
  }, UNAVAILABLE],
  ["an empty answer", answered((response) => response.end()), UNAVAILABLE],
  ["an answer that is a list", answered((response) => response.end(JSON.stringify([person("o")]))), UNAVAILABLE],
  ["no openid", answered({ access_token: "t", scope: "snsapi_base" }), UNAVAILABLE],
  ["an empty openid", answered(person("")), UNAVAILABLE],
  ["an openid that is a number", answered(person(12345)), UNAVAILABLE],
  ["an openid with a zero byte in it", async () => back(person(`${(await linked()).user}\0x`)), UNAVAILABLE],
  ["an over-long openid", answered(person("o".repeat(129))), UNAVAILABLE],
  ["two openids", async () => {
    const { user } = await linked();
    return back((response) => response.end(`{"openid":"o","openid":"${user}"}`));
  }, UNAVAILABLE],

  // Who is there.
  ["a snapshot page's virtual account", answered(person(somebody(), { is_snapshotuser: 1 })), VIRTUAL],
  ["a snapshot page with a linked openid", async () => back(person((await linked()).user, { is_snapshotuser: 1 })), VIRTUAL],
  ["a WeChat of which the account has signed out", async () => {
    const { client, user, people } = await linked();
    expect(await client.delete("/api/session"), 204);
    return { ...(await back(user)), people };
  }, LINKED, { links: 1 }],
  ["a WeChat that is linked elsewhere and signed out", async () => {
    const { client, user } = await linked();
    expect(await client.delete("/api/session"), 204);
    return back(user);
  }, LINKED],
  ["a WeChat that its owner took off", async () => {
    const { client, user } = await linked();
    expect(await client.delete(`/api/wechat/${(await who(client)).guardian.wechat[0].id}`), 204);
    return back(user);
  }, NOBODY, { links: 1 }],
  ["an unknown WeChat, and a limited account signs in", async () => {
    const { people } = await registered(instance);
    const fresh = password();
    expect(await new Client(instance).post("/api/recover/password", { ...facts(people), password: fresh }), 204);
    return { ...(await back(somebody())), people: { ...people, password: fresh } };
  }, NOBODY],
  ["an unknown WeChat, the fourth of the account that signs in", async () => {
    const { people } = await linked();
    for (let i = 0; i < 2; i++) {
      const client = browser();
      await open(client, somebody());
      expect(await signIn(client, { people }), 200);
    }
    return { ...(await back(somebody())), people };
  }, NOBODY],
  ["a WeChat of an account that is being closed", async () => {
    const { client, user, people } = await linked();
    expect(await client.post("/api/account/close", { password: people.password }), 204);
    return back(user);
  }, LINKED],
  ["a WeChat of an account that is erased", async () => {
    const { client, user, people } = await linked();
    expect(await client.post("/api/account/close", { password: people.password }), 204);
    await instance.sql("update enroll.guardian set closing_at = now() where closing_at is not null; select enroll.account_sweep()");
    return back(user);
  }, NOBODY, { links: 1 }],

  // Where to go afterwards.
  ...["//evil.example", "/\\evil.example", "\\\\evil.example", "/%2f%2fevil.example", "/%5cevil.example", "/.//evil.example", "/..;//evil.example",
    "javascript:alert(1)", "https://evil.example/", "//localhost@evil.example", "/\t/evil.example", "/%09/evil.example", "/a\r\nSet-Cookie: __Host-session=x",
    "data:text/html,x", "evil.example", "/api/session", `/${"a".repeat(600)}`, "/\u0000", "/login\u2028//evil.example"]
    .map((next) => [`next is ${JSON.stringify(next.slice(0, 40))}`, denied(next), DENIED]),
];

test("the table has at least the sixty ways that it had", () => {
  assert.ok(rows.length >= 60, String(rows.length));
  assert.equal(new Set(rows.map(([name]) => name)).size, rows.length);
});

for (const [name, make, ends, { links: expected = 0 } = {}] of rows)
  test(`back from WeChat: ${name}`, async () => {
    const { client, path, people } = await make();
    const before = [await links(), await sessions()];
    const answer = expect(await client.get(path), 302);
    assert.equal(ownPath(answer, instance), ends);
    for (const secret of ["code=", "state=", "openid"]) assert.ok(!answer.headers.location.includes(secret), answer.headers.location);
    assert.ok(!(answer.headers["set-cookie"] ?? []).some((cookie) => cookie.startsWith("__Host-session=")));
    assert.deepEqual([await links(), await sessions()], before, "no link and no session came of it");
    expect(await client.get("/api/session"), 401, "not_signed_in");

    const family = people ? { people } : await registered(instance);
    const { guardian, students } = expect(await signIn(client, family), 200).json;
    assert.equal(guardian.wechat.filter((one) => one.this).length, expected);
    assert.ok((await links()) - before[0] <= expected);
    if (!guardian.limited) assert.equal(students[0].name, family.people.children[0].name);

    // The next one in WeChat is served as if nothing had been.
    assert.equal(await open(browser(), somebody()), NOBODY);
  });

test("two callbacks of one state at the same instant are one exchange, whatever their codes", async () => {
  const { client, path, code, state } = await back(somebody());
  const other = codeFor(person(somebody()));
  const before = await sessions();
  const all = await Promise.all([path, path, callback(`code=${other}&state=${state}`), path].map((one) => client.get(one)));
  for (const answer of all) assert.match(ownPath(expect(answer, 302), instance), /^\/login\?next=%2F(&wechat=again)?$/);
  assert.equal((asked.get(code) ?? 0) + (asked.get(other) ?? 0), 1);
  assert.equal(await sessions(), before);
});

test("who is signed in stays who he is, whoever's callback is laid before him, and nothing is linked to him", async () => {
  const victim = await registered(instance);
  const thief = await linked();
  const client = browser();
  expect(await signIn(client, victim), 200);
  const theirs = await back(thief.user);
  assert.equal(ownPath(expect(await client.get(theirs.path), 302), instance), AGAIN);
  // Even through the whole way, as somebody else.
  assert.equal(await open(client, thief.user, "/steps"), "/steps");
  const { students, guardian, wechat_here } = await who(client);
  assert.equal(students[0].name, victim.people.children[0].name);
  assert.deepEqual([guardian.wechat, wechat_here], [[], "other"]);
  assert.equal((await who(thief.client)).guardian.wechat.length, 1);
});

test("what is no callback at all does nothing", async () => {
  const { client, path } = await back((await linked()).user);
  const before = await sessions();
  const query = path.split("?")[1];
  for (const [method, at, status] of [["POST", path, 405], ["PUT", path, 405], ["GET", `/api/wechat/callback/?${query}`, 404],
    ["GET", `/api/wechat/CALLBACK?${query}`, 405], ["GET", `/API/wechat/callback?${query}`, 404]]) {
    const answer = expect(await client.send(method, at, method === "GET" ? {} : { body: {} }), status);
    assert.equal(answer.headers["set-cookie"], undefined);
  }
  assert.equal(await sessions(), before);
  expect(await client.get("/api/session"), 401, "not_signed_in");
});

test("no openid, code or state of all these stands in a log", async () => {
  const { path, code, state } = await back("the-openid-of-a-log");
  const client = browser();
  expect(await client.get(path), 302);
  await until("it is logged", async () => (await instance.logs()).includes("/api/wechat/callback"));
  const logs = await instance.logs();
  for (const secret of ["the-openid-of-a-log", code, state, ...[...asked.keys()].filter((one) => /^c[0-9a-f]{32}$/.test(one ?? ""))]) assert.ok(!logs.includes(secret));
});
