// The sandbox's own pages: every step of the digital space, what goes wrong there, WeChat's choice and the page for people.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { Instance, project } from "../harness/instance.mjs";
import { family } from "../harness/people.mjs";
import { Province, setting } from "../harness/province.mjs";
import { closeBrowser, closePhone, expectAccessible, heading, openPhone, picture, press, says } from "./browser.mjs";

const instance = await Instance.shared();
const province = new Province(instance);
after(closeBrowser);

/** Open a session on a phone; it ends on a page that stands for the platform's. */
async function enter(people, purpose) {
  const session = await province.open(people, { purpose });
  const page = await openPhone(instance);
  await page.route("**/bind", (route) => route.fulfill({ contentType: "text/html", body: "<!DOCTYPE html><title>回来了</title>" }));
  await page.goto(session.launch_url);
  return { page, session };
}

const isBack = (page) => page.waitForURL((url) => url.pathname === "/bind" && url.hash === "#code=c&id=i");

/** Press, and look at the step that it led to. */
async function step(page, label, title) {
  if (label) await press(page, label);
  await page.getByRole("heading", { name: title, level: 1 }).waitFor();
  await picture(page, "sandbox");
  await expectAccessible(page);
}

async function faceCheck(page) {
  await step(page, null, /申请打开/);
  await step(page, "允许", "您还没有登录");
  await step(page, "登录", "选择登录方式");
  await page.getByRole("heading", { name: "粤信签", exact: true }).waitFor();
  await step(page, "人脸识别登录", "请确认是您本人");
  await step(page, "开始人脸识别验证", "人脸识别验证");
  await step(page, "下一步", "登录成功");
  await press(page, "返回个人数字空间");
}

async function linkChild(page, child) {
  await page.getByLabel("被监护人姓名").fill(child.name);
  await page.getByLabel("被监护人身份证号码").fill(child.id_no);
  await press(page, "确认关联");
}

test("twins are linked and claimed one after the other, and only then the binding is complete", async () => {
  const people = family({ children: 2 });
  const { page, session } = await enter(people, "bind");
  await says(page, "演示沙盒，不是真的政务系统");
  await faceCheck(page);
  for (const child of people.children) {
    await step(page, "证照数据管理", "证照数据管理");
    await step(page, "广东省出生医学证明", "广东省出生医学证明");
    await step(page, "关联被监护人", "关联被监护人");
    await linkChild(page, child);
    await step(page, null, "关联成功");
    await step(page, "申领", /的个人数字空间$/);
    await step(page, child.name, child.name);
    await page.getByLabel("广东省居民身份电子凭证").check();
    await page.getByLabel("广东省居民户口簿").check();
    await step(page, "申领", "数据申领同意书");
    await step(page, "同意", "申领成功");
    if (child === people.children[0]) {
      assert.equal((await province.read(session)).status, "identified");
      await says(page, `还有没办完的孩子：${people.children[1].name}`);
      await press(page, "返回个人数字空间");
    }
  }
  const { status, wards } = await province.read(session);
  assert.deepEqual([status, wards], ["completed", people.children]);
  await press(page, "返回");
  await isBack(page);
  await closePhone(page);
});

test("a missing licence is applied for, and a licence that nobody issued is said to be missing", async () => {
  const people = family();
  await province.family({ guardian: people.guardian, children: people.children, licenses: [{ type: "household_register", holder_id_no: people.guardian.id_no }] });
  const { page } = await enter(people, "bind");
  await faceCheck(page);
  await step(page, "证照数据管理", "证照数据管理");
  await page.getByRole("listitem").filter({ hasText: "广东省不动产权证" }).getByRole("button", { name: "申领" }).click();
  await says(page, "没有查到这份证照");
  await expectAccessible(page);
  await closePhone(page);
});

