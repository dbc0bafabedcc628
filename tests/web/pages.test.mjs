// What holds for every page: accessible, in both colours and at larger type, inside 390 px, light, and within the floor of
// browsers that parents have (Chromium 78, Safari 12.1).
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { Instance, project } from "../harness/instance.mjs";
import { routed, signedIn } from "../harness/road.mjs";
import { closeBrowser, closePhone, expectAccessible, openPhone, picture } from "./browser.mjs";

const html = join(project, "nginx/html");
const pages = (await readdir(html)).filter((name) => name.endsWith(".html")).map((name) => name.replace(/\.html$/, ""));
const pathOf = (name) => (name === "index" ? "/" : `/${name}`);
const instance = await Instance.shared();
after(closeBrowser);

/** The page has said what it has to say. */
async function settled(page) {
  await page.waitForLoadState("networkidle");
  await page.waitForFunction(() => !/正在(查看|打开)/.test(document.querySelector("main").innerText));
}

/** Sign in without the form, for tests whose point lies further on. */
async function enter(page, { phone, password }) {
  await page.goto("/qr");
  const status = await page.evaluate(
    async (body) =>
      (
        await fetch("/api/session", {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify(body),
        })
      ).status,
    { phone, password },
  );
  assert.equal(status, 200);
}

async function expectFits(page, words) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${words}: ${wide} px wider than the screen`);
}

/** Text of 14 px at least, and whatever can be pressed 44 px at least in one direction and never under 24 px. */
async function expectLegible(page, words) {
  const faults = await page.evaluate(() => {
    const isShown = (node) => node.getClientRects().length > 0 && !node.closest(".spoken");
    const texts = [...document.querySelectorAll("body *")].filter(
      (node) =>
        isShown(node) &&
        [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim()) &&
        parseFloat(getComputedStyle(node).fontSize) < 14,
    );
    const buttons = [
      ...document.querySelectorAll(
        "button, a.weui-btn, input:not([type=radio]):not([type=checkbox]):not([type=hidden]), select, .choice, summary",
      ),
    ].filter((node) => isShown(node) && node.getBoundingClientRect().height < 43.5);
    return [...texts, ...buttons].map((node) => node.outerHTML.slice(0, 120));
  });
  assert.deepEqual(faults, [], words);
}

for (const name of pages) {
  test(`${pathOf(name)} is accessible, legible and fits, for a visitor`, async () => {
    const page = await openPhone(instance);
    await page.goto(pathOf(name));
    await settled(page);
    await expectAccessible(page);
    await expectFits(page, name);
    await expectLegible(page, name);
    await picture(page, `visitor-${name}`);
    assert.equal((await page.locator('a[href^="tel:"]').count()) > 0, true);
    assert.ok((await page.locator(".weui-btn_primary:visible").count()) <= 1, "one thing to do");
    await closePhone(page);
  });
}

test("every page is accessible, legible and fits, in the dark and at large type, for a family of two", async () => {
  const { people, students } = await routed(instance, { children: 2 });
  for (const options of [{ colorScheme: "dark" }, { viewport: { width: 320, height: 700 } }]) {
    const page = await openPhone(instance, options);
    await enter(page, people);
    for (const path of [
      "/",
      "/steps",
      "/bind",
      "/authorize",
      "/account",
      "/close",
      "/handoff?page=steps",
      `/apply?student=${students[0].id}#student`,
      `/apply?student=${students[0].id}#residence`,
      `/apply?student=${students[0].id}#wishes`,
      `/apply?student=${students[0].id}#check`,
      "/guide",
      "/policy",
      "/consent",
    ]) {
      await page.goto(path);
      await page.reload();
      await settled(page);
      if (options.viewport)
        await page.evaluate(() => {
          document.documentElement.style.fontSize = "160%";
        });
      await picture(page, `${options.colorScheme ?? "large"}-${path.replace(/\W/g, "").slice(-20)}`);
      await expectAccessible(page);
      await expectFits(page, path);
      await expectLegible(page, path);
      assert.ok((await page.locator(".weui-btn_primary:visible").count()) <= 1, `${path}: one thing to do`);
    }
    await closePhone(page);
  }
});

