// What happens while typing, after a refusal, and when the line is bad: nothing typed is lost, and the mistake is named.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Client, expect } from "../harness/client.mjs";
import { Instance } from "../harness/instance.mjs";
import { family, registration } from "../harness/people.mjs";
import { closeBrowser, closePhone, expectAccessible, follow, heading, openPhone, picture, press, says } from "./browser.mjs";
import { answerWhere, fillApplication, signIn } from "./walk.mjs";

const instance = await Instance.shared();
after(closeBrowser);

async function registered() {
  const people = family();
  expect(await new Client(instance).once("/api/register", registration(people)), 201);
  return people;
}

/** Sign in on the way to a page. */
async function signInAt(page, people, path) {
  await page.context().clearCookies();
  await page.goto(`/login?next=${encodeURIComponent(path)}`);
  await page.getByLabel("手机号").fill(people.phone);
  await page.getByLabel("密码", { exact: true }).fill(people.password);
  await press(page, "登录");
  await page.waitForURL((url) => url.pathname === path);
}

const errorOf = (page, field) => page.locator(`[id="${field}-error"]`);

async function typeAll(page, { guardian, children, phone, password }) {
  await page.getByLabel("学生姓名").fill(children[0].name);
  await page.getByLabel("学生身份证号码").fill(children[0].id_no);
  await page.getByLabel("家长姓名").fill(guardian.name);
  await page.getByLabel("家长身份证号码").fill(guardian.id_no);
  await page.getByLabel("手机号").fill(phone);
  await page.getByLabel("密码", { exact: true }).fill(password);
  await page.getByLabel(/我是孩子的监护人/).check();
}

/** What the page sends to a path from now on: [{method, key, body}]. */
function listen(page, path) {
  const sent = [];
  page.on("request", (request) => {
    if (new URL(request.url()).pathname === path && request.method() !== "GET")
      sent.push({ method: request.method(), key: request.headers()["idempotency-key"], body: request.postData() });
  });
  return sent;
}

test("an identity number's mistake is named while it is typed", async () => {
  const page = await openPhone(instance);
  await page.goto("/register");
  const field = page.getByLabel("学生身份证号码");
  for (const [typed, words] of [
    ["441402202113", "没有 13 月"],
    ["44140220210230", "没有 30 日"],
    ["00", "省份代码"],
    ["4414022O", "“O”"],
    ["441402202106159911", "校验"],
    ["4414022021061599101", "多了 1 位"],
  ]) {
    await field.fill(typed);
    await errorOf(page, "student_id_no").getByText(words).waitFor();
    assert.equal(await field.getAttribute("aria-invalid"), "true");
  }
  // A foreigner's card has its province in digits 2 and 3.
  await field.fill("994");
  await errorOf(page, "student_id_no").getByText("省份代码").waitFor();
  await field.fill("441402880412985");
  await field.blur();
  await errorOf(page, "student_id_no").getByText("18 位").waitFor();
  for (const right of ["944840198506139822", "441402202002299898"]) {
    await field.fill(right);
    await field.blur();
    assert.equal(await errorOf(page, "student_id_no").isVisible(), false, right);
  }
  // What a Chinese keyboard gives is forgiven, and shown corrected.
  await field.fill("４４１４０２ ２０２１ 0210-307Ⅹ");
  await field.blur();
  assert.equal(await field.inputValue(), "44140220210210307X");
  await closePhone(page);
});

test("the password's rules turn one by one, and a paste is never cut", async () => {
  const page = await openPhone(instance);
  await page.goto("/register");
  const field = page.getByLabel("密码", { exact: true });
  const met = () => page.locator("#password-rules .met").allTextContents();
  assert.equal(await field.getAttribute("maxlength"), null);
  await field.fill("abc");
  assert.equal((await met()).length, 2);
  await field.fill("Kuvat4m2!");
  assert.equal((await met()).length, 6);
  await field.fill("Kuvat4m2！");
  await says(page, "请切换到英文键盘");
  await field.fill(`Kv4!${"x".repeat(66)}`);
  assert.equal((await field.inputValue()).length, 70);
  await says(page, "现在 70 位");
  await press(page, "显示");
  assert.equal(await field.getAttribute("type"), "text");
  await closePhone(page);
});

