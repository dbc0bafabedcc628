// A browser in WeChat: off to WeChat, back by the callback, and who is signed in then. WeChat itself is the sandbox's, or a test's.
import assert from "node:assert/strict";
import { Client, expect } from "./client.mjs";
import { key } from "./people.mjs";
import { registered } from "./road.mjs";

export const browser = (instance) => new Client(instance, { userAgent: "Mozilla/5.0 (iPhone) MicroMessenger/8.0.50" });
export const somebody = () => `user-${key().slice(0, 12)}`;
export const signIn = (client, { people }, more = {}) => client.post("/api/session", { phone: people.phone, password: people.password, ...more });
export const who = async (client) => (await client.get("/api/session")).json;

/** The path and query of a Location that must lead to this site. */
export function ownPath({ headers }, { url }) {
  const target = new URL(headers.location, url);
  assert.equal(target.origin, url);
  return target.pathname + target.search;
}

/** Set out for WeChat and choose a user ("" refuses). The path of the callback that the sandbox's WeChat sends the browser to. */
export async function toCallback(client, user, next = "/") {
  const { instance } = client;
  const away = expect(await client.get(`/api/wechat/authorize?next=${encodeURIComponent(next)}`), 302);
  return ownPath(expect(await client.get(`${ownPath(away, instance)}&user=${encodeURIComponent(user)}`), 302), instance);
}

/** The whole way. Where the browser ends. */
export async function openPage(client, user, next) {
  return ownPath(expect(await client.get(await toCallback(client, user, next)), 302), client.instance);
}

/** An account that is linked to a WeChat user: registered, opened in WeChat by `open`, signed in by password. */
export async function linked(instance, open = openPage) {
  const family = await registered(instance);
  const client = browser(instance);
  const user = somebody();
  assert.equal(await open(client, user), "/login?next=%2F");
  const { json } = expect(await signIn(client, family), 200);
  assert.deepEqual(json.guardian.wechat.map((one) => one.this), [true]);
  return { ...family, client, user };
}
