// conf/IT.md and conf/DBA.md: every command that they have somebody type is tried, those that need no systemd here, on an instance and a site of its
// own, in the order of the text and as it stands there; the rest on a booted machine (tests/package).
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { readFileSync, readdirSync } from "node:fs";
import { commands, pages, tried } from "../harness/handbook.mjs";
import { Instance, project } from "../harness/instance.mjs";
import { family } from "../harness/people.mjs";
import { Site } from "./site.mjs";

const instance = await Instance.shared();
const site = await Site.start(instance);
after(() => site.stop());
const work = join(site.folder, "work"), bin = join(site.folder, "bin"), etc = join(site.folder, "etc");

/** Run a line as it would be typed. Answers {code, output}. */
const type = (line, typed = "") => new Promise((done) => {
  const child = spawn("bash", ["-euo", "pipefail", "-c", line], { cwd: work, stdio: "pipe",
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, SSL_CERT_FILE: site.authority.path("root.pem") } });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
  child.on("close", (code) => done({ code, output }));
  child.stdin.on("error", () => {});
  child.stdin.end(typed);
});

/** The files that the text speaks of, and an enrollctl: a season and schools go into a database of our own, the site is ours. */
async function prepare() {
  for (const folder of [work, bin, etc]) await mkdir(folder);
  const district = await instance.migrated("enroll_handbook");
  const settings = { district, site: site.config, parents: join(instance.state, "enroll.conf") };
  await writeFile(join(bin, "enrollctl"), `#!/bin/sh
case $1 in
  season | school | content | migrate) config=${settings.district} ;;
  tls | maintenance | status | check) config=${settings.site} ;;
  *) config=${settings.parents} ;;
esac
exec ${instance.executable("enrollctl")} --config "$config" "$@"
`, { mode: 0o755 });
  for (const name of ["schools.csv", "guide.md", "policy.md", "consent.md"]) await copyFile(join(project, "conf/sample", name), join(work, name));
  await site.authority.sign("next", { days: 120 });
  await copyFile(site.authority.path("next.pem"), join(work, "网站证书.pem"));
  await copyFile(site.authority.path("between.pem"), join(work, "中间证书.pem"));
  await copyFile(site.authority.path("next.key"), join(work, "私钥.pem"));
  // As enrollctl setup packs them.
  await writeFile(join(work, "word"), "a passphrase for tests\n");
  const packed = await type(`tar -C ${instance.state} -cf - keys | openssl enc -e -aes-256-cbc -pbkdf2 -iter 600000 -md sha256 -salt -pass file:word -out enroll-keys.enc`);
  assert.equal(packed.code, 0, packed.output);
}

/** A sign-in that fails, by the site: the reference that the parent reads out. */
async function failed() {
  const { phone, password } = family();
  const answer = await site.send("POST", "/api/session", { headers: { "Content-Type": "application/json", Origin: instance.url }, body: JSON.stringify({ phone, password }) });
  assert.equal(answer.status, 401, answer.text);
  return JSON.parse(answer.text).ref;
}

for (const page of pages)
  test(`conf/${page} and the table of its commands agree`, () => {
    assert.deepEqual(commands(page).filter((line) => !(line in tried[page])), [], "stands in the text and is tried nowhere");
    assert.deepEqual(Object.keys(tried[page]).filter((line) => !commands(page).includes(line)), [], "is tried, and the text no longer says so");
    const folder = join(project, "tests/package");
    const suite = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8")).join("\n");
    for (const [line, { on, pattern }] of Object.entries(tried[page])) if (on === "package") assert.match(suite, pattern, line);
  });

test("what they have somebody type works", async (t) => {
  await prepare();
  const ref = await failed();
  const tomorrow = new Date(Date.now() + 86400000).toISOString().slice(0, 10);
  const run = await instance.runFolder();
  const standIn = (line) => line.replace("2027-05-01 06:30", `${tomorrow} 06:30`).replace("48213907", ref).replace("openssl enc -d", "openssl enc -d -pass file:word")
    .replace("/var/log/nginx/enroll/", `${site.folder}/`).replace("-C /etc/enroll", `-C ${etc}`).replace("127.0.0.1:9180", `127.0.0.1:${site.watchPort}`)
    .replace("-h /run/postgresql", `-h ${run}`);
  for (const page of pages)
    for (const line of commands(page)) {
      const { on, code: may = [0], says = /(?:)/, typed } = tried[page][line];
      if (on !== "site" && on !== "both") continue;
      await t.test(`${page}: ${line}`, async () => {
        const { code, output } = await type(standIn(line), typed);
        assert.ok(may.includes(code), `ends with ${code}: ${output}`);
        assert.match(output, says);
      });
    }
  assert.deepEqual(await readFile(join(etc, "keys/identity.1")), await readFile(join(instance.state, "keys/identity.1")), "the keys are back");
});

test("every other name of a file or a unit in the text exists", () => {
  const text = readFileSync(join(project, "conf/IT.md"), "utf8");
  const units = readdirSync(join(project, "conf/systemd"));
  const templates = ["enroll-*", "enroll-*.service"];
  for (const [, unit] of text.matchAll(/(?<=[ '])(enroll(?:-[a-z*]+)?(?:\.(?:service|target|timer))?)(?=['\s;`，。]|$)/g))
    if (/^enroll-|\.target$/.test(unit) && !templates.includes(unit) && unit !== "enroll-sandbox")
      assert.ok(units.some((file) => file === unit || file === `${unit}.service`), unit);
  for (const [, key] of text.matchAll(/`(public_url|metrics_port|environment)\b/g)) assert.ok(readFileSync(join(project, "conf/enroll.conf.example"), "utf8").includes(`${key} =`), key);
});
