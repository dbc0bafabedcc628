// Debian's Chromium at a phone's size, in WeChat's user agent or outside it; what went wrong in a page fails the test that
// opened it. With ENROLL_SHOTS=FOLDER every step leaves a picture there.
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const phone =
  "Mozilla/5.0 (Linux; Android 10; M2006C3LC) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/86.0.4240.99 Mobile Safari/537.36";
export const wechat = `${phone} XWEB/4343 MMWEBSDK/20220805 MMWEBID/1234 MicroMessenger/8.0.27.2220(0x28001B37) WeChat/arm64 Weixin NetType/4G Language/zh_CN ABI/arm64`;

const axeSource = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let browser = null;
let pictures = 0;

/** The one browser of this test file; the first call may give it options. */
export async function openBrowser(...options) {
  browser ??= await chromium.launch({ executablePath: "/usr/bin/chromium-headless-shell", args: ["--no-sandbox", ...options] });
  return browser;
}

export async function closeBrowser() {
  await browser?.close();
}

/** A phone of its own: cookies, storage, one page. `faults` collects what its scripts and its policy complained about. */
export async function openPhone(instance, { userAgent = phone, ...options } = {}) {
  const context = await (
    await openBrowser()
  ).newContext({
    baseURL: instance.url,
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
    locale: "zh-CN",
    userAgent,
    ...options,
  });
  context.setDefaultTimeout(15000);
  const page = await context.newPage();
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(String(error.stack)));
  // A refusal that the page handles is logged by the browser as "Failed to load resource": no fault of the page's.
  page.on(
    "console",
    (line) => line.type() === "error" && !/Failed to load resource/.test(line.text()) && page.faults.push(line.text()),
  );
  return page;
}

/** The page is done with, and has complained about nothing. */
export async function closePhone(page) {
  assert.deepEqual(page.faults, []);
  await page.context().close();
}

/** No violation of axe's rules on what is shown now. */
export async function expectAccessible(page) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const words = violations.map(
    (one) => `${one.id}: ${one.help}\n    ${one.nodes.map((node) => `${node.target} ${node.failureSummary}`).join("\n    ")}`,
  );
  assert.deepEqual(words, [], `${page.url()}\n${words.join("\n")}`);
}

/** A picture of the whole page, for eyes. */
export async function picture(page, name) {
  if (!process.env.ENROLL_SHOTS) return;
  await mkdir(process.env.ENROLL_SHOTS, { recursive: true });
  await page.screenshot({
    path: join(process.env.ENROLL_SHOTS, `${String(++pictures).padStart(2, "0")}-${name}.png`),
    fullPage: true,
  });
}

export const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
export const follow = (page, name) => page.getByRole("link", { name, exact: true }).click();
export const heading = (page, name) => page.getByRole("heading", { name, exact: true }).waitFor();
export const says = (page, words) => page.getByText(words).first().waitFor();