test("添加 is out of sight below the small print while 签署授权 is in sight", async () => {
  const people = family();
  const { page, session } = await enter(people, "authorize");
  await faceCheck(page);
  await step(page, null, "授权信息");
  const bottom = async (name) => {
    const box = await page.getByRole("button", { name, exact: true }).boundingBox();
    return box.y + box.height;
  };
  assert.ok((await bottom("添加")) > 844);
  assert.ok((await bottom("签署授权")) <= 844);
  assert.equal(await page.getByRole("group").count(), 1);
  await press(page, "签署授权");
  await says(page, "请先阅读");
  await page.getByLabel("我已认真阅读并同意").check();
  await press(page, "签署授权");
  await says(page, "请勾选要授权的证照");
  await expectAccessible(page);
  await page.getByRole("group", { name: /^家长/ }).getByLabel("广东省居民户口簿").check();
  await step(page, "签署授权", "授权成功");
  assert.deepEqual((await province.read(session)).authorization.scope, [{ type: "household_register", holder_id_no: people.guardian.id_no }]);
  await press(page, "返回");
  await isBack(page);
  await closePhone(page);
});

test("twins are added one at a time, and each is signed for by what is ticked", async () => {
  const people = family({ children: 2 });
  const { page, session } = await enter(people, "authorize");
  await faceCheck(page);
  for (const child of people.children) {
    await step(page, "添加", "添加授权人");
    await press(page, "确认添加");
    await says(page, /^请(选择要添加的孩子|勾选要添加的证照)/);
    await page.getByRole("radio", { name: new RegExp(child.name) }).check();
    await page.getByLabel("广东省居民户口簿").check();
    await step(page, "确认添加", "授权信息");
  }
  await says(page, "孩子都已添加");
  await page.getByRole("group", { name: new RegExp(people.children[1].name) }).getByLabel("广东省居民户口簿").uncheck();
  await page.getByLabel("我已认真阅读并同意").check();
  await step(page, "签署授权", "授权成功");
  assert.deepEqual((await province.read(session)).authorization.scope, [{ type: "household_register", holder_id_no: people.children[0].id_no }]);
  await page.goto(session.launch_url);
  await step(page, null, "本次办理已经完成");
  await closePhone(page);
});

test("a face that is never recognized has a way back, and a refusal too", async () => {
  const people = family();
  await province.family({ guardian: people.guardian, children: people.children, face: "fails" });
  const { page, session } = await enter(people, "bind");
  for (const label of ["允许", "登录", "人脸识别登录", "开始人脸识别验证"]) await press(page, label);
  await says(page, "人脸识别没有通过");
  await expectAccessible(page);
  await press(page, "再试一次");
  await says(page, "请正对屏幕");
  await press(page, "暂不办理，返回");
  await isBack(page);
  assert.equal((await province.read(session)).status, "denied");
  await closePhone(page);

  const refused = await enter(family(), "authorize");
  await press(refused.page, "拒绝");
  await isBack(refused.page);
  assert.equal((await province.read(refused.session)).status, "denied");
  await closePhone(refused.page);
});

test("a guardian whom the register does not know is told so, and goes back without the child", async () => {
  const people = family();
  await province.family({ guardian: people.guardian, children: people.children, wards_linked: [] });
  const { page, session } = await enter(people, "bind");
  await faceCheck(page);
  for (const label of ["证照数据管理", "广东省出生医学证明", "关联被监护人"]) await press(page, label);
  await linkChild(page, people.children[0]);
  await says(page, "没有登记您是这个孩子的监护人");
  await linkChild(page, { ...people.children[0], id_no: "441402" });
  await says(page, "格式不对");
  await expectAccessible(page);
  // The phone's back arrow, step by step.
  await page.goBack();
  await heading(page, "广东省出生医学证明");
  await page.goBack();
  await press(page, "返回个人数字空间");
  await press(page, "返回");
  await isBack(page);
  const { status, wards } = await province.read(session);
  assert.deepEqual([status, wards], ["completed", []]);
  await closePhone(page);
});

