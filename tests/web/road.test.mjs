// The whole road, walked by the handbook's labels: one child, twins, another province, in WeChat and outside it.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Instance } from "../harness/instance.mjs";
import { family } from "../harness/people.mjs";
import { closeBrowser, closePhone, expectAccessible, follow, heading, openPhone, picture, press, says, wechat } from "./browser.mjs";
import { answerWhere, authorize, bind, fillApplication, register, signIn, submit } from "./walk.mjs";

const instance = await Instance.shared();
after(closeBrowser);

test("one child is walked from the QR code to a submitted application, outside WeChat", async () => {
  const page = await openPhone(instance);
  const people = family();
  await page.goto("/");
  await picture(page, "visitor");
  await expectAccessible(page);
  await follow(page, "注册账号");
  await register(page, people);
  await follow(page, "登录");
  await signIn(page, people);
  await answerWhere(page, people.children, "广东省");
  await bind(page, people.children);
  await follow(page, "下一步：电子证照授权");
  await authorize(page, people.children);
  await heading(page, "授权完成");
  await picture(page, "authorized");
  await expectAccessible(page);
  await follow(page, "下一步：入学报名");
  await fillApplication(page, { isPrefilled: true });
  const receipt = await submit(page);
  assert.match(receipt, /^\d{4}-\d{4}-\d{4}$/);
  await page.goto("/");
  await follow(page, "查看报名表和回执");
  assert.equal(await page.locator("#receipt").textContent(), receipt);
  await closePhone(page);
});
