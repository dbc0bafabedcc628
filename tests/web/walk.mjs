// The parent's road in the browser, by the handbook's labels and in its order.
import { expectAccessible, follow, heading, picture, press, says } from "./browser.mjs";

/** 注册账号: the form, the phone number alone, done. */
export async function register(page, { guardian, children, phone, password }) {
  await page.goto("/register");
  await page.getByLabel("学生姓名").fill(children[0].name);
  await page.getByLabel("学生身份证号码").fill(children[0].id_no);
  await page.getByLabel("家长姓名").fill(guardian.name);
  await page.getByLabel("家长身份证号码").fill(guardian.id_no);
  await page.getByLabel("手机号").fill(phone);
  await page.getByLabel("密码", { exact: true }).fill(password);
  await page.getByLabel(/我是孩子的监护人/).check();
  await picture(page, "register");
  await expectAccessible(page);
  await press(page, "下一步：核对手机号");
  await heading(page, "这是您的手机号吗");
  await says(page, phone.replace(/^(.{3})(.{4})(.{4})$/, "$1 $2 $3"));
  await picture(page, "register-phone");
  await expectAccessible(page);
  await press(page, "号码正确，注册账号");
  await heading(page, "注册好了");
  await picture(page, "registered");
  await expectAccessible(page);
}

/** A real WeChat knows whose it is; the sandbox asks, and is told. */
export async function showWeChat(page, user) {
  await page.waitForURL(/\/sandbox\/wechat\/connect\/oauth2\/authorize/);
  await page.goto(page.url().replace("#wechat_redirect", `&user=${user}#wechat_redirect`));
}

/** 登录, ending on the home page. */
export async function signIn(page, { phone, password }) {
  if (!/\/login/.test(page.url())) await page.goto("/login");
  await page.getByLabel("手机号").fill(phone);
  await page.getByLabel("密码", { exact: true }).fill(password);
  await picture(page, "login");
  await expectAccessible(page);
  await press(page, "登录");
  await page.waitForURL((url) => url.pathname === "/");
  await says(page, "您好，");
  await picture(page, "home");
  await expectAccessible(page);
}

/** 我的账号: a further child, with a consent of its own. */
export async function addChild(page, child) {
  await page.goto("/account");
  await press(page, "添加孩子");
  await page.getByLabel("学生姓名").fill(child.name);
  await page.getByLabel("学生身份证号码").fill(child.id_no);
  await page.getByLabel(/我是这个孩子的监护人/).check();
  await picture(page, "add-child");
  await expectAccessible(page);
  await press(page, "保存");
  await heading(page, child.name);
  await picture(page, "account");
  await expectAccessible(page);
}

/** From the home page on: registered and signed in. */
export async function enter(page, people) {
  await follow(page, "注册账号");
  await register(page, people);
  await follow(page, "登录");
  await signIn(page, people);
  for (const child of people.children.slice(1)) await addChild(page, child);
}

/** 孩子户口在哪里, the same for all. */
export async function answerWhere(page, children, place) {
  await page.goto("/steps");
  for (const child of children)
    await page
      .getByRole("group", { name: `${child.name}的户口在哪里` })
      .getByLabel(place)
      .check();
  await picture(page, "where");
  await expectAccessible(page);
  await press(page, "下一步");
}

/** 允许 → 登录 → 人脸识别登录 → 开始人脸识别验证 → 下一步 → 返回个人数字空间. */
export async function faceCheck(page) {
  await press(page, "允许");
  await press(page, "登录");
  await press(page, "人脸识别登录");
  await press(page, "开始人脸识别验证");
  await press(page, "下一步");
  await press(page, "返回个人数字空间");
}

/** 第一步：绑定学生信息, from the step card to 绑定完成. */
export async function bind(page, children) {
  await heading(page, "第一步：绑定学生信息");
  await picture(page, "step-1");
  await expectAccessible(page);
  await press(page, "立即绑定");
  await faceCheck(page);
  for (const child of children) {
    await press(page, "证照数据管理");
    await press(page, "广东省出生医学证明");
    await press(page, "关联被监护人");
    await page.getByLabel("被监护人姓名").fill(child.name);
    await page.getByLabel("被监护人身份证号码").fill(child.id_no);
    await press(page, "确认关联");
    await heading(page, "关联成功");
    await press(page, "申领");
    // The space shows the child's name masked, in the order in which children were linked.
    await page.getByRole("heading", { name: /个人数字空间$/ }).waitFor();
    await page.getByRole("listitem").filter({ hasText: "待申领" }).getByRole("button").first().click();
    await page.getByLabel("广东省居民身份电子凭证").check();
    await page.getByLabel("广东省居民户口簿").check();
    await press(page, "申领");
    await heading(page, "数据申领同意书");
    await press(page, "同意");
    await heading(page, "申领成功");
    if (child !== children.at(-1)) await press(page, "返回个人数字空间");
  }
  await press(page, "返回");
  await heading(page, "绑定完成");
  await picture(page, "bound");
  await expectAccessible(page);
}

