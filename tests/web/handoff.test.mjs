// 换手机接着办, the question before a session ends, and 我的账号: its WeChats, its devices, and closing it.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Client, expect } from "../harness/client.mjs";
import { Instance } from "../harness/instance.mjs";
import { family, password, registration } from "../harness/people.mjs";
import { authorized, filled, routed, signedIn } from "../harness/road.mjs";
import { closeBrowser, closePhone, expectAccessible, follow, heading, openPhone, picture, press, says, wechat } from "./browser.mjs";
import { showWeChat, signIn } from "./walk.mjs";

const instance = await Instance.shared();
const control = new Client(instance);
after(closeBrowser);

const show = async (page, name) => {
  await picture(page, name);
  await expectAccessible(page);
};

/** A family on the licences' route, signed in on a phone. */
async function openFamily({ clock = false, ...options } = {}) {
  const parent = await routed(instance, options);
  const page = await openPhone(instance);
  if (clock) await page.clock.install();
  await signIn(page, parent.people);
  return { ...parent, page };
}

/** What a scanner would read off the screen: the address was in the answer, and is nowhere in the page but as a picture. */
async function scan(page, work) {
  const [answer] = await Promise.all([page.waitForResponse((one) => /\/api\/handoffs$/.test(one.url())), work()]);
  const { url } = await answer.json();
  await page.locator("#qr svg").waitFor();
  assert.ok(!(await page.content()).includes(url.split("#")[1]));
  return url;
}

async function signInHere(page, { phone, password: secret }) {
  await page.waitForURL(/\/login/);
  await page.getByLabel("手机号").fill(phone);
  await page.getByLabel("密码", { exact: true }).fill(secret);
  await press(page, "登录");
}

test("a second phone opens the same step after its own sign-in, and the first sees it opened and finished", async () => {
  const { page, people } = await openFamily();
  await page.goto("/steps");
  const url = await scan(page, () => follow(page, "换手机接着办"));
  await says(page, "分钟有效");
  await show(page, "handoff-code");

  const second = await openPhone(instance);
  await second.goto(url);
  await second.waitForURL(/\/login/);
  assert.ok(!second.url().includes(url.split("#")[1]), "the token has left the address");
  await signInHere(second, people);
  await second.waitForURL((at) => at.pathname === "/steps");
  await heading(page, "对方手机已打开");
  await show(page, "handoff-opened");

  const { client } = { client: new Client(instance) };
  expect(await client.post("/api/session", { phone: people.phone, password: people.password }), 200);
  const { students } = (await client.get("/api/session")).json;
  for (const { id } of students) expect(await client.patch(`/api/students/${id}`, { route: "in_person" }), 200);
  await heading(page, "✓ 已完成");
  await show(page, "handoff-done");

  // Once: the same code on a third phone.
  const third = await openPhone(instance);
  await third.goto(url);
  await signInHere(third, people);
  await heading(third, "二维码已失效");
  await show(third, "handoff-used");
  for (const one of [page, second, third]) await closePhone(one);
});

test("the page of the form that was open is the one that opens, on the form itself", async () => {
  const parent = await authorized(instance);
  const page = await openPhone(instance);
  await signIn(page, parent.people);
  await page.goto(`/apply?student=${parent.students[0].id}#wishes`);
  await heading(page, "志愿");
  const url = await scan(page, () => follow(page, "换手机接着办"));
  const second = await openPhone(instance);
  await second.goto(url);
  await signInHere(second, parent.people);
  await heading(second, "志愿");
  await closePhone(second);
  await closePhone(page);
});

test("another account's code shows nothing, and says what to do", async () => {
  const { page, people } = await openFamily();
  await page.goto("/steps");
  const url = await scan(page, () => follow(page, "换手机接着办"));
  const other = await openFamily();
  await other.page.goto(url);
  await heading(other.page, "这是另一个账号的二维码");
  assert.ok(!(await other.page.content()).includes(people.children[0].name));
  await show(other.page, "handoff-other");
  await press(other.page, "退出登录");
  await other.page.getByRole("link", { name: "注册账号", exact: true }).waitFor();
  await closePhone(other.page);

  // It is not used up by that.
  const second = await openPhone(instance);
  await second.goto(url);
  await signInHere(second, people);
  await second.waitForURL((at) => at.pathname === "/steps");
  await closePhone(second);
  await closePhone(page);
});

