// Somebody who knows the four facts and the phone number, and wants the account. One table: what he does. After each row the
// owner comes back, in every way that the row names: by the link 这不是我 of his messages, by the WeChat that he linked before,
// or by showing his face. Then the stranger is out for good: no session, no password, no phone, no WeChat of his is left; he
// has read nobody's name, number, phone or address, and of child, signing and application nothing has changed.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Client, expect } from "../harness/client.mjs";
import { Instance, until } from "../harness/instance.mjs";
import { childIdNo, facts, family, name, password, phone, registration } from "../harness/people.mjs";
import { authorized, completeSections, filled, launch, registered, returnCode, sandboxDo } from "../harness/road.mjs";
import { browser as inWeChat, openPage, ownPath, somebody, toCallback } from "../harness/wechat.mjs";

const instance = await Instance.shared();
const LINK = "by the link of the message", WECHAT = "in the WeChat linked before", FACE = "by showing his face";
const lane = "百岁山路暗巷77号";
const rows = (text) => instance.sql(text);

/** Two children, both authorized; one application is submitted, one a draft; a WeChat is linked; the browser is known. */
async function makeFamily() {
  const { client, people, students } = await authorized(instance, { children: 2 });
  const sections = await completeSections(client, people);
  sections.household.address = `梅州市梅江区${lane}`;
  for (const student of students) await filled(client, people, student, sections);
  expect(await client.once(`/api/applications/${students[0].id}/submit`, {}), 200);
  const user = somebody();
  const chat = inWeChat(instance);
  await openPage(chat, user);
  const signed = expect(await chat.post("/api/session", { phone: people.phone, password: people.password }), 200).json;
  const [[guardian]] = await rows(`select guardian_id from enroll.student where id = '${students[0].id}'`);
  return { people, client, students, user, guardian, link: signed.guardian.wechat[0].id };
}

/** All that the thief must not change. Where the register is and the route, a limited account may say. */
async function possessions(guardian) {
  const of = { student: "guardian_id", consent: "guardian_id", application: "guardian_id", signing: "guardian_id", license: "guardian_id" };
  const parts = Object.entries(of).map(([table, column]) =>
    `select '${table}' as kind, to_jsonb(t) - '{register_place,route}'::text[] as row from enroll.${table} t where t.${column} = '${guardian}'`);
  for (const table of ["application_section", "application_guardian", "application_event"])
    parts.push(`select '${table}', to_jsonb(t) from enroll.${table} t join enroll.application a on a.id = t.application_id where a.guardian_id = '${guardian}'`);
  parts.push(`select 'guardian', jsonb_build_array(g.name, g.id_no_index, g.closing_at) from enroll.guardian g where g.id = '${guardian}'`);
  return (await rows(`select kind, row from (${parts.join(" union all ")}) all_rows order by kind, row::text`)).map((row) => row.join(" "));
}

/** The thief: his browsers, what he has set, and every answer that he was given. */
class Thief {
  constructor(home) {
    Object.assign(this, { ...home, clients: [], passwords: [], phones: [], users: [], answers: [] });
  }

  browser(client = new Client(instance)) {
    const send = client.send.bind(client);
    client.send = async (method, path, options) => {
      const answer = await send(method, path, options);
      if (path.startsWith("/api/")) this.answers.push(`${method} ${path}\n${JSON.stringify(answer.headers)}\n${answer.text}`);
      return answer;
    };
    this.clients.push(client);
    return client;
  }

  /** A browser in his own WeChat. */
  async chat(user = somebody()) {
    this.users.push(user);
    const client = this.browser(inWeChat(instance));
    await openPage(client, user);
    return client;
  }

  async recover(client = this.browser(), more = {}) {
    const secret = password();
    this.passwords.push(secret);
    expect(await client.post("/api/recover/password", { ...facts(this.people), password: secret, ...more }), 204);
    return client;
  }

  /** Change the phone to one of his own. */
  async takePhone(client = this.browser(), more = {}) {
    const old_phone = this.phones.at(-1) ?? this.people.phone, new_phone = phone();
    expect(await client.post("/api/recover/phone", { ...facts(this.people), old_phone, new_phone, ...more }), 204);
    this.phones.push(new_phone);
    return client;
  }

  signIn(client, more = {}) {
    return client.post("/api/session", { phone: this.phones.at(-1) ?? this.people.phone, password: this.passwords.at(-1), ...more });
  }
}

