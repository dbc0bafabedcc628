// Before leaving and after coming back: person × licence as one card a person, the way back of each missing cell, the other doors,
// and the mini-program's button in WeChat, which is never dead. The button needs a configuration of its own, so an instance.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Client, expect } from "../harness/client.mjs";
import { cheap, Instance } from "../harness/instance.mjs";
import { launch, routed, students } from "../harness/road.mjs";
import { closeBrowser, closePhone, expectAccessible, heading, openPhone, picture, press, says, wechat } from "./browser.mjs";

const instance = await Instance.create({ overrides: `${cheap}\nwechat_launch_weapp = on\n` });
after(() => instance.remove());
await instance.start();
const control = new Client(instance);
after(closeBrowser);

const fault = async (name) => expect(await control.post("/sandbox/control/faults", { target: "weapp", fault: name }), 204);
const act = async (page, body) => {
  const id = new URL(page.url()).pathname.split("/").pop();
  expect(await control.post(`/sandbox/control/sessions/${id}`, body), 204);
  return expect(await control.get(`/sandbox/control/sessions/${id}`), 200).json.return_url;
};

/** Sign in without the form. */
async function enter(page, { phone, password }) {
  await page.goto("/qr");
  const status = await page.evaluate(
    async (body) => (await fetch("/api/session", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) })).status,
    { phone, password },
  );
  assert.equal(status, 200);
}

/** A family on the licences' route with a phone. */
async function open(options = {}, phone = {}) {
  const parent = await routed(instance, options);
  const page = await openPhone(instance, phone);
  await enter(page, parent.people);
  return { ...parent, page };
}