test("a code that nobody opened runs out, and is made anew by one press", async () => {
  const { page, client } = await openFamily();
  await page.goto("/steps");
  const url = await scan(page, () => follow(page, "换手机接着办"));
  const token = url.split("#")[1];
  await instance.sql(`update enroll.handoff set expires_at = now() where token_hash = sha256('${token}')`);
  await heading(page, "二维码已过期");
  await show(page, "handoff-expired");
  const next = await scan(page, () => press(page, "换一个新码"));
  assert.notEqual(next, url);
  expect(await client.post("/api/handoffs/open", { token }), 404, "not_found");
  await closePhone(page);
});

/** Let the session of this browser have been idle for so many seconds, and the page's clock go as far. */
async function idle(page, seconds) {
  const cookie = (await page.context().cookies()).find(({ name }) => name === "__Host-session").value;
  await instance.sql(`update enroll.session set last_seen_at = now() - interval '${seconds} seconds' where token_hash = sha256('${cookie}')`);
  await page.clock.fastForward(seconds * 1000);
}

test("two minutes before the end the page asks, and 继续填写 keeps session, text and focus", async () => {
  const { page } = await openFamily({ clock: true });
  await page.goto("/account");
  await press(page, "添加孩子");
  await page.getByLabel("学生姓名").fill("温小雨");
  const dialog = page.getByRole("alertdialog", { name: "还在吗" });
  await page.clock.fastForward(27 * 60 * 1000);
  assert.equal(await dialog.count(), 0);
  // This tab is idle, another is not: the server knows, and nothing is said.
  const [asked] = await Promise.all([page.waitForResponse(/\/api\/session\/idle/), page.clock.fastForward(90 * 1000)]);
  assert.ok((await asked.json()).ends_in_s > 1700);
  assert.equal(await dialog.count(), 0);

  await idle(page, 28 * 60 + 20);
  await dialog.waitFor();
  await show(page, "idle-warning");
  const goOn = dialog.getByRole("button", { name: "继续填写" });
  assert.equal(await goOn.evaluate((node) => node === document.activeElement), true);
  for (const key of ["Tab", "Tab", "Shift+Tab", "Tab"]) {
    await page.keyboard.press(key);
    assert.equal(await page.evaluate(() => Boolean(document.activeElement.closest("[role=alertdialog]"))), true);
  }
  for (const name of ["继续填写", "退出"]) assert.ok((await dialog.getByRole("button", { name }).boundingBox()).height >= 44);
  await page.clock.fastForward(45 * 1000);
  await goOn.click();
  await dialog.waitFor({ state: "detached" });
  assert.equal(await page.getByLabel("学生姓名").inputValue(), "温小雨");
  assert.equal(await page.evaluate(() => document.activeElement.id), "name");
  const left = await page.evaluate(async () => (await (await fetch("/api/session/idle")).json()).ends_in_s);
  assert.ok(left > 1700, String(left));
  await closePhone(page);
});

test("after the end a new sign-in leads back to the same step with the text, but without numbers and passwords", async () => {
  const { page, people } = await openFamily({ clock: true });
  await page.goto("/account");
  await press(page, "添加孩子");
  await page.getByLabel("学生姓名").fill("温小雨");
  await page.getByLabel("学生身份证号码").fill("44140220190101001X");
  await idle(page, 28 * 60 + 20);
  await page.getByRole("alertdialog", { name: "还在吗" }).waitFor();
  await idle(page, 31 * 60);
  const over = page.getByRole("alertdialog", { name: "已退出登录" });
  await over.waitFor();
  await show(page, "idle-over");
  assert.equal(await page.getByLabel("学生姓名").inputValue(), "温小雨");
  const kept = await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));
  assert.ok(kept.includes("温小雨") && !kept.includes("44140220190101001X"));
  await press(page, "重新登录");
  await signInHere(page, people);
  await heading(page, "添加孩子");
  assert.equal(await page.getByLabel("学生姓名").inputValue(), "温小雨");
  assert.equal(await page.getByLabel("学生身份证号码").inputValue(), "");
  await press(page, "不改了");
  assert.ok(!(await page.evaluate(() => JSON.stringify({ ...sessionStorage }))).includes("温小雨"));
  await closePhone(page);
});