test("a step further on cannot be opened before the face check, and an unknown session says so", async () => {
  const { page, session } = await enter(family(), "bind");
  await page.goto(`${session.launch_url}#child/1`);
  await page.reload();
  await step(page, null, /申请打开/);
  await page.goto("/sandbox/space/00000000-0000-0000-0000-000000000000");
  await step(page, null, "无法打开");
  await closePhone(page);
});

test("the page for people invents a family, takes a particular one, and shows what arrived", async () => {
  const page = await openPhone(instance);
  await province.client.post("/sandbox/messages", { channel: "sms", to: "13800000000", text: "给手机的话" });
  await page.goto("/sandbox/");
  await says(page, "给手机的话");
  await press(page, "再编一家");
  assert.match(await page.getByRole("textbox", { name: "家长身份证号码" }).inputValue(), /^441402\d{11}[\dX]$/);
  await press(page, "登记");
  await says(page, "已登记。");
  await page.getByRole("textbox", { name: "家长身份证号码" }).fill("441402");
  await press(page, "登记");
  await says(page, "guardian.id_no");
  await picture(page, "sandbox-people");
  await expectAccessible(page);
  await closePhone(page);
});

test("every family of the cast is ready at one press: known to the sandbox, its data copied, and valid on our form", async () => {
  const page = await openPhone(instance, { permissions: ["clipboard-read", "clipboard-write"] });
  await page.goto("/sandbox/");
  const roles = ["双胞胎", "单亲", "孩子不同姓", "没有出生医学证明", "租房", "港澳居住证", "外国人永久居留证", "外省户籍"];
  for (const role of roles) {
    await press(page, role);
    await says(page, `${role}：已备好。`);
    const lines = (await page.locator("#invented pre").textContent()).split("\n");
    const [, name, number] = /^孩子 (.+) (\w{18})$/.exec(lines[0]);
    const guardian = /^家长 (.+) (\w{18})$/.exec(lines.find((line) => line.startsWith("家长")));
    assert.match(lines.at(-1), /^手机 1\d{10}$/);
    const { json } = await province.client.get("/sandbox/control/overview");
    const known = json.families.find((one) => one.guardian.id_no === guardian[2]);
    assert.deepEqual(known.children[0], { name, id_no: number }, role);
    await press(page, "复制");
    await says(page, "已复制。");
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), lines.join("\n"));
    if (role === "双胞胎") assert.equal(lines[0].slice(-12, -4), lines[1].slice(-12, -4), "born on one day");
  }
  await picture(page, "sandbox-cast");
  await expectAccessible(page);
  await closePhone(page);
});

test("every fault that the control endpoint takes can be chosen on the page", async () => {
  const page = await openPhone(instance);
  await page.goto("/sandbox/");
  const offered = await page.locator("#kind option").evaluateAll((options) => options.map(({ value }) => value));
  assert.equal(new Set(offered).size, offered.length);
  for (const fault of offered.filter((one) => one !== "none"))
    assert.equal((await province.client.post("/sandbox/control/faults", { target: "message", fault, times: 0 })).status, 204, fault);
  const source = await readFile(join(project, "cgi/sandbox_control.c"), "utf8");
  const taken = /faults\[\] = \{([^}]*)NULL/.exec(source)[1].match(/"(\w+)"/g).map((word) => word.slice(1, -1));
  assert.deepEqual([...offered].sort(), taken.sort());
  await closePhone(page);
});

test("WeChat's page can be read and used by everybody", async () => {
  const page = await openPhone(instance);
  const query = new URLSearchParams({ appid: await setting(instance, "wechat_appid"), redirect_uri: `${instance.url}/sandbox/`,
    response_type: "code", scope: "snsapi_base", state: "s" });
  await page.goto(`/sandbox/wechat/connect/oauth2/authorize?${query}`);
  await picture(page, "sandbox-wechat");
  await expectAccessible(page);
  await page.getByLabel(/别的微信用户/).fill("张&三");
  await press(page, "用这个微信登录");
  await page.waitForURL((url) => url.pathname === "/sandbox/" && url.searchParams.get("code") !== null);
  await closePhone(page);
});
