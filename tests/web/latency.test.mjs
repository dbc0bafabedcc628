// 签署授权 → 授权完成 on the parent's screen, by the province's notice and without it, without anything to press. How long it took is
// printed; ENROLL_RUNS says how often (3; some hundred for figures worth telling).
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Client, expect } from "../harness/client.mjs";
import { Instance } from "../harness/instance.mjs";
import { launch, routed } from "../harness/road.mjs";
import { closeBrowser, closePhone, heading, openPhone, press } from "./browser.mjs";

const runs = Number(process.env.ENROLL_RUNS ?? 3);
const instance = await Instance.shared();
const control = new Client(instance);
after(closeBrowser);

/** The share of values that are no greater, p in percent. */
function percentile(values, p) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((p / 100) * sorted.length) - 1)];
}

async function signInQuietly(page, { phone, password }) {
  await page.goto("/404");
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

/** One family, from the signature in the province to the platform's word on the screen, in ms. */
async function once(page) {
  const { client, people } = await routed(instance);
  await launch(client, "bindings");
  await signInQuietly(page, people);
  await page.goto("/steps");
  await press(page, "立即绑定");
  await page.waitForURL(/\/sandbox\/space\//);
  const id = new URL(page.url()).pathname.split("/").pop();
  const began = Date.now();
  expect(await control.post(`/sandbox/control/sessions/${id}`, { do: "complete" }), 204);
  const { return_url: url } = expect(await control.get(`/sandbox/control/sessions/${id}`), 200).json;
  await page.goto(url, { waitUntil: "commit" });
  await heading(page, "授权完成");
  return Date.now() - began;
}

async function measure(t, words) {
  const page = await openPhone(instance);
  const took = [];
  for (let i = 0; i < runs; i++) took.push(await once(page));
  await closePhone(page);
  t.diagnostic(`签署授权 → 授权完成 ${words}, ${runs} runs: p50 ${percentile(took, 50)} ms, p99 ${percentile(took, 99)} ms`);
}

test("授权完成 comes to the screen by itself after signing, by the province's notice", (t) => measure(t, "by notice"));

test("and without any notice", async (t) => {
  const drop = (fault, times) => control.post("/sandbox/control/faults", { target: "notify", fault, times });
  expect(await drop("drop", 100000), 204);
  try {
    await measure(t, "without notice");
  } finally {
    expect(await drop("none", 1), 204);
  }
});
