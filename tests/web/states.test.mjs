// No page is a dead end: what a parent sees and presses when something is missing, refused, late or taken.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Client, expect } from "../harness/client.mjs";
import { Instance, until } from "../harness/instance.mjs";
import { childIdNo, facts, family, name, password, phone, registration } from "../harness/people.mjs";
import { launch, routed } from "../harness/road.mjs";
import {
  closeBrowser,
  closePhone,
  expectAccessible,
  follow,
  heading,
  openPhone,
  picture,
  press,
  says,
  wechat,
} from "./browser.mjs";
import { addChild, showWeChat, signIn } from "./walk.mjs";

const instance = await Instance.shared();
const control = new Client(instance);
after(closeBrowser);

/** A family on the licences' route, signed in on a phone. */
async function openFamily(options) {
  const parent = await routed(instance, options);
  const page = await openPhone(instance);
  await signIn(page, parent.people);
  return { ...parent, page };
}

/** Press 立即绑定 (or what leads there again), and do in the province what `body` says, without its pages. */
async function leave(page, button, body) {
  await press(page, button);
  await page.waitForURL(/\/sandbox\/space\//);
  const id = new URL(page.url()).pathname.split("/").pop();
  if (body) expect(await control.post(`/sandbox/control/sessions/${id}`, body), 204);
  return expect(await control.get(`/sandbox/control/sessions/${id}`), 200).json.return_url;
}

/** The same, and come back by the province's 返回. */
async function go(page, button, body) {
  await page.goto(await leave(page, button, body));
}

const show = async (page, picturesName) => {
  await picture(page, picturesName);
  await expectAccessible(page);
};

test("a child that was not linked is said, and the second try binds it", async () => {
  const { page } = await openFamily();
  await page.goto("/steps");
  await go(page, "立即绑定", { do: "forget_child" });
  await heading(page, "绑定还差一项");
  await says(page, "关联被监护人");
  await show(page, "ward-missing");
  assert.ok(!/code=/.test(page.url()), page.url());
  await go(page, "再去办理", { do: "complete" });
  await heading(page, "绑定完成");
  await closePhone(page);
});

test("another spelling in the register is shown beside the parent's, and taken over by one press", async () => {
  const { page, people } = await openFamily();
  const register = { ...people.guardian, name: `${people.guardian.name}子` };
  expect(await control.post("/sandbox/control/families", { guardian: register, children: people.children }), 201);
  await page.goto("/steps");
  await go(page, "立即绑定", { do: "complete" });
  await heading(page, "绑定还差一项");
  await says(page, register.name);
  await show(page, "name-differs");
  await press(page, "改成户口登记的写法");
  await heading(page, "绑定完成");
  await closePhone(page);
});

test("another person's face is no blame, and leads back and to the desk", async () => {
  const { page, people } = await openFamily();
  expect(
    await control.post("/sandbox/control/families", { ...people, phone: undefined, password: undefined, face: "other" }),
    201,
  );
  await page.goto("/steps");
  await go(page, "立即绑定", { do: "complete" });
  await heading(page, "绑定还差一项");
  await heading(page, "办不了人脸识别？");
  await show(page, "other-person");
  await follow(page, "改为到校核验");
  await press(page, `${people.children[0].name}改为到校核验`);
  await heading(page, `${people.children[0].name}：到校核验`);
  await closePhone(page);
});

test("who refused may come again", async () => {
  const { page } = await openFamily();
  await page.goto("/steps");
  await go(page, "立即绑定", { do: "deny" });
  await heading(page, "这次没有办成");
  await show(page, "denied");
  await go(page, "再去办理", { do: "complete" });
  await heading(page, "绑定完成");
  await closePhone(page);
});

test("the page that waits turns by itself, and says from 5 s on how long at most", async () => {
  const { page } = await openFamily();
  await page.goto("/steps");
  const returnUrl = await leave(page, "立即绑定", null);
  const id = page.url().split("/").pop();
  await page.goto(returnUrl);
  await heading(page, "正在核对绑定结果");
  await says(page, "什么都不用按");
  await says(page, "可以关掉这个页面");
  await show(page, "waiting");
  expect(await control.post(`/sandbox/control/sessions/${id}`, { do: "complete" }), 204);
  await heading(page, "绑定完成");
  await closePhone(page);
});

test("who closed the page finds the result on the home page, without the return", async () => {
  const { page } = await openFamily();
  await page.goto("/steps");
  await leave(page, "立即绑定", { do: "complete" });
  await page.goto("/bind");
  await heading(page, "绑定完成");
  await page.goto("/");
  await follow(page, "去授权电子证照");
  await leave(page, "立即绑定", { do: "complete" });
  await page.goto("/authorize");
  await heading(page, "授权完成");
  await closePhone(page);
});

test("a killed page, another phone, the back button and a lost return all show the same place, and no failure", async () => {
  const { page, people } = await openFamily();
  await page.goto("/steps");
  await leave(page, "立即绑定", null);
  const space = page.url();

  // The back button: the steps again, and from there the same session.
  await page.goBack();
  await page.waitForURL(/\/steps$/);
  await leave(page, "立即绑定", null);
  assert.equal(page.url(), space);

  // The page was killed: whoever opens the platform anew is where he was.
  const again = await page.context().newPage();
  await page.close();
  await again.goto("/bind");
  await heading(again, "正在核对绑定结果");

  // Another phone, another browser: the same, without a return and without a word of failure.
  const other = await openPhone(instance);
  await signIn(other, people);
  await other.goto("/bind");
  await heading(other, "正在核对绑定结果");

  expect(await control.post(`/sandbox/control/sessions/${space.split("/").pop()}`, { do: "complete" }), 204);
  for (const one of [again, other]) await heading(one, "绑定完成");
  await again.reload();
  await heading(again, "绑定完成");
  await closePhone(other);
  await again.context().close();
});

test("one that has run out in the province says so, and can be begun anew", async () => {
  const { page } = await openFamily();
  await page.goto("/steps");
  const returnUrl = await leave(page, "立即绑定", null);
  const session = page.url().split("/").pop();
  await instance.sql(`update sandbox.session set expires_at = now() - interval '1 second' where id = '${session}'`, { database: "sandbox" });
  await page.goto(returnUrl);
  await heading(page, "这次没有办完");
  await says(page, "链接过了时间");
  await go(page, "再去办理", { do: "complete" });
  await heading(page, "绑定完成");
  await closePhone(page);
});

test("a session that ended in the province is opened again, and then shows the result", async () => {
  const { page, people } = await openFamily();
  await page.goto("/steps");
  const returnUrl = await leave(page, "立即绑定", { do: "complete" });
  const cookies = (await page.context().cookies()).filter((cookie) => cookie.name === "__Host-session");
  assert.equal(cookies.length, 1);
  await page.context().clearCookies({ name: "__Host-session" });
  await page.goto(returnUrl);
  await page.waitForURL(/\/login/);
  assert.ok(!/code(=|%3D)/.test(page.url()), page.url());
  await page.getByLabel("手机号").fill(people.phone);
  await page.getByLabel("密码", { exact: true }).fill(people.password);
  await press(page, "登录");
  await heading(page, "绑定完成");
  await closePhone(page);
});

test("a province out of reach is said where the button is, and the button works again", async () => {
  const { page } = await openFamily();
  await page.goto("/steps");
  let isDown = true;
  await page.route("**/api/bindings", (route) =>
    isDown
      ? route.fulfill({
          status: 503,
          contentType: "application/problem+json",
          body: JSON.stringify({
            code: "provider_unavailable",
            status: 503,
            ref: "12345678",
            detail: "省里的平台暂时没有回应。请过几分钟再试，不用从头开始。",
          }),
        })
      : route.continue(),
  );
  await press(page, "立即绑定");
  await says(page, "省里的平台暂时没有回应");
  await show(page, "province-down");
  isDown = false;
  await go(page, "立即绑定", { do: "complete" });
  await heading(page, "绑定完成");
  await closePhone(page);
});

test("where the digital space does not open by itself, a plain link stands there within seconds", async () => {
  const { page } = await openFamily();
  await page.goto("/steps");
  await page.route("**/sandbox/space/*", (route) => route.abort("aborted"));
  await press(page, "立即绑定");
  const link = page.getByRole("link", { name: /前往“个人数字空间”/ });
  await link.waitFor({ timeout: 5000 });
  await show(page, "plain-link");
  await page.unroute("**/sandbox/space/*");
  await link.click();
  await page.waitForURL(/\/sandbox\/space\//);
  await closePhone(page);
});

test("the parent whose child was proven by another is told, with a way to object", async () => {
  const first = family();
  const second = { ...family(), children: first.children };
  const parents = [];
  for (const people of [first, second]) {
    const client = new Client(instance);
    expect(await client.once("/api/register", registration(people)), 201);
    expect(await client.post("/api/session", { phone: people.phone, password: people.password }), 200);
    const { json } = expect(await client.get("/api/session"), 200);
    expect(await client.patch(`/api/students/${json.students[0].id}`, { register_place: "guangdong" }), 200);
    parents.push(client);
  }
  await launch(parents[0], "bindings");
  const page = await openPhone(instance);
  await signIn(page, second);
  await says(page, "已由另一位家长完成绑定");
  await says(page, "如有不同意见");
  await show(page, "taken-child");
  for (const path of ["/steps", "/bind", "/account"]) {
    await page.goto(path);
    await page.waitForLoadState("networkidle");
    await show(page, `taken-child-${path.slice(1)}`);
  }
  await closePhone(page);
});

test("找回密码 signs in, asks for a face check, and the check lifts the limit", async () => {
  const people = family();
  expect(await control.once("/api/register", registration(people)), 201);
  const page = await openPhone(instance);
  const fresh = password();
  await page.goto("/login");
  await follow(page, "找回密码");
  const four = facts(people);
  await page.getByLabel("学生姓名").fill(four.student_name);
  await page.getByLabel("学生身份证号码").fill(four.student_id_no);
  await page.getByLabel("家长姓名").fill(four.guardian_name);
  await page.getByLabel("家长身份证号码").fill(four.guardian_id_no);
  await page.getByLabel("新密码").fill(fresh);
  await press(page, "确定");
  await says(page, "请选一个");
  await page.getByLabel("在", { exact: true }).check();
  await show(page, "recover");
  await press(page, "确定");
  await heading(page, "密码已改好");
  await show(page, "recovered");
  await follow(page, "继续");
  await says(page, "先做一次人脸核验");
  await show(page, "limited-home");
  await page.goto("/account");
  await says(page, "先做一次人脸核验");
  await show(page, "limited-account");
  await follow(page, "去做人脸核验");
  await heading(page, "人脸核验");
  await show(page, "limited-bind");
  await go(page, "去做人脸核验", { do: "complete" });
  await heading(page, "人脸核验完成");
  await show(page, "lifted");
  await follow(page, "继续");
  await says(page, "您好，");
  assert.equal(await page.getByText("先做一次人脸核验").count(), 0);
  await closePhone(page);
});

test("修改手机号 is reached from 找回密码, and 这不是我 restores the old number", async () => {
  const people = family();
  expect(await control.once("/api/register", registration(people)), 201);
  const page = await openPhone(instance);
  const next = phone();
  await page.goto("/recover");
  await follow(page, "修改手机号");
  await heading(page, "修改手机号");
  const four = facts(people);
  await page.getByLabel("学生姓名").fill(four.student_name);
  await page.getByLabel("学生身份证号码").fill(four.student_id_no);
  await page.getByLabel("家长姓名").fill(four.guardian_name);
  await page.getByLabel("家长身份证号码").fill(four.guardian_id_no);
  await page.getByLabel("旧手机号").fill(people.phone);
  await page.getByLabel("新手机号").fill(next);
  await page.getByLabel("在", { exact: true }).check();
  await show(page, "change-phone");
  await press(page, "确定");
  await heading(page, "手机号已改好");
  await follow(page, "登录");
  await page.waitForFunction((number) => document.getElementById("phone").value === number, next);

  await signIn(page, { ...people, phone: next });

  // The owner of the old number reads the message and takes it back.
  const text = await until(
    "the message",
    async () =>
      (await control.get("/sandbox/control/messages")).json.find((one) => one.to === people.phone && /undo#/.test(one.text))
        ?.text,
  );
  await page.goto(/https?:\S+undo#[\w-]+/.exec(text)[0]);
  await heading(page, "这不是我");
  assert.equal(page.url(), `${instance.url}/undo`);
  await show(page, "undo");
  await press(page, "这不是我，恢复账号");
  await heading(page, "已恢复原状");
  await show(page, "undone");
  await follow(page, "登录");
  await signIn(page, people);
  await closePhone(page);
});

test("a WeChat that belongs to another account moves only when the parent says so", async () => {
  const families = [family(), family(), family()];
  for (const people of families) expect(await control.once("/api/register", registration(people)), 201);
  const page = await openPhone(instance, { userAgent: wechat });
  const user = `shared-${Date.now()}`;
  const open = async (people) => {
    await page.context().clearCookies();
    await page.evaluate(() => sessionStorage.clear()).catch(() => {});
    await page.goto("/", { waitUntil: "commit" });
    await showWeChat(page, user);
    await page.waitForURL((url) => !url.pathname.startsWith("/sandbox/"));
    assert.equal(new URL(page.url()).pathname, "/login");
    await page.getByLabel("手机号").fill(people.phone);
    await page.getByLabel("密码", { exact: true }).fill(people.password);
    await press(page, "登录");
  };
  await open(families[0]);
  await says(page, "您好，");
  await press(page, "退出登录");
  await page.getByRole("link", { name: "注册账号", exact: true }).waitFor();
  await page.waitForLoadState("networkidle");

  // Another parent on the same phone: in at once, the link stays where it is.
  await page.evaluate(() => localStorage.clear());
  await open(families[1]);
  await heading(page, "这个微信绑定着另一个账号");
  await show(page, "wechat-elsewhere");
  await press(page, "不用，直接进入");
  await says(page, "您好，");
  await page.goto("/account");
  await says(page, "还没有绑定微信");

  await page.goto("/");
  await press(page, "退出登录");
  await page.getByRole("link", { name: "注册账号", exact: true }).waitFor();
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => localStorage.clear());
  await open(families[2]);
  await press(page, "改为绑定我的账号");
  await says(page, "您好，");
  await page.goto("/account");
  await says(page, "正在用的微信");
  await closePhone(page);
});

test("a child is added, corrected and removed in 我的账号", async () => {
  const { page, people } = await openFamily();
  const child = { name: name(), id_no: childIdNo() };
  await addChild(page, child);
  const card = () => page.locator("#students .card").last();
  await card().getByRole("button", { name: "姓名或号码填错了，改一改" }).click();
  const corrected = `${child.name.slice(0, 2)}林`;
  await page.getByLabel("学生姓名").fill(corrected);
  await press(page, "保存");
  await heading(page, corrected);
  await card().getByRole("button", { name: "移除这个孩子" }).click();
  await says(page, "都不再保留");
  await show(page, "remove-child");
  await card().getByRole("button", { name: "移除这个孩子" }).click();
  await page.getByRole("heading", { name: corrected }).waitFor({ state: "detached" });
  await heading(page, people.children[0].name);
  await closePhone(page);
});

test("password and phone number are changed in 我的账号, and another device is made to sign out", async () => {
  const { page, people } = await openFamily();
  const other = await openPhone(instance);
  await signIn(other, people);
  await page.goto("/account");
  await press(page, "其他的全部退出");
  await says(page, "只有这一台还保持登录");
  await press(page, "其他的全部退出");
  await page.getByRole("button", { name: "让它退出" }).first().waitFor({ state: "detached" });
  await show(page, "devices");
  await other.goto("/account");
  await other.waitForURL(/\/login/);
  await closePhone(other);

  const fresh = password();
  await follow(page, "修改密码");
  await page.getByLabel("现在的密码").fill("Wrong-pass-1");
  await page.getByLabel("新密码").fill(fresh);
  await press(page, "保存新密码");
  await page.getByRole("alert").getByRole("link", { name: "找回密码" }).waitFor();
  await show(page, "password");
  await page.getByLabel("现在的密码").fill(people.password);
  await press(page, "保存新密码");
  await heading(page, "密码已改好");
  await follow(page, "回我的账号");

  const next = phone();
  await follow(page, "修改手机号");
  await page.getByLabel("新手机号").fill(next);
  await page.getByLabel("登录密码").fill(fresh);
  await press(page, "保存新手机号");
  await page.locator("#old_phone-error").waitFor();
  await show(page, "phone");
  await page.getByLabel("旧手机号").fill(people.phone);
  await press(page, "保存新手机号");
  await heading(page, "手机号已改好");
  await page.goto("/account");
  await press(page, "退出登录");
  await page.waitForURL((url) => url.pathname === "/");
  await signIn(page, { phone: next, password: fresh });
  await closePhone(page);
});
