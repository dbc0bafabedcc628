// The whole road, walked by the handbook's labels: one child, twins, another province, in WeChat and outside it.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Instance } from "../harness/instance.mjs";
import { family } from "../harness/people.mjs";
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
import {
  answerWhere,
  authorize,
  bind,
  bindAndAuthorize,
  enter,
  faceCheck,
  fillApplication,
  showWeChat,
  sign,
  submit,
} from "./walk.mjs";

const instance = await Instance.shared();
after(closeBrowser);

test("one child is walked from the QR code to a submitted application, outside WeChat", async () => {
  const page = await openPhone(instance);
  const people = family();
  await page.goto("/");
  await picture(page, "visitor");
  await expectAccessible(page);
  await enter(page, people);
  await bindAndAuthorize(page, people.children);
  await fillApplication(page, { isPrefilled: true });
  const receipt = await submit(page);
  assert.match(receipt, /^\d{4}-\d{4}-\d{4}$/);
  await page.goto("/");
  await follow(page, "查看报名表和回执");
  assert.equal(await page.locator("#receipt").textContent(), receipt);
  await closePhone(page);
});

test("in WeChat the first sign-in binds the account, and the next visit signs in by itself", async () => {
  const page = await openPhone(instance, { userAgent: wechat });
  const people = family();
  const user = `parent-${Date.now()}`;
  await page.goto("/", { waitUntil: "commit" });
  await showWeChat(page, user);
  await page.waitForURL(/\/login/);
  assert.ok(!/code=|state=/.test(page.url()), page.url());
  await says(page, "第一次在微信里登录后");
  await follow(page, "‹ 首页");
  await enter(page, people);
  await bindAndAuthorize(page, people.children);
  await fillApplication(page, { isPrefilled: true });
  await submit(page);
  await page.goto("/account");
  await says(page, "正在用的微信");
  await picture(page, "account-wechat");
  await expectAccessible(page);

  // Another day: the session is over, the tab is new, the WeChat is the same.
  await page.context().clearCookies();
  await page.evaluate(() => sessionStorage.clear());
  await page.goto("/", { waitUntil: "commit" });
  await showWeChat(page, user);
  await says(page, "您好，");
  assert.equal(new URL(page.url()).pathname, "/");

  // Signing out holds, also when the home page is opened again.
  await press(page, "退出登录");
  await page.getByRole("link", { name: "注册账号", exact: true }).waitFor();
  await page.evaluate(() => sessionStorage.clear());
  await page.goto("/");
  await page.getByRole("link", { name: "注册账号", exact: true }).waitFor();
  await closePhone(page);
});

test("twins are bound in one launch and authorized in one signing", async () => {
  const page = await openPhone(instance);
  const people = family({ children: 2 });
  const launches = [];
  page.on(
    "request",
    (request) =>
      request.method() === "POST" && /\/api\/(bindings|authorizations)$/.test(request.url()) && launches.push(request.url()),
  );
  await page.goto("/");
  await enter(page, people);
  await bindAndAuthorize(page, people.children);
  assert.equal(launches.length, 2);
  await fillApplication(page, { isPrefilled: true });
  await submit(page);
  await follow(page, `接着给${people.children[1].name}报名`);
  await fillApplication(page, { isPrefilled: true, togetherWith: people.children[0].name });
  await submit(page);
  await page.goto("/");
  const receipts = page.getByRole("link", { name: "查看报名表和回执" });
  await receipts.nth(1).waitFor();
  assert.equal(await receipts.count(), 2);
  await closePhone(page);
});

test("a family from another province reaches submission by its own door", async () => {
  const page = await openPhone(instance);
  const people = family();
  await page.goto("/");
  await enter(page, people);
  await answerWhere(page, people.children, "其他省");
  await heading(page, `${people.children[0].name}：到校核验`);
  await picture(page, "door");
  await expectAccessible(page);
  assert.equal(await page.getByRole("button", { name: "立即绑定" }).count(), 0);
  await follow(page, "下一步：入学报名");
  await fillApplication(page, { isPrefilled: false });
  await says(page, "到校核验：");
  await submit(page);
  await says(page, "到校核验：");
  await closePhone(page);
});

test("a family that cannot do the face check changes to the desk on the same page", async () => {
  const page = await openPhone(instance);
  const people = family();
  await page.goto("/");
  await enter(page, people);
  await answerWhere(page, people.children, "广东省");
  await press(page, `${people.children[0].name}改为到校核验`);
  await heading(page, `${people.children[0].name}：到校核验`);
  await follow(page, "下一步：入学报名");
  await fillApplication(page, { isPrefilled: false });
  await submit(page);
  await closePhone(page);
});

test("a forgotten 添加 is said in words, and the second try needs only the child", async () => {
  const page = await openPhone(instance);
  const people = family();
  await page.goto("/");
  await enter(page, people);
  await answerWhere(page, people.children, "广东省");
  await bind(page, people.children);
  await follow(page, "下一步：电子证照授权");
  await authorize(page, []);
  await heading(page, "电子证照授权还差一项");
  await says(page, "未添加学生信息");
  await says(page, "滑到最底部");
  await picture(page, "child-forgotten");
  await expectAccessible(page);
  await press(page, "回去添加孩子");
  await faceCheck(page);
  await sign(page, people.children, { isGuardianTicked: false });
  await heading(page, "授权完成");
  await closePhone(page);
});

test("the funnel shows the families that have walked", async () => {
  const [[total]] = await instance.sql("select count(distinct id_no_index) from enroll.student where removed_at is null");
  const [[shown]] = await instance.sql("select sum(children) from enroll_report.funnel_v1", { user: "enroll_report" });
  const [[submitted]] = await instance.sql("select sum(children) from enroll_report.funnel_v1 where step = 'submitted'", {
    user: "enroll_report",
  });
  assert.equal(Number(shown), Number(total));
  assert.ok(Number(submitted) >= 5, submitted);
});