test("what one parent typed is not shown to another who signs in on the same tab", async () => {
  const { page } = await openFamily({ clock: true });
  const other = await signedIn(instance);
  await page.goto("/account");
  await press(page, "添加孩子");
  await page.getByLabel("学生姓名").fill("温小雨");
  await idle(page, 31 * 60);
  await page.getByRole("alertdialog", { name: "已退出登录" }).waitFor();
  await press(page, "重新登录");
  await signInHere(page, other.people);
  await heading(page, "添加孩子");
  assert.equal(await page.getByLabel("学生姓名").inputValue(), "");
  await closePhone(page);
});

test("a form that was being filled when the session ended is there again", async () => {
  const parent = await routed(instance, { register_place: "other_province" });
  const page = await openPhone(instance);
  await page.clock.install();
  await signIn(page, parent.people);
  await page.goto(`/apply?student=${parent.students[0].id}#household`);
  await heading(page, "户籍");
  await idle(page, 31 * 60);
  await page.getByRole("alertdialog", { name: "已退出登录" }).waitFor();
  await page.evaluate(() => {
    const field = document.querySelector("#head_name, [name=head_name]");
    field.value = "古志远";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await press(page, "重新登录");
  await signInHere(page, parent.people);
  await heading(page, "户籍");
  assert.equal(await page.getByLabel("户主姓名").inputValue(), "古志远");
  await closePhone(page);
});

test("退出 in the question leaves at once, and nothing stays on the phone", async () => {
  const { page } = await openFamily({ clock: true });
  await page.goto("/account");
  await press(page, "添加孩子");
  await page.getByLabel("学生姓名").fill("温小雨");
  await idle(page, 28 * 60 + 20);
  await page.getByRole("alertdialog", { name: "还在吗" }).getByRole("button", { name: "退出" }).click();
  await page.getByRole("link", { name: "注册账号", exact: true }).waitFor();
  assert.ok(!(await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]))).includes("温小雨"));
  await closePhone(page);
});

/** In WeChat as this user, signed in by password at the login page that WeChat's way ends at. */
async function openInWeChat(people, user) {
  const page = await openPhone(instance, { userAgent: wechat });
  await page.goto("/", { waitUntil: "commit" });
  await showWeChat(page, user);
  await signInHere(page, people);
  await says(page, "您好，");
  return page;
}

test("a WeChat is named, the account to follow is offered once, and the link is taken off after a question", async () => {
  const people = family();
  expect(await control.once("/api/register", registration(people)), 201);
  const page = await openInWeChat(people, `named-${Date.now()}`);
  await heading(page, "关注公众号，办理结果发到微信");
  await show(page, "follow-offer");
  await press(page, "已关注，不再提示");
  await page.reload();
  await says(page, "您好，");
  await page.waitForLoadState("networkidle");
  assert.equal(await page.getByRole("heading", { name: /关注公众号/ }).count(), 0);

  await page.goto("/account");
  await press(page, "起个名字");
  await press(page, "保存名字");
  await says(page, "给微信起的名字要 1 到 20 个字");
  await show(page, "wechat-name");
  await page.getByLabel("这个微信叫什么").fill("妈妈的微信");
  await press(page, "保存名字");
  await says(page, "妈妈的微信");
  await show(page, "wechat-named");
  await press(page, "解除绑定");
  await says(page, "您正在用的就是它");
  await press(page, "解除绑定");
  await says(page, "还没有绑定微信");
  // The WeChat in hand is now none of the account's.
  await says(page, "这部手机上的微信没有绑定到您的账号");
  await show(page, "wechat-other");
  await closePhone(page);
});