/** In 授权信息, after the face check: tick the parent's, add whom is to be added, sign, and come back. */
export async function sign(page, children, { isGuardianTicked = true } = {}) {
  const guardian = page.getByRole("group", { name: /^家长/ });
  await guardian.waitFor();
  if (isGuardianTicked) {
    await guardian.getByLabel("广东省居民户口簿").check();
    await guardian.getByLabel(/不动产权证/).check();
  }
  // Names are masked here, so whoever is left is added, one after the other.
  for (let left = children.length; left > 0; left--) {
    await press(page, "添加");
    await page.getByRole("radio").first().check();
    await page.getByLabel("广东省居民户口簿").check();
    await press(page, "确认添加");
    await heading(page, "授权信息");
  }
  await page.getByLabel("我已认真阅读并同意").check();
  await press(page, "签署授权");
  await heading(page, "授权成功");
  await press(page, "返回");
}

/** 第二步：电子证照授权, from the step card to the platform's own word about it. */
export async function authorize(page, children) {
  await heading(page, "第二步：电子证照授权");
  await page.getByRole("img", { name: /点“添加”/ }).waitFor();
  await picture(page, "step-2");
  await expectAccessible(page);
  await press(page, "立即绑定");
  await faceCheck(page);
  await sign(page, children);
}

/** The first two steps, each done where it is done. */
export async function bindAndAuthorize(page, children) {
  await answerWhere(page, children, "广东省");
  await bind(page, children);
  await follow(page, "下一步：电子证照授权");
  await authorize(page, children);
  await heading(page, "授权完成");
  await picture(page, "authorized");
  await expectAccessible(page);
  await follow(page, "下一步：入学报名");
}

async function choose(page, group, label) {
  await page.getByRole("group", { name: group }).getByLabel(label, { exact: true }).check();
}

async function date(page, group, [year, month, day]) {
  const box = page.getByRole("group", { name: group });
  await box.getByLabel("年").fill(year);
  await box.getByLabel("月").fill(month);
  await box.getByLabel("日").fill(day);
}

async function nextPage(page, name, title) {
  await picture(page, "apply");
  await expectAccessible(page);
  await press(page, `下一步：${name}`);
  await heading(page, title ?? name);
}

/** 入学报名 from its first page to 核对; what the licences gave is there already when isPrefilled. */
export async function fillApplication(page, { isPrefilled, togetherWith }) {
  await heading(page, "学生");
  if (!isPrefilled) await page.getByLabel("民族").selectOption("汉族");
  await page.getByLabel("出生地").fill("广东省梅州市梅江区");
  await choose(page, "健康状况", "良好");
  await nextPage(page, "户籍");
  if (isPrefilled) {
    await page.getByText("电子证照").first().waitFor();
  } else {
    await choose(page, "户口簿类型", "家庭户");
    await page.getByLabel("户主姓名").fill("古志远");
    await page.getByLabel("孩子是户主的").selectOption({ label: "子" });
    await page.getByLabel("户籍地址").fill("江西省赣州市章贡区示例路 8 号");
    await date(page, "迁入日期", ["2019", "3", "1"]);
  }
  await nextPage(page, "居住");
  await choose(page, "孩子就住在户籍地址吗", isPrefilled ? "是，住在户籍地址" : "不是，住在别处");
  if (!isPrefilled) await page.getByLabel("现在的住址").fill("梅州市梅江区金山街道示例路 1 号");
  await choose(page, "住的是什么房", isPrefilled ? "自家的房（父母或孩子名下）" : "租的房");
  await nextPage(page, "监护人");
  await page.getByLabel("是孩子的").selectOption("父亲");
  await nextPage(page, "志愿");
  await page.getByLabel("第一志愿").selectOption({ index: 1 });
  await choose(page, /服从教育局统筹安排/, "服从");
  if (togetherWith) await page.getByLabel(togetherWith).check();
  await nextPage(page, "核对");
}

/** 核对 → 提交报名; returns the receipt number. */
export async function submit(page) {
  await picture(page, "check");
  await expectAccessible(page);
  await press(page, "提交报名");
  await says(page, "✓ 已提交");
  await picture(page, "submitted");
  await expectAccessible(page);
  return page.locator("#receipt").textContent();
}