/** What was sent to a number, once all has arrived: the tokens of the links, newest first. */
async function tokensAt(guardian, number) {
  await until("all messages are out", async () => (await rows(`select count(*) from enroll.outbox o
    where (o.phone_id in (select id from enroll.phone where guardian_id = '${guardian}')
      or o.wechat_id in (select id from enroll.wechat where guardian_id = '${guardian}')) and o.delivered_at is null and o.failed is null`))[0][0] === "0", 20000, 100);
  const { json } = expect(await new Client(instance).get("/sandbox/control/messages"), 200);
  return json.filter(({ to }) => to === number).map(({ text }) => /\/undo#([\w-]{43})/.exec(text)?.[1]).filter(Boolean);
}
const undo = (token) => new Client(instance).post("/api/recover/undo", { token });

const showFace = async (client) => {
  await launch(client, "bindings", { do: "complete" }, { student_ids: [] });
  assert.equal((await client.get("/api/session")).json.guardian.limited, false);
};
/** Each way back ends with the owner's browser and the password that is his from now on. */
const back = {
  async [LINK](thief) {
    const { people, client, guardian } = thief;
    const statuses = [];
    for (const token of await tokensAt(guardian, people.phone)) statuses.push((await undo(token)).status);
    if (thief.passwords.length + thief.phones.length > 0) assert.ok(statuses.includes(204), `no link did anything: ${statuses}`);
    await isOut(thief, people.password);
    expect(await client.post("/api/session", { phone: people.phone, password: people.password }), 200);
    await showFace(client);
    return people.password;
  },
  async [WECHAT]({ people, user }) {
    const chat = inWeChat(instance);
    await openPage(chat, user);
    const secret = password();
    expect(await chat.post("/api/recover/password", { ...facts(people), password: secret }), 204);
    assert.equal((await chat.get("/api/session")).json.guardian.limited, false);
    return secret;
  },
  async [FACE]({ people, client }) {
    const secret = password();
    expect(await client.post("/api/recover/password", { ...facts(people), password: secret }), 204);
    await showFace(client);
    return secret;
  },
};

/** Nothing of the thief's is left in the account, and its owner's password is good. */
async function isOut(thief, secret) {
  const { people, client, guardian, link } = thief;
  for (const one of thief.clients) {
    const answer = await one.get("/api/session");
    assert.ok(!answer.text.includes(thief.students[0].id), "a session of the thief's lives");
  }
  for (const secret of thief.passwords.slice(-2))
    for (const number of [people.phone, ...thief.phones.slice(-1)])
      assert.notEqual((await thief.browser().post("/api/session", { phone: number, password: secret })).status, 200, "the thief signs in");
  const linked = await rows(`select id from enroll.wechat where guardian_id = '${guardian}' and unlinked_at is null`);
  assert.deepEqual(linked.flat(), [link], "the WeChats are the owner's");
  for (const user of thief.users) {
    const chat = thief.browser(inWeChat(instance));
    await openPage(chat, user);
    const answer = await chat.get("/api/session");
    assert.ok(answer.status === 401 || !answer.text.includes(thief.students[0].id), "the thief's WeChat signs in");
  }
  const before = new Client(instance);
  before.cookies.set("__Host-device", client.cookies.get("__Host-device"));
  expect(await before.post("/api/session", { phone: people.phone, password: secret }), 200);
  expect(await before.delete("/api/session"), 204);
}

/** Nothing personal in clear was in any answer. */
function sawNothing({ answers, people, user }) {
  const { guardian, children } = people;
  const secrets = [guardian.name, guardian.id_no, people.phone, user, lane, "0012345", ...children.flatMap((child) => [child.name, child.id_no])];
  for (const answer of answers)
    for (const secret of secrets) assert.ok(!answer.includes(secret), `${secret} stands in: ${answer.slice(0, 600)}`);
}

const forbidden = (answer) => expect(answer, 403, "identity_check_required");
const tokensOf = async (thief) => (await Promise.all(thief.phones.map((number) => tokensAt(thief.guardian, number)))).flat();
const start = async (client, student_ids = []) => expect(await client.post("/api/bindings", { student_ids }), 201).json;
const settled = (client, { id }) => until("the face check is known", async () => (await client.get(`/api/bindings/${id}`)).json.status !== "pending", 20000, 100);
const bring = (client, code) => client.post("/api/bindings/return", { code });
const isLimited = async (client) => assert.equal(expect(await client.get("/api/session"), 200).json.guardian.limited, true, "the limit stands");
/** An account of the thief's own, with his WeChat linked. */
async function ownAccount(thief) {
  const people = family();
  expect(await thief.browser().once("/api/register", registration(people)), 201);
  const user = somebody();
  const client = await thief.chat(user);
  expect(await client.post("/api/session", { phone: people.phone, password: people.password }), 200);
  return { people, client, user };
}

const strategies = [
  ["links his own WeChat after the recovery", async (thief) => {
    const chat = await thief.chat();
    await thief.recover(chat);
    for (const more of [{}, { move_wechat: true }]) expect(await thief.signIn(chat, more), 200);
    assert.deepEqual((await chat.get("/api/session")).json.guardian.wechat.map((one) => one.this), [false]);
  }],
  ["moves the WeChat of an account of his own over", async (thief) => {
    const own = await ownAccount(thief);
    const chat = await thief.chat(own.user);
    await thief.recover();
    expect(await thief.signIn(chat, { move_wechat: true }), 200);
  }],
  ["unlinks the owner's WeChat", async (thief) => {
    const client = await thief.recover();
    forbidden(await client.delete(`/api/wechat/${thief.link}`));
  }],
  ["relays the launch_url to the true guardian", async (thief) => {
    const client = await thief.recover();
    const launched = await start(client);
    await sandboxDo(new Client(instance), launched, { do: "complete" });
    await settled(client, launched);
    await isLimited(client);
  }, [LINK, WECHAT, FACE]],
  ["takes the code of a check that he refused, then has the guardian show the face in another", async (thief) => {
    const client = await thief.recover();
    const refused = await start(client);
    const code = await returnCode(client, refused);
    await sandboxDo(client, refused, { do: "deny" });
    expect(await bring(client, code), 200);
    await settled(client, refused);
    const relayed = await start(client);
    await sandboxDo(new Client(instance), relayed, { do: "complete" });
    await settled(client, relayed);
    expect(await bring(client, code), 200);
    await isLimited(client);
  }, [LINK, FACE]],
  ["brings his code long before the guardian shows the face", async (thief) => {
    const client = await thief.recover();
    const launched = await start(client);
    expect(await bring(client, await returnCode(client, launched)), 200);
    await rows(`update enroll.errand set returned_at = returned_at - interval '6 minutes' where id = '${launched.id}'`);
    await sandboxDo(new Client(instance), launched, { do: "complete" });
    await settled(client, launched);
    await isLimited(client);
  }],
  ["brings the code of his check from another browser", async (thief) => {
    const client = await thief.recover();
    const launched = await start(client);
    const code = await returnCode(client, launched);
    await sandboxDo(new Client(instance), launched, { do: "complete" });
    await settled(client, launched);
    const other = thief.browser();
    expect(await thief.signIn(other), 200);
    expect(await bring(other, code), 404, "not_found");
    await isLimited(client);
  }],
  ["fails five face checks", async (thief) => {
    const client = await thief.recover();
    let door;
    for (let i = 0; i < 5; i++) ({ door } = await launch(client, "bindings", { do: "deny" }, { student_ids: [thief.students[1].id] }));
    assert.equal(door, "in_person");
    await isLimited(client);
  }],
  ["shows his own face", async (thief) => {
    const client = await thief.recover();
    const { guardian, children } = thief.people;
    expect(await client.post("/sandbox/control/families", { guardian, children, face: "other" }), 201);
    await launch(client, "bindings", { do: "complete" }, { student_ids: [thief.students[1].id] });
    await isLimited(client);
    expect(await client.post("/sandbox/control/families", { guardian, children, wards_linked: children.map(({ id_no }) => id_no) }), 201);
  }, [LINK, FACE]],
  ["changes the phone twice", async (thief) => {
    await thief.takePhone();
    await thief.takePhone();
  }, [LINK, WECHAT, FACE]],
  ["recovers the password, then the phone, then the password", async (thief) => {
    await thief.recover();
    await thief.takePhone();
    await thief.recover();
  }, [LINK, WECHAT, FACE]],
  ["recovers the password thrice, each time from another browser", async (thief) => {
    for (let i = 0; i < 3; i++) await thief.recover();
  }, [LINK, WECHAT]],
  ["says that the phone is lost, to void the owner's links", async (thief) => {
    await thief.recover();
    await thief.recover(undefined, { old_phone_lost: true });
    await thief.takePhone(undefined, { old_phone_lost: true });
    await thief.takePhone(undefined, { old_phone_lost: true });
  }, [LINK, WECHAT, FACE]],
  ["undoes the owner's way back by the links that came to his own phones", async (thief) => {
    await thief.recover();
    await thief.takePhone();
    await thief.takePhone();
    const [newest] = await tokensOf(thief);
    expect(await undo(newest), 204);
    expect(await undo(newest), 404, "not_found");
    thief.phones.pop();
  }, [LINK, WECHAT, FACE]],
  ["undoes an old change from a number that was given out again", async (thief) => {
    const { people, client, guardian } = thief;
    const reissued = people.phone;
    const fresh = phone();
    expect(await client.put("/api/account/phone", { password: people.password, old_phone: reissued, new_phone: fresh }), 204);
    people.phone = fresh;
    await rows(`update enroll.undo set expires_at = expires_at - interval '73 hours' where guardian_id = '${guardian}'`);
    for (const token of await tokensAt(guardian, reissued)) expect(await undo(token), 404, "not_found");
    const refused = await thief.browser().post("/api/recover/phone", { ...facts(people), old_phone: reissued, new_phone: phone() });
    expect(refused, 401, "bad_credentials");
  }],
  ["recovers while the owner undoes", async (thief) => {
    await thief.recover();
    const [token] = await tokensAt(thief.guardian, thief.people.phone);
    await Promise.all([undo(token), thief.recover(), thief.takePhone(), thief.recover()]);
  }, [LINK, WECHAT, FACE]],
  ["keeps sessions in many browsers", async (thief) => {
    await thief.recover();
    for (let i = 0; i < 4; i++) expect(await thief.signIn(thief.browser()), 200);
  }, [LINK, WECHAT, FACE]],
  ["signs in with the password of before, after its owner recovered", async (thief) => {
    const { people, client } = thief;
    const old = people.password;
    people.password = password();
    expect(await client.post("/api/recover/password", { ...facts(people), password: people.password }), 204);
    expect(await thief.browser().post("/api/session", { phone: people.phone, password: old }), 401, "bad_credentials");
    await showFace(client);
    await thief.recover();
    expect(await thief.browser().post("/api/session", { phone: people.phone, password: old }), 401, "bad_credentials");
  }],
  ["takes an authorization back", async (thief) => {
    const client = await thief.recover();
    const { authorization } = (await client.get("/api/session")).json.students[0];
    forbidden(await client.delete(`/api/authorizations/${authorization.id}`));
  }],
  ["signs an authorization anew and refuses it", async (thief) => {
    const client = await thief.recover();
    await launch(client, "authorizations", { do: "deny" });
    await isLimited(client);
  }],
  ["withdraws one application and submits the other", async (thief) => {
    const client = await thief.recover();
    const [first, second] = thief.students;
    forbidden(await client.once(`/api/applications/${first.id}/withdraw`, {}));
    forbidden(await client.once(`/api/applications/${second.id}/submit`, {}));
  }],
  ["writes into the draft", async (thief) => {
    const client = await thief.recover();
    for (const [section, body] of Object.entries(await completeSections(client, { ...thief.people, guardian: { ...thief.people.guardian, name: "别人" } })))
      forbidden(await client.put(`/api/applications/${thief.students[1].id}/sections/${section}`, body, { headers: { "If-Match": '"6"' } }));
  }],
  ["removes one child and adds another", async (thief) => {
    const client = await thief.recover();
    for (const { id } of thief.students) forbidden(await client.delete(`/api/students/${id}`));
    forbidden(await client.post("/api/students", { name: name(), id_no: childIdNo(), consent: true }));
  }],
  ["corrects a child's name and number, and says another register place", async (thief) => {
    const client = await thief.recover();
    const [first, second] = thief.students;
    for (const { id } of [first, second])
      for (const body of [{ name: name() }, { id_no: childIdNo() }, { name: name(), register_place: "foreign" }]) forbidden(await client.patch(`/api/students/${id}`, body));
    expect(await client.patch(`/api/students/${first.id}`, { register_place: "foreign" }), 409, "wrong_state");
    expect(await client.patch(`/api/students/${second.id}`, { register_place: "foreign" }), 200);
  }],
  ["closes the account", async (thief) => {
    const client = await thief.recover();
    forbidden(await client.post("/api/account/close", { password: thief.passwords[0] }));
  }],
  ["sets password and phone as if he were signed in", async (thief) => {
    const client = await thief.recover();
    forbidden(await client.put("/api/account/password", { old_password: thief.passwords[0], password: password() }));
    for (const old_phone of [undefined, thief.people.phone])
      forbidden(await client.put("/api/account/phone", { password: thief.passwords[0], new_phone: phone(), old_phone }));
  }],
  ["looks at all sessions and ends the others", async (thief) => {
    const client = await thief.recover();
    forbidden(await client.get("/api/sessions"));
    forbidden(await client.delete("/api/sessions"));
  }],
  ["carries the session to another phone by a code", async (thief) => {
    const client = await thief.recover();
    forbidden(await client.post("/api/handoffs", { page: "bind" }));
  }],
  ["has the owner open a code and a link of his", async (thief) => {
    const own = await ownAccount(thief);
    const { url } = expect(await own.client.post("/api/handoffs", { page: "bind" }), 201).json;
    expect(await thief.client.post("/api/handoffs/open", { token: url.split("#")[1] }), 403, "forbidden");
    for (const next of ["https://evil.example/", "//evil.example", "/\\evil.example"]) {
      const owner = inWeChat(instance);
      const answer = await owner.get(`/api/wechat/authorize?next=${encodeURIComponent(next)}`);
      assert.ok(!/evil/.test(answer.headers.location ?? ""), answer.headers.location);
    }
    // A session cookie that somebody planted is not the one that a sign-in opens.
    const owner = new Client(instance);
    const planted = own.client.cookies.get("__Host-session");
    owner.cookies.set("__Host-session", planted);
    expect(await owner.post("/api/session", { phone: thief.people.phone, password: thief.people.password }), 200);
    assert.notEqual(owner.cookies.get("__Host-session"), planted);
    assert.ok(!(await own.client.get("/api/session")).text.includes(thief.students[0].id), "his cookie is still his own account's");
  }],
  ["has the owner's browser come back from WeChat with his code", async (thief) => {
    const his = thief.browser(inWeChat(instance));
    const user = somebody();
    thief.users.push(user);
    const callback = await toCallback(his, user);
    // Into a browser that set out itself, one that never did, and one that is signed in.
    for (const isSetOut of [true, false]) {
      const owner = inWeChat(instance);
      if (isSetOut) await owner.get("/api/wechat/authorize?next=/");
      await owner.get(callback);
      expect(await owner.get("/api/session"), 401, "not_signed_in");
      const { json } = expect(await owner.post("/api/session", { phone: thief.people.phone, password: thief.people.password }), 200);
      assert.deepEqual(json.guardian.wechat.map(({ id }) => id), [thief.link]);
    }
    await thief.client.get(callback);
    assert.ok((await thief.client.get("/api/session")).text.includes(thief.students[0].id), "and who is signed in stays who he is");
  }],
  ["has the owner's browser sign in to his account from a page of his", async (thief) => {
    const own = await ownAccount(thief);
    for (const headers of [{ Origin: "https://evil.example" }, { Origin: "null" }, { Origin: null }, { Origin: "https://evil.example", "Content-Type": "text/plain" }])
      expect(await thief.client.post("/api/session", { phone: own.people.phone, password: own.people.password }, { headers }), 403, "wrong_origin");
    expect(await thief.browser().post("/api/recover/password", { ...facts(thief.people), password: password() }, { headers: { Origin: null } }), 403, "wrong_origin");
  }],
  ["registers the guardian and the child anew", async (thief) => {
    const { people } = thief;
    const mine = family();
    for (const [body, code] of [[{ ...registration(people), phone: phone() }, "guardian_taken"], [registration({ ...mine, phone: people.phone }), "phone_taken"],
      [{ ...registration(mine), student_name: people.children[0].name, student_id_no: people.children[0].id_no }, "student_taken"]])
      expect(await thief.browser().once("/api/register", body), 409, code);
  }],
  ["reads whatever a limited account may read", async (thief) => {
    const client = await thief.recover();
    const { students } = expect(await client.get("/api/session"), 200).json;
    for (const { id, binding, authorization } of students) {
      for (const path of [`/api/applications/${id}`, `/api/applications/${id}/events`, `/api/bindings/${binding.id}`,
        `/api/authorizations/${authorization.id}`, `/api/authorizations/${authorization.id}/receipt`]) expect(await client.get(path), 200);
      assert.deepEqual(expect(await client.get(`/api/applications/${id}`), 200).json.sections, {});
    }
    expect(await (await thief.takePhone()).get("/api/session"), 401, "not_signed_in");
  }],
];

describe("nobody keeps an account by knowing four facts and a phone number: a stranger", { concurrency: 4 }, () => {
  for (const [words, steps, ways = [LINK]] of strategies)
    for (const way of ways)
      test(`${words}; the owner is back ${way}`, async () => {
        const thief = new Thief(await makeFamily());
        const before = await possessions(thief.guardian);
        await steps(thief);
        assert.deepEqual(await possessions(thief.guardian), before, "nothing has changed but who may sign in");
        const secret = await back[way](thief);
        await isOut(thief, secret);
        for (const token of await tokensOf(thief)) expect(await undo(token), 404, "not_found");
        await isOut(thief, secret);
        sawNothing(thief);
      });
});

test("there are more than twenty of them", () => assert.ok(strategies.length > 20, String(strategies.length)));