test("the first page weighs no more than 60 KB on the way", async () => {
  const page = await openPhone(instance);
  const session = await page.context().newCDPSession(page);
  let bytes = 0;
  await session.send("Network.enable");
  session.on("Network.loadingFinished", ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  await page.goto("/");
  await settled(page);
  assert.ok(bytes > 20000 && bytes <= 60 * 1024, `${bytes} bytes`);
  await closePhone(page);
});

test("who is not signed in is led to the login page and back to where he was; never to another site", async () => {
  const page = await openPhone(instance);
  const { people } = await signedIn(instance);
  const signIn = async () => {
    await page.getByLabel("手机号").fill(people.phone);
    await page.getByLabel("密码", { exact: true }).fill(people.password);
    await page.getByRole("button", { name: "登录", exact: true }).click();
  };
  await page.goto("/apply?student=none#residence");
  await page.waitForURL(/\/login\?next=/);
  assert.equal(new URL(page.url()).searchParams.get("next"), "/apply?student=none#residence");
  for (const next of [
    "//evil.example/",
    "/\\evil.example/",
    "https://evil.example/",
    "/x/..//evil.example/",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/api/session",
  ]) {
    await page.context().clearCookies();
    await page.goto(`/login?next=${encodeURIComponent(next)}`);
    await signIn();
    await page.waitForURL((url) => url.pathname !== "/login");
    assert.equal(page.url(), `${instance.url}/`, next);
  }
  await page.context().clearCookies();
  await page.goto("/login?next=%2Faccount");
  await signIn();
  await page.waitForURL((url) => url.pathname === "/account");
  await closePhone(page);
});

test("a page out of the back-forward cache asks again for its state", async () => {
  const page = await openPhone(instance);
  const { client, people, students } = await signedIn(instance);
  await enter(page, people);
  await page.goto("/");
  await page.getByText("先回答一个问题").waitFor();
  await page.goto("/guide");
  await client.patch(`/api/students/${students[0].id}`, { register_place: "guangdong" });
  await page.goBack();
  await page.getByText("去绑定学生信息").waitFor();
  await closePhone(page);
});

/** A script without its comments, texts and patterns: what is left is syntax and names. */
function bare(source) {
  return source
    .replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, "")
    .replace(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g, "''");
}

test("the scripts use nothing newer than Chromium 78 and Safari 12.1", async () => {
  const newer = [
    /\?\./,
    /\?\?/,
    /\|\|=|&&=/,
    /\.replaceAll\(/,
    /\.matchAll\(/,
    /\.at\(/,
    /\.replaceChildren\(/,
    /allSettled|Promise\.any/,
    /structuredClone|hasOwn\b|randomUUID|globalThis|queueMicrotask|ResizeObserver|BigInt\b|\d_\d/,
    /\(\?<[=!]/,
    /^await /m,
    /^\s+(static )?#\w/m,
    /^  static \w+ =/m,
    /\.toSorted\(|\.findLast\(/,
  ];
  for (const name of (await readdir(join(html, "js"))).filter((file) => file.endsWith(".js"))) {
    const source = await readFile(join(html, "js", name), "utf8");
    for (const pattern of newer) assert.ok(!pattern.test(bare(source)), `${name}: ${pattern}`);
    assert.ok(!/\(\?<[=!]/.test(source), `${name}: look-behind`);
  }
  const style = (await readFile(join(html, "css/app.css"), "utf8")).replace(/\/\*[\s\S]*?\*\//g, "");
  for (const pattern of [
    /:is\(|:where\(|:has\(|:focus-visible/,
    /\binset:/,
    /aspect-ratio:/,
    /\b(clamp|min|max)\(/,
    /[^-]gap:/,
    /@layer|@container/,
  ])
    assert.ok(!pattern.test(style), `app.css: ${pattern}`);
});

test("no page holds inline script or style, and every picture has its words", async () => {
  for (const name of pages) {
    const source = await readFile(join(html, `${name}.html`), "utf8");
    assert.ok(!/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/i.test(source), name);
    for (const [image] of source.matchAll(/<img[^>]*>/g)) assert.match(image, /alt="[^"]+"/, name);
    assert.match(source, /<script defer src="\/js\/old\.js">/, name);
    assert.match(source, /<noscript>/, name);
  }
});

test("a browser below the floor is told so, and still has the telephone number", async () => {
  const page = await openPhone(instance);
  await page.addInitScript(() => {
    delete Object.fromEntries;
  });
  await page.goto("/register");
  await page.getByText("浏览器太旧").waitFor();
  await page.getByRole("link", { name: "0753-0000000" }).waitFor();
  await page.context().close();
});

test("without JavaScript every page says what to do", async () => {
  const page = await openPhone(instance, { javaScriptEnabled: false });
  for (const name of pages) {
    await page.goto(pathOf(name));
    await page.locator("noscript p").waitFor();
    await page.getByRole("link", { name: "0753-0000000" }).waitFor();
  }
  await closePhone(page);
});