test("a password made up for the parent satisfies every rule, is shown, copied, and not misread", async () => {
  const page = await openPhone(instance);
  await page.context().grantPermissions(["clipboard-read"]);
  await page.goto("/register");
  const field = page.getByLabel("密码", { exact: true });
  assert.equal(await page.getByRole("button", { name: "复制密码" }).isVisible(), false);
  const made = new Set();
  for (let i = 0; i < 20; i++) {
    await press(page, "帮我起一个");
    made.add(await field.inputValue());
  }
  assert.equal(made.size, 20);
  for (const one of made) assert.match(one, /^[B-Z][aeiu][b-z][aeiu]-[a-z]{4}-[a-z]{4}-[2-9]{2}$/);
  for (const one of made) assert.doesNotMatch(one, /[0Oo1lI]/);
  assert.equal(await field.getAttribute("type"), "text");
  assert.equal(await page.getByRole("button", { name: "隐藏" }).getAttribute("aria-pressed"), "true");
  assert.equal(await page.locator("#password-rules .met").count(), 6);
  assert.equal(await page.locator("#password-rules li").count(), 6);
  await picture(page, "made-up");
  await expectAccessible(page);
  await press(page, "复制密码");
  await says(page, "已复制");
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await field.inputValue());
  // It is one that the server takes, and the rest of the road does not know it from one's own.
  const people = { ...family(), password: await field.inputValue() };
  expect(await new Client(instance).once("/api/register", registration(people)), 201);
  for (const path of ["/recover", "/password"]) {
    await signInAt(page, people, path);
    await press(page, "帮我起一个");
    assert.equal(await page.locator("#password-rules .met").count(), 6, path);
  }
  await closePhone(page);
});

test("where no code is asked for there is no field for one", async () => {
  const page = await openPhone(instance);
  const people = family();
  await page.goto("/register");
  await typeAll(page, people);
  await press(page, "下一步：核对手机号");
  await heading(page, "这是您的手机号吗");
  assert.equal(await page.locator("#confirm-phone").textContent(), people.phone.replace(/^(\d{3})(\d{4})/, "$1 $2 "));
  await page.waitForLoadState("networkidle");
  assert.equal(await page.getByLabel("短信验证码").isVisible(), false);
  await picture(page, "confirm");
  await press(page, "号码正确，注册账号");
  await heading(page, "注册好了");
  await closePhone(page);
});

test("a failed submit leads to the summary, and the summary to the field", async () => {
  const page = await openPhone(instance);
  await page.goto("/register");
  await press(page, "下一步：核对手机号");
  await heading(page, "有 7 处要改");
  assert.equal(await page.evaluate(() => document.activeElement.className), "summary");
  await picture(page, "summary");
  await expectAccessible(page);
  await page.getByRole("link", { name: /^家长姓名/ }).click();
  assert.equal(await page.evaluate(() => document.activeElement.id), "guardian_name");
  await closePhone(page);
});

test("a registration survives a reload, its password does not, and nothing outlives the tab", async () => {
  const page = await openPhone(instance);
  const people = family();
  await page.goto("/register");
  await typeAll(page, people);
  await page.reload();
  await says(page, "上次填的还在这里");
  assert.equal(await page.getByLabel("学生身份证号码").inputValue(), people.children[0].id_no);
  assert.equal(await page.getByLabel("家长姓名").inputValue(), people.guardian.name);
  assert.equal(await page.getByLabel("密码", { exact: true }).inputValue(), "");
  const stored = await page.evaluate(() => JSON.stringify([Object.assign({}, localStorage), Object.assign({}, sessionStorage)]));
  assert.ok(!stored.includes(people.password));
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), []);
  const other = await page.context().newPage();
  await other.goto("/register");
  assert.equal(await other.getByLabel("学生姓名").inputValue(), "");
  await closePhone(page);
});

test("the server's refusals stand beside their field, or with a way on", async () => {
  const page = await openPhone(instance);
  const people = family();
  await page.goto("/register");
  await typeAll(page, { ...people, password: "Password1!" });
  await press(page, "下一步：核对手机号");
  await press(page, "号码正确，注册账号");
  await errorOf(page, "password").waitFor();
  assert.match(await errorOf(page, "password").textContent(), /常见/);
  await picture(page, "server-error");
  await expectAccessible(page);

  const taken = await registered();
  await typeAll(page, { ...people, phone: taken.phone });
  await press(page, "下一步：核对手机号");
  await press(page, "号码正确，注册账号");
  await says(page, "求助编号");
  await page.getByRole("alert").getByRole("link", { name: "找回密码" }).waitFor();
  assert.match(await page.locator(".ref b").textContent(), /^\d{4} \d{4}$/);
  await picture(page, "taken");
  await expectAccessible(page);
  await closePhone(page);
});

