// Run in the network of the machine that the package is installed on, by package.test.mjs (nsenter): who asks the site from there.
//   inside.mjs walk URL CA           the whole road of one made-up family, to a submitted application
//   inside.mjs browse URL CA CHAIN   the same in a browser that knows the certificate of CHAIN alone; prints the receipt's number
//   inside.mjs load URL CA RATE      RATE requests a second of every kind, until standard input ends; prints what failed
import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { Client, expect } from "../harness/client.mjs";
import { sleep } from "../harness/instance.mjs";
import { family, registration } from "../harness/people.mjs";
import { authorized, filled, routed } from "../harness/road.mjs";

const [action, url, ca, word] = process.argv.slice(2);
const { port, protocol } = new URL(url);
const site = { url, port: Number(port) || (protocol === "https:" ? 443 : 80), ca: ca ? readFileSync(ca) : undefined };

async function walk() {
  const { client, people, students: [student] } = await authorized(site);
  const { version, problems } = await filled(client, people, student);
  if (problems.length) throw new Error(`the application is not complete: ${JSON.stringify(problems)}`);
  const submitted = await client.send("POST", `/api/applications/${student.id}/submit`,
    { body: {}, headers: { "If-Match": `"${version}"`, "Idempotency-Key": "package-walk" } });
  expect(submitted, 200);
  const [{ application }] = expect(await client.get("/api/session"), 200).json.students;
  console.log(application.status);
}

async function browse() {
  const { closeBrowser, closePhone, openBrowser, openPhone } = await import("../web/browser.mjs");
  const { bindAndAuthorize, enter, fillApplication, submit } = await import("../web/walk.mjs");
  const key = new X509Certificate(readFileSync(word)).publicKey.export({ type: "spki", format: "der" });
  await openBrowser(`--host-resolver-rules=MAP ${new URL(url).hostname} 127.0.0.1`,
    `--ignore-certificate-errors-spki-list=${createHash("sha256").update(key).digest("base64")}`);
  const page = await openPhone(site);
  const people = family();
  await page.goto("/");
  await enter(page, people);
  await bindAndAuthorize(page, people.children);
  await fillApplication(page, { isPrefilled: true });
  console.log(await submit(page));
  await closePhone(page);
  await closeBrowser();
}

/** [kind, what to send, the statuses that are right]: each executable is asked, reads and writes. */
function kinds(parents) {
  const parent = () => parents[Math.floor(Math.random() * parents.length)];
  const nobody = new Client(site);
  const none = "00000000-0000-4000-8000-000000000000";
  const get = (path, ...right) => [`GET ${path}`, () => parent().client.get(path), right];
  return [
    get("/api/session", 200), get("/api/season", 200), get("/api/schools", 200), get("/api/content/guide", 200), get("/api/qr.svg", 200),
    get("/api/wechat/authorize?next=/", 302), get(`/api/bindings/${none}`, 404), get(`/api/authorizations/${none}`, 404), get("/api/sessions", 200),
    ["PATCH student", () => { const { client, students: [{ id }] } = parent(); return client.patch(`/api/students/${id}`, { register_place: "guangdong" }); }, [200]],
    ["sign-in", () => { const { people } = parent(); return new Client(site).post("/api/session", { phone: people.phone, password: people.password }); }, [200]],
    ["register", () => new Client(site).once("/api/register", registration(family())), [201]],
    ["undo", () => nobody.post("/api/recover/undo", { token: "x".repeat(43) }), [404, 429]],
  ];
}

/** As a browser: a kept connection that the server has hung up (nginx does, when it reads its configuration anew) is no answer. */
async function persist(send) {
  for (let left = 20; ; left--) {
    try {
      return await send();
    } catch (error) {
      if (!error.isStale || left === 0) throw error;
    }
  }
}

async function load() {
  const parents = [];
  while (parents.length < 24) parents.push(await routed(site));
  const all = kinds(parents), took = [], failed = new Map(), pending = new Set();
  let isOver = false;
  process.stdin.on("end", () => (isOver = true)).resume();
  console.log("under load");
  const began = Date.now();
  for (let n = 0; !isOver; n++) {
    const wait = began + (n * 1000) / Number(word) - Date.now();
    if (wait > 1) await sleep(wait);
    const [kind, send, right] = all[n % all.length];
    const sentAt = Date.now();
    const request = persist(send).then(({ status, text }) => right.includes(status) || `${status} ${text.slice(0, 200)}`, (error) => error.message)
      .then((how) => {
        took.push(Date.now() - sentAt);
        if (how !== true) failed.set(`${kind}: ${how}`, (failed.get(`${kind}: ${how}`) ?? 0) + 1);
        pending.delete(request);
      });
    pending.add(request);
  }
  await Promise.all(pending);
  took.sort((a, b) => a - b);
  console.log(JSON.stringify({ sent: took.length, seconds: (Date.now() - began) / 1000, failed: [...failed],
    p50: took[took.length >> 1], p99: took[Math.floor(took.length * 0.99)], longest: took[took.length - 1] }));
}

await { walk, browse, load }[action]();
process.exit(0);