async function expectFits(page, words) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${words}: ${wide} px wider than the screen`);
}

async function show(page, name) {
  await picture(page, name);
  await expectAccessible(page);
  await expectFits(page, name);
  assert.ok((await page.locator(".weui-btn_primary:visible").count()) <= 1, `${name}: one thing to do`);
}

/** The words of a cell: {居民户口簿: "✗ 缺"} of one person's card. */
const cells = (page, title) =>
  page.locator(".person", { has: page.getByRole("heading", { name: title }) }).locator(".cell").evaluateAll((nodes) =>
    Object.fromEntries(nodes.map((node) => [node.children[0].textContent, node.children[1].textContent])));

const looks = [
  ["plain", {}],
  ["narrow", { viewport: { width: 320, height: 700 } }],
  ["dark", { colorScheme: "dark" }],
  ["large", { viewport: { width: 320, height: 700 }, isLarge: true }],
];

test("three children: before leaving, after a forgotten 添加 and at the end every cell is said in words, on every phone", async () => {
  const parent = await routed(instance, { children: 3 });
  const [first] = parent.people.children;
  const look = async (path, name, see) => {
    for (const [kind, { isLarge, ...options }] of looks) {
      const page = await openPhone(instance, options);
      await enter(page, parent.people);
      await page.goto(path);
      await page.locator(".person").first().waitFor();
      if (isLarge)
        await page.evaluate(() => {
          document.documentElement.style.fontSize = "160%";
        });
      await see(page);
      await show(page, `${name}-${kind}`);
      await closePhone(page);
    }
  };
  await look("/bind", "before-bind", async (page) => {
    assert.deepEqual(await cells(page, `孩子 ${first.name}`), { 居民户口簿: "○ 要申领", 出生医学证明: "○ 要关联", 居民身份电子凭证: "○ 要申领" });
    assert.equal(await page.locator(".person").count(), 4);
    await says(page, "不用：不动产权证");
    await page.getByRole("button", { name: "立即绑定" }).waitFor();
  });
  await launch(parent.client, "bindings", { do: "forget_child" });
  await look("/bind", "bind-missing", async (page) => {
    assert.equal((await cells(page, `孩子 ${first.name}`)).出生医学证明, "✗ 还没关联");
    assert.equal(await page.getByRole("button", { name: "去关联", exact: true }).count(), 3);
  });
  await launch(parent.client, "bindings");
  await look("/authorize", "before-authorize", async (page) => {
    assert.deepEqual(await cells(page, /^家长/), { 居民户口簿: "○ 要勾选", 不动产权证: "有房产的再勾" });
    await page.getByRole("img", { name: /点“添加”/ }).waitFor();
  });
  await launch(parent.client, "authorizations", { do: "forget_child" });
  await look("/authorize", "forgotten", async (page) => {
    assert.match((await cells(page, /^家长/)).居民户口簿, /^✓ \d+月\d+日已授权$/);
    assert.equal(await page.locator(".person-empty").count(), 3);
    await says(page, "您已签署，但授权里没有孩子");
    await page.getByRole("button", { name: "回去添加孩子", exact: true }).waitFor();
  });
  const holder = (id_no) => ({ type: "household_register", holder_id_no: id_no });
  await launch(parent.client, "authorizations", { do: "complete", scope: [holder(parent.people.guardian.id_no), holder(first.id_no)] });
  await look("/authorize", "one-of-three", async (page) => {
    assert.match((await cells(page, `孩子 ${first.name}`)).居民户口簿, /^✓/);
    assert.equal(await page.locator(".person-empty").count(), 2);
  });
  await launch(parent.client, "authorizations");
  await look("/authorize", "authorized", async (page) => {
    await heading(page, "授权完成");
    assert.equal(await page.locator(".person-good").count(), 4);
  });
});

test("without a real-estate certificate nothing is red, and the family goes on", async () => {
  const register = (id_no) => ["household_register", "identity_credential", "birth_certificate"].map((type) => ({ type, holder_id_no: id_no }));
  const { client, page, people: own } = await open();
  expect(await control.post("/sandbox/control/families", { guardian: own.guardian, children: own.children,
    licenses: [...register(own.guardian.id_no), ...register(own.children[0].id_no)] }), 201);
  await launch(client, "bindings");
  await launch(client, "authorizations");
  await page.goto("/authorize");
  await heading(page, "授权完成");
  assert.equal((await cells(page, /^家长/)).不动产权证, "没有也可以继续");
  assert.equal(await page.locator(".bad, .cell-bad, .person-bad").count(), 0);
  await show(page, "no-real-estate");
  await closePhone(page);
});

test("each missing cell leads back by itself, and the child that was added is not asked for again", async () => {
  const { client, page, people } = await open({ children: 2 });
  const scope = people.children.flatMap(({ id_no }, i) => ["household_register", "identity_credential"].slice(0, i + 1).map((type) => ({ type, holder_id_no: id_no })));
  await launch(client, "bindings", { do: "complete", scope });
  await page.goto("/bind");
  await heading(page, "绑定还差一项");
  assert.deepEqual(await cells(page, `孩子 ${people.children[0].name}`), { 居民户口簿: "✓ 已申领", 出生医学证明: "✓ 已关联", 居民身份电子凭证: "✗ 还没申领" });
  await show(page, "one-cell");
  await press(page, "去申领");
  await page.waitForURL(/\/sandbox\/space\//);
  await page.goto(await act(page, { do: "complete" }));
  await heading(page, "绑定完成");
  await show(page, "all-bound");
  await closePhone(page);
});

test("whose child cannot be linked is told before he leaves, and is on the other road by one press", async () => {
  const { client, page, people } = await open();
  await page.goto("/steps");
  await page.getByLabel("不在广东省出生").check();
  await says(page, "外省出生的关联不上");
  await show(page, "cannot-link");
  await page.getByLabel(/没有补办过/).check();
  await says(page, "可以在网上绑定");
  await page.getByLabel(/另有一本证件/).check();
  await press(page, `${people.children[0].name}改为带材料到校核验`);
  await heading(page, `${people.children[0].name}：到校核验`);
  assert.equal((await students(client))[0].route, "materials");
  await closePhone(page);
});

test("after the second 还没关联 and after five faces in vain the other door stands beside the button", async () => {
  const { client, page, people } = await open();
  for (let i = 0; i < 2; i++) await launch(client, "bindings", { do: "forget_child" });
  await page.goto("/bind");
  await heading(page, "孩子总是关联不上？");
  await says(page, "什么都没有锁住");
  await page.getByRole("button", { name: "再去办理" }).waitFor();
  await show(page, "twice-not-linked");
  for (let i = 0; i < 5; i++) await launch(client, "bindings", { do: "deny" });
  await page.goto("/bind");
  await heading(page, "人脸识别总是通不过？");
  await show(page, "five-faces");
  await press(page, `${people.children[0].name}改为到校核验`);
  await heading(page, `${people.children[0].name}：到校核验`);
  assert.equal((await students(client))[0].route, "in_person");
  await closePhone(page);
});

test("in WeChat the mini-program's button opens the space, and the return shows the result", async () => {
  const { page } = await open({}, { userAgent: wechat });
  await page.goto("/steps");
  await press(page, "立即绑定");
  const tag = page.locator("wx-open-launch-weapp button");
  await tag.waitFor();
  assert.match(await page.locator("wx-open-launch-weapp").getAttribute("username"), /^gh_/);
  await show(page, "weapp");
  await tag.click();
  await page.waitForURL(/\/sandbox\/space\//);
  await page.goto(await act(page, { do: "complete" }));
  await heading(page, "绑定完成");
  await closePhone(page);
});

test("outside WeChat there is no script from elsewhere, and the space simply opens", async () => {
  const { page } = await open();
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto("/steps");
  await press(page, "立即绑定");
  await page.waitForURL(/\/sandbox\/space\//);
  assert.ok(!asked.some((url) => /jweixin|jssdk/.test(url)));
  await closePhone(page);
});

for (const [words, name] of [["refuses the signature", "refuse"], ["says yes and draws nothing", "garbage"], ["never answers", "hang"]])
  test(`when WeChat ${words} a plain link is there, and works`, async () => {
    const { page } = await open({}, { userAgent: wechat });
    await page.goto("/steps");
    await fault(name);
    try {
      await press(page, "立即绑定");
      const link = page.getByRole("link", { name: "前往“个人数字空间”" });
      await link.waitFor({ timeout: 8000 });
      await show(page, `weapp-${name}`);
      await link.click();
      await page.waitForURL(/\/sandbox\/space\//);
    } finally {
      await fault("none");
    }
    await closePhone(page);
  });

test("a script that is blocked, and a server without an answer, leave the plain link", async () => {
  const { page } = await open({}, { userAgent: wechat });
  await page.route("**/jweixin-1.6.0.js", (route) => route.abort("blockedbyclient"));
  await page.goto("/bind");
  await press(page, "立即绑定");
  await page.getByRole("link", { name: "前往“个人数字空间”" }).waitFor();
  await show(page, "weapp-blocked");
  await page.route("**/api/wechat/jssdk*", (route) => route.abort("failed"));
  await page.reload();
  await press(page, "还没办完？继续办理");
  await page.waitForURL(/\/sandbox\/space\//);
  await closePhone(page);
});

test("the policy names WeChat's host on the pages that launch, inside WeChat, where it is switched on, and nowhere else", async () => {
  const other = await Instance.create({ overrides: `${cheap}\nwechat_launch_weapp = on\nwechat_script = https://res.wx.qq.com/open/js/jweixin-1.6.0.js\n` });
  try {
    await other.start();
    const policy = async (on, path, userAgent) => (await new Client(on, { userAgent }).get(path)).headers["content-security-policy"];
    for (const path of ["/steps", "/bind", "/authorize", "/bind.html?id=1"]) {
      assert.match(await policy(other, path, wechat), /script-src 'self' https:\/\/res\.wx\.qq\.com;/, path);
      assert.doesNotMatch(await policy(other, path, "Mozilla/5.0"), /qq\.com/, path);
    }
    for (const path of ["/", "/login", "/apply", "/account", "/js/bind.js", "/steps/x"]) assert.doesNotMatch(await policy(other, path, wechat), /qq\.com/, path);
    assert.doesNotMatch(await policy(instance, "/bind", wechat), /qq\.com/);
  } finally {
    await other.remove();
  }
});