test("a lost connection is repeated by itself with the same key, and says so", async () => {
  const page = await openPhone(instance);
  const people = family();
  const sent = listen(page, "/api/register");
  await page.goto("/register");
  await typeAll(page, people);
  let lost = 2;
  await page.route("**/api/register", (route) => (lost-- > 0 ? route.abort("connectionreset") : route.continue()));
  await press(page, "下一步：核对手机号");
  await press(page, "号码正确，注册账号");
  await says(page, "网络不稳，正在重试");
  await picture(page, "retrying");
  await heading(page, "注册好了");
  assert.equal(sent.length, 3);
  assert.equal(new Set(sent.map((one) => one.key)).size, 1);
  assert.equal(new Set(sent.map((one) => one.body)).size, 1);
  await closePhone(page);
});

test("an answer that was lost after the work was done is fetched by the same key", async () => {
  const page = await openPhone(instance);
  const people = family();
  await page.goto("/register");
  await typeAll(page, people);
  let isLost = false;
  await page.route("**/api/register", async (route) => {
    if (isLost) return route.continue();
    isLost = true;
    await route.fetch();
    return route.abort("connectionreset");
  });
  await press(page, "下一步：核对手机号");
  await press(page, "号码正确，注册账号");
  await heading(page, "注册好了");
  await closePhone(page);
});

test("busy waits as long as it is told, and says that order decides nothing", async () => {
  const page = await openPhone(instance);
  const people = await registered();
  const times = [];
  await page.route("**/api/session", (route) => {
    if (route.request().method() !== "POST" || times.push(Date.now()) > 1) return route.continue();
    return route.fulfill({
      status: 503,
      headers: { "retry-after": "2" },
      contentType: "application/problem+json",
      body: JSON.stringify({ type: "about:blank", title: "Busy", status: 503, code: "busy", ref: "12345678", detail: "忙" }),
    });
  });
  await page.goto("/login");
  await page.getByLabel("手机号").fill(people.phone);
  await page.getByLabel("密码", { exact: true }).fill(people.password);
  await press(page, "登录");
  await says(page, "先后次序不影响录取");
  await page.waitForURL((url) => url.pathname === "/");
  assert.ok(times[1] - times[0] >= 2000, String(times[1] - times[0]));
  await closePhone(page);
});

test("wrong credentials name no account and lead to 找回密码", async () => {
  const page = await openPhone(instance);
  const people = await registered();
  await page.goto("/login");
  await page.getByLabel("手机号").fill(`+86 ${people.phone} `);
  await page.getByLabel("密码", { exact: true }).fill("Wrong-pass-1");
  await press(page, "登录");
  await page.getByRole("alert").getByRole("link", { name: "找回密码" }).waitFor();
  assert.equal(await page.getByLabel("手机号").inputValue(), people.phone);
  await picture(page, "wrong-password");
  await expectAccessible(page);
  await closePhone(page);
});

/** Signed in, on the first page of the application, by the door of another province. */
async function openApplication() {
  const page = await openPhone(instance);
  const people = await registered();
  page.people = people;
  await signIn(page, people);
  await answerWhere(page, people.children, "其他省");
  await follow(page, "下一步：入学报名");
  await heading(page, "学生");
  return page;
}

test("the application saves by itself, says so truly, and is there after a reload", async () => {
  const page = await openApplication();
  await page.getByLabel("出生地").fill("江西省赣州市");
  await says(page, "已自动保存");
  await page.reload();
  assert.equal(await page.getByLabel("出生地").inputValue(), "江西省赣州市");

  // The line goes, the page is killed: what was typed lies on the phone and is sent when it opens again.
  await page.route("**/sections/**", (route) => route.abort("connectionreset"));
  await page.getByLabel("出生地").fill("江西省赣州市章贡区");
  await says(page, "网络不稳，正在重试");
  await page.unroute("**/sections/**");
  await page.goto("/");
  await follow(page, "接着填报名表");
  await heading(page, "学生");
  assert.equal(await page.getByLabel("出生地").inputValue(), "江西省赣州市章贡区");
  await says(page, "已自动保存");
  await closePhone(page);
});

