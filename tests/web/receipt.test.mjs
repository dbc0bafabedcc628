// 授权回执 on the screen and on paper, and 办理记录.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Instance } from "../harness/instance.mjs";
import { authorized, signedIn } from "../harness/road.mjs";
import { closeBrowser, closePhone, expectAccessible, openPhone, picture } from "./browser.mjs";
import { signIn } from "./walk.mjs";

const instance = await Instance.shared();
after(closeBrowser);

/** A phone on which this parent is signed in. */
async function phoneOf({ people }) {
  const page = await openPhone(instance);
  await signIn(page, people);
  return page;
}

test("from 授权完成 to the receipt, its history, and taking it back", async () => {
  const parent = await authorized(instance);
  const page = await phoneOf(parent);
  await page.goto("/authorize");
  await page.click("text=授权回执");
  await page.waitForSelector("#number");
  assert.match(await page.textContent("#number"), /^\d{4}-\d{4}-\d{4}$/);
  const text = await page.textContent("main");
  for (const words of ["✓ 有效", "居民户口簿、不动产权证", "有效至", "SHA-256", instance.url]) assert.ok(text.includes(words), words);
  for (const secret of [parent.people.guardian.id_no, parent.people.guardian.name, parent.people.children[0].name])
    assert.equal(text.includes(secret), false);
  // The picture is really drawn: its policy lets it in.
  assert.ok(await page.evaluate(() => document.querySelector("img.code").naturalWidth > 0));
  await expectAccessible(page);
  await picture(page, "receipt");

  await page.click("text=办理记录");
  await page.waitForSelector("text=授权完成（");
  assert.match(await page.textContent(".events"), /开始办理.*您签署了授权.*不动产权证：已取得/s);
  await expectAccessible(page);
  await picture(page, "receipt-history");

  // On paper: one A4 page, nothing to press.
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.isVisible("text=撤回这次授权"), false);
  assert.equal(await page.isVisible("#print"), false);
  assert.ok(await page.isVisible("#number"));
  await picture(page, "receipt-on-paper");
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
  assert.equal((pdf.match(/\/Type\s*\/Page\b/g) ?? []).length, 1, "pages");
  await page.emulateMedia({ media: "screen" });

  await page.click("text=撤回这次授权");
  await page.waitForSelector("text=取得的证照资料马上删除");
  await page.click("text=撤回这次授权");
  await page.waitForSelector("text=✗ 家长已撤回");
  assert.equal(await page.isVisible("text=撤回这次授权"), false);
  await expectAccessible(page);
  await picture(page, "receipt-revoked");
  await closePhone(page);
});

test("nothing signed yet leads on", async () => {
  const page = await phoneOf(await signedIn(instance));
  await page.goto("/receipt");
  await page.waitForSelector("text=还没有签署过授权");
  await closePhone(page);
});
