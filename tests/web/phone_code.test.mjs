// 短信验证码 and the district's telephone in the pages, on an instance that asks for a code (phone_proof = sms).
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Client, expect } from "../harness/client.mjs";
import { cheap, Instance, until } from "../harness/instance.mjs";
import { family, phone, registration } from "../harness/people.mjs";
import { closeBrowser, closePhone, expectAccessible, heading, openPhone, picture, press, says } from "./browser.mjs";

const instance = await Instance.create({ overrides: `${cheap}phone_proof = sms\nhotline = 0753-1234567\n` });
after(async () => {
  await closeBrowser();
  await instance.remove();
});
await instance.start();
const visitor = new Client(instance);

/** The text that arrived at a number. */
async function arrived(number) {
  const all = async () => expect(await visitor.get("/sandbox/control/messages"), 200).json.find(({ to }) => to === number);
  return (await until("the message arrives", all, 20000, 200)).text;
}
const codeIn = (text) => /验证码 (\d{6})/.exec(text)[1];

async function typeAll(page, { guardian, children, phone: number, password }) {
  await page.getByLabel("学生姓名").fill(children[0].name);
  await page.getByLabel("学生身份证号码").fill(children[0].id_no);
  await page.getByLabel("家长姓名").fill(guardian.name);
  await page.getByLabel("家长身份证号码").fill(guardian.id_no);
  const field = page.getByLabel("手机号", { exact: true });
  if (await field.count()) await field.fill(number);
  if (password) await page.getByLabel("密码", { exact: true }).fill(password);
}

async function account() {
  const people = family();
  expect(await visitor.post("/api/register/code", { phone: people.phone }), 204);
  expect(await visitor.once("/api/register", { ...registration(people), phone_code: codeIn(await arrived(people.phone)) }), 201);
  return people;
}

test("a parent confirms the number, gets a code on it, and registers; a wrong code is said beside its field", async () => {
  const page = await openPhone(instance);
  const people = family();
  await page.goto("/register");
  await page.getByRole("link", { name: "0753-1234567" }).waitFor();
  assert.equal(await page.locator(".foot a").getAttribute("href"), "tel:0753-1234567");
  await typeAll(page, people);
  await page.getByLabel(/我是孩子的监护人/).check();
  await press(page, "下一步：核对手机号");
  await heading(page, "这是您的手机号吗");
  assert.equal(await page.locator("#confirm-phone").textContent(), people.phone.replace(/^(\d{3})(\d{4})/, "$1 $2 "));
  const field = page.getByLabel("短信验证码");
  assert.deepEqual([await field.getAttribute("inputmode"), await field.getAttribute("autocomplete")], ["numeric", "one-time-code"]);
  await press(page, "号码正确，注册账号");
  await page.locator("#phone_code-error").getByText("发送验证码").waitFor();
  await press(page, "发送验证码");
  await says(page, "已发到");
  await page.getByRole("button", { name: /秒后可再发/ }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "phone_code");
  await picture(page, "code-sent");
  await expectAccessible(page);
  const code = codeIn(await arrived(people.phone));
  await field.fill(code === "000000" ? "000001" : "000000");
  await press(page, "号码正确，注册账号");
  await page.locator("#phone_code-error").getByText("最新的一条短信").waitFor();
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  await picture(page, "code-wrong");
  await expectAccessible(page);
  const wide = code.replace(/\d/g, (digit) => String.fromCodePoint(digit.codePointAt(0) + 0xfee0));
  await field.fill(` ${wide}`);
  await press(page, "号码正确，注册账号");
  await heading(page, "注册好了");
  await closePhone(page);
});

test("who is too quick is told how long to wait, and nothing typed is lost", async () => {
  const page = await openPhone(instance);
  const people = family();
  expect(await visitor.post("/api/register/code", { phone: people.phone }), 204);
  await page.goto("/register");
  await typeAll(page, people);
  await page.getByLabel(/我是孩子的监护人/).check();
  await press(page, "下一步：核对手机号");
  await press(page, "发送验证码");
  await page.locator("#phone_code-error").getByText(/请先看看.*秒后可以再试/).waitFor();
  await page.getByRole("button", { name: /秒后可再发/ }).waitFor();
  await page.getByLabel("短信验证码").fill(codeIn(await arrived(people.phone)));
  await press(page, "号码正确，注册账号");
  await heading(page, "注册好了");
  await closePhone(page);
});

test("the new number of a change is proved, by the four facts and while signed in", async () => {
  const people = await account();
  const page = await openPhone(instance);
  await page.goto("/recover");
  assert.equal(await page.getByLabel("短信验证码").isVisible(), false);
  await page.goto("/recover#phone");
  await typeAll(page, { ...people, password: "" });
  await page.getByLabel("旧手机号").fill(people.phone);
  await press(page, "发送验证码");
  await page.locator("#new_phone-error").getByText("请填写手机号").waitFor();
  const fresh = phone();
  await page.getByLabel("新手机号").fill(fresh);
  await press(page, "发送验证码");
  await says(page, "已发到");
  await page.getByLabel("短信验证码").fill(codeIn(await arrived(fresh)));
  await page.getByLabel("在", { exact: true }).check();
  await picture(page, "code-recover");
  await expectAccessible(page);
  await press(page, "确定");
  await heading(page, "手机号已改好");

  const other = await account();
  await page.goto("/login?next=%2Fphone");
  await page.getByLabel("手机号").fill(other.phone);
  await page.getByLabel("密码", { exact: true }).fill(other.password);
  await press(page, "登录");
  await page.waitForURL((url) => url.pathname === "/phone");
  const last = phone();
  await page.getByLabel("旧手机号").fill(other.phone);
  await page.getByLabel("新手机号").fill(last);
  await page.getByLabel("登录密码").fill(other.password);
  await press(page, "保存新手机号");
  await page.locator("#phone_code-error").getByText("发送验证码").waitFor();
  await press(page, "发送验证码");
  await says(page, "已发到");
  await page.getByLabel("短信验证码").fill(codeIn(await arrived(last)));
  await press(page, "保存新手机号");
  await heading(page, "手机号已改好");
  await closePhone(page);
});