test("a page that is not complete names its fields, and may be left for later", async () => {
  const page = await openApplication();
  await press(page, "下一步：户籍");
  await page.getByRole("link", { name: /^民族/ }).waitFor();
  await picture(page, "apply-errors");
  await expectAccessible(page);
  await follow(page, "先填后面的，这里以后再补");
  await heading(page, "户籍");
  await page.getByRole("group", { name: "迁入日期" }).getByLabel("年").fill("2019");
  await page.getByRole("group", { name: "迁入日期" }).getByLabel("月").fill("13");
  await page.getByRole("group", { name: "迁入日期" }).getByLabel("日").fill("1");
  await press(page, "下一步：居住");
  await errorOf(page, "moved_in_on").getByText("没有 13 月").waitFor();
  await page.goBack();
  await heading(page, "学生");
  await closePhone(page);
});

test("two tabs with the same draft: what was typed stays, and both versions are shown", async () => {
  const page = await openApplication();
  const other = await page.context().newPage();
  await other.goto(page.url());
  await heading(other, "学生");
  await other.getByLabel("出生地").fill("广东省梅州市");
  await says(other, "已自动保存");
  await page.getByLabel("出生地").fill("江西省赣州市");
  await heading(page, "这一页在别处也改过");
  await page.getByText("广东省梅州市", { exact: true }).waitFor();
  assert.equal(await page.getByLabel("出生地").inputValue(), "江西省赣州市");
  await picture(page, "conflict");
  await expectAccessible(page);
  await press(page, "用这里填的");
  await says(page, "已自动保存");
  await other.reload();
  assert.equal(await other.getByLabel("出生地").inputValue(), "江西省赣州市");
  await closePhone(page);
});

test("drafts on the phone hold no full identity number, and go at sign-out", async () => {
  const page = await openApplication();
  await page.evaluate(() => {
    location.hash = "#guardians";
  });
  await heading(page, "监护人");
  await press(page, "还有另一位监护人，添加");
  const { guardian } = family();
  await page.route("**/sections/**", (route) => route.abort("connectionreset"));
  await page.getByLabel("姓名").last().fill(guardian.name);
  await page.getByLabel("身份证件号码").fill(guardian.id_no);
  await says(page, "网络不稳，正在重试");
  const stored = await page.evaluate(() => JSON.stringify(Object.assign({}, localStorage)));
  assert.ok(stored.includes(guardian.name) && !stored.includes(guardian.id_no), stored);
  await page.unroute("**/sections/**");
  await page.goto("/");
  await press(page, "退出登录");
  await page.getByRole("link", { name: "注册账号", exact: true }).waitFor();
  const left = await page.evaluate(() => JSON.stringify([Object.assign({}, localStorage), Object.assign({}, sessionStorage)]));
  assert.ok(!left.includes(guardian.name), left);
  await closePhone(page);
});

test("submit pressed again and again is one application with one receipt", async () => {
  const page = await openApplication();
  await fillApplication(page, { isPrefilled: false });
  await page.getByRole("button", { name: "提交报名" }).evaluate((button) => {
    for (let i = 0; i < 5; i++) button.click();
  });
  const receipt = await page.locator("#receipt").textContent();
  await page.goBack();
  await page.goto("/");
  await follow(page, "查看报名表和回执");
  assert.equal(await page.locator("#receipt").textContent(), receipt);
  await press(page, "要修改？先撤回报名");
  await press(page, "确定撤回");
  await heading(page, "核对");
  await press(page, "提交报名");
  assert.equal(await page.locator("#receipt").textContent(), receipt);
  await closePhone(page);
});

test("a draft left on the phone does not overwrite what was saved on another phone meanwhile", async () => {
  const page = await openApplication();
  await page.route("**/sections/**", (route) => route.abort("connectionreset"));
  await page.getByLabel("出生地").fill("江西省赣州市");
  await says(page, "网络不稳，正在重试");
  const address = page.url();
  await page.goto("/qr");

  const other = await openPhone(instance);
  await signIn(other, page.people);
  await other.goto(address);
  await other.getByLabel("曾用名").fill("林小小");
  await says(other, "已自动保存");
  await closePhone(other);

  await page.unroute("**/sections/**");
  await page.goto(address);
  await heading(page, "这一页在别处也改过");
  await page.getByText("林小小", { exact: true }).waitFor();
  assert.equal(await page.getByLabel("出生地").inputValue(), "江西省赣州市");
  await closePhone(page);
});