test("a WeChat that could not be linked is said on the home page and in 我的账号", async () => {
  const people = family();
  expect(await control.once("/api/register", registration(people)), 201);
  const first = await openInWeChat(people, `own-${Date.now()}`);
  assert.equal(await first.getByText("没有绑定到您的账号").count(), 0);
  await closePhone(first);
  const other = family();
  expect(await control.once("/api/register", registration(other)), 201);
  const user = `theirs-${Date.now()}`;
  const theirs = await openInWeChat(other, user);
  await press(theirs, "退出登录");
  await theirs.getByRole("link", { name: "注册账号", exact: true }).waitFor();
  await closePhone(theirs);

  const page = await openPhone(instance, { userAgent: wechat });
  await page.goto("/", { waitUntil: "commit" });
  await showWeChat(page, user);
  await signInHere(page, people);
  await heading(page, "这个微信绑定着另一个账号");
  await press(page, "不用，直接进入");
  await says(page, "这部手机上的微信没有绑定到您的账号");
  assert.ok(!(await page.content()).includes(other.children[0].name));
  await show(page, "wechat-not-linked");
  await page.goto("/account");
  await says(page, "这部手机上的微信没有绑定到您的账号");
  await closePhone(page);
});

test("devices are listed with their times, one is ended after a question, and all others at once", async () => {
  const { client, people } = await signedIn(instance);
  const others = [0, 1].map(() => new Client(instance, { userAgent: "Mozilla/5.0 (iPhone) MicroMessenger/8.0.50" }));
  for (const one of others) expect(await one.post("/api/session", { phone: people.phone, password: people.password }), 200);
  const page = await openPhone(instance);
  await signIn(page, people);
  await page.goto("/account");
  const list = page.locator("#sessions > li");
  await list.nth(3).waitFor();
  await says(page, "iPhone · 微信");
  await show(page, "devices");
  await list.nth(1).getByRole("button", { name: "让它退出" }).click();
  await says(page, "那一台会马上退出登录");
  await list.nth(1).getByRole("button", { name: "让它退出" }).click();
  await page.waitForFunction(() => document.querySelectorAll("#sessions > li").length === 3);
  await press(page, "其他的全部退出");
  await press(page, "其他的全部退出");
  await page.waitForFunction(() => document.querySelectorAll("#sessions > li").length === 1);
  for (const one of [client, ...others]) expect(await one.get("/api/session"), 401, "not_signed_in");
  await closePhone(page);
});

test("closing the account says what goes and when, needs the password, and is withdrawn by signing in", async () => {
  const { page, people } = await openFamily();
  await page.goto("/account");
  await follow(page, "注销账号");
  await heading(page, "注销以后会怎样");
  await show(page, "close");
  await press(page, "注销账号");
  await says(page, "请输入登录密码");
  await page.getByLabel("登录密码").fill(password());
  await press(page, "注销账号");
  await says(page, "现在的密码不对");
  await page.getByLabel("登录密码").fill(people.password);
  await press(page, "注销账号");
  await heading(page, "已申请注销");
  await show(page, "closing");
  assert.equal(await page.evaluate(async () => (await fetch("/api/session")).status), 401);
  await follow(page, "撤回：重新登录");
  await signInHere(page, people);
  await says(page, "注销申请已撤回");
  await show(page, "closing-withdrawn");
  await page.reload();
  await says(page, "登录过的手机和电脑");
  assert.equal(await page.getByText("注销申请已撤回").isVisible(), false);
  await closePhone(page);
});

test("an account with a submitted application is kept, and says so before the password is asked for", async () => {
  const parent = await routed(instance, { register_place: "other_province" });
  await filled(parent.client, parent.people, parent.students[0]);
  await instance.sql(`update enroll.application set status = 'submitted' where student_id = '${parent.students[0].id}'`);
  const page = await openPhone(instance);
  await signIn(page, parent.people);
  await page.goto("/close");
  await heading(page, "现在还不能注销");
  await says(page, parent.people.children[0].name);
  assert.equal(await page.getByLabel("登录密码").isVisible(), false);
  await show(page, "close-kept");
  await closePhone(page);
});
