// The units, read as they lie in conf/systemd: each program has its own user, its own socket, and exactly the keys and secrets that
// its work needs. What systemd makes of them is tried on a booted machine (package.test.mjs).
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { project } from "../harness/instance.mjs";

const folder = join(project, "conf/systemd");
const read = (...path) => readFileSync(join(project, ...path), "utf8");
/** Every value of a key in a unit, in order. */
const values = (text, key) => [...text.matchAll(new RegExp(`^${key}=(.*)$`, "gm"))].map(([, value]) => value);
const unit = (name) => read("conf/systemd", name);

const fastcgi = ["register", "session", "wechat", "recover", "bind", "license", "enroll", "content"];
const daemons = [...fastcgi, "courier", "sandbox"];
const user = (name) => (name === "sandbox" ? "sandbox" : `enroll_${name}`);

/** What lib/keys.c says: {register: ["identity", …]}. */
const held = Object.fromEntries([...read("lib/keys.c").matchAll(/\{ "(\w+)",\s*([^}]+) \}/g)]
  .map(([, name, classes]) => [name, [...classes.matchAll(/HOLDS\(SEAL_(\w+)\)/g)].map(([, word]) => word.toLowerCase())]));

/** Sources of the program itself, and of the modules of lib that read a secret, if the program opens them. */
function secretsOf(name) {
  const own = readdirSync(join(project, "cgi")).filter((file) => new RegExp(`^${name}(_\\w+)?\\.c$`).test(file)).map((file) => read("cgi", file)).join("\n");
  const found = new Set(secretsIn(own));
  for (const file of readdirSync(join(project, "lib")).filter((one) => one.endsWith(".c") && one !== "conf.c")) {
    const text = read("lib", file);
    const opens = [...text.matchAll(/^(\w+_open\w*)\(/gm)].map(([, opener]) => opener);
    const callers = (opener) => own.includes(`${opener}(`) || (opener === "license_access_open" && own.includes("license_open("));
    if (opens.some(callers)) for (const secret of secretsIn(text)) found.add(secret);
  }
  return [...found].sort();
}
const secretsIn = (text) => [...text.matchAll(/"(\w+)_file"/g)].map(([, name]) => name).filter((name) => /secret|token|password/.test(name));

test("each unit is handed the keys that lib/keys.c says, from where enrollctl keeps them", () => {
  assert.ok(held.register?.includes("identity"), "the table was read");
  for (const name of daemons) {
    const keys = values(unit(`enroll-${name}.service`), "LoadCredential").filter((line) => line.includes("/etc/enroll/keys/"));
    assert.deepEqual(keys.sort(), (held[name] ?? []).map((key) => `${key}.1:/etc/enroll/keys/${key}.1`).sort(), name);
  }
});

test("each unit is handed the secrets that its program reads, and no others", () => {
  assert.deepEqual(secretsOf("wechat"), ["wechat_secret"]);
  for (const name of daemons) {
    const secrets = values(unit(`enroll-${name}.service`), "LoadCredential").filter((line) => line.includes("/etc/enroll/secrets/"));
    assert.deepEqual(secrets.sort(), secretsOf(name).map((secret) => `${secret}:/etc/enroll/secrets/${secret}`), name);
  }
});

test("nothing secret comes by the environment or the command line", () => {
  for (const file of readdirSync(folder).filter((name) => /\.service$/.test(name))) {
    const text = unit(file);
    assert.deepEqual(values(text, "Environment(File)?").concat(values(text, "PassEnvironment")), [], file);
  }
});

test("each program has a user of its own, which is its database role", () => {
  const users = read("conf/package/sysusers.conf") + read("conf/package/sysusers-sandbox.conf");
  for (const name of daemons) {
    assert.deepEqual(values(unit(`enroll-${name}.service`), "User"), [user(name)]);
    assert.match(users, new RegExp(`^u ${user(name)} `, "m"));
  }
});

test("each socket is nginx's alone and stays open when its program ends", () => {
  for (const name of [...fastcgi, "sandbox"]) {
    const text = unit(`enroll-${name}.socket`);
    assert.deepEqual(["ListenStream", "SocketUser", "SocketGroup", "SocketMode", "Accept"].map((key) => values(text, key).join()),
      [`/run/enroll/${name}.sock`, "root", "www-data", "0660", "no"], name);
    const service = unit(`enroll-${name}.service`);
    assert.deepEqual(["StandardInput", "Requires", "Type"].map((key) => values(service, key).join()), ["socket", `enroll-${name}.socket`, "notify"], name);
  }
});

test("only who calls somebody outside may open an Internet socket", () => {
  assert.deepEqual(values(unit("enroll-.service.d/hardening.conf"), "RestrictAddressFamilies"), ["AF_UNIX"]);
  const calls = ["wechat", "bind", "license", "courier", "sandbox"];
  for (const name of daemons) {
    const text = unit(`enroll-${name}.service`);
    assert.deepEqual(values(text, "RestrictAddressFamilies"), calls.includes(name) ? ["AF_INET AF_INET6"] : [], name);
    assert.deepEqual(values(text, "PrivateNetwork"), calls.includes(name) ? [] : ["yes"], name);
  }
});

test("the target wants everything, and everything ends with it", () => {
  const wanted = values(unit("enroll.target"), "Wants").join(" ").split(" ").sort();
  const all = readdirSync(folder).filter((name) => /^enroll-[a-z]+\.(service|socket|timer)$/.test(name) && !name.startsWith("enroll-sandbox."));
  const oneshots = all.filter((name) => name.endsWith(".service") && values(unit(name), "Type").includes("oneshot"));
  assert.deepEqual(wanted, all.filter((name) => !oneshots.includes(name)).sort());
  for (const name of oneshots) assert.ok(all.includes(name.replace(".service", ".timer")), `${name} has a timer`);
  for (const name of all.filter((one) => !one.endsWith(".service"))) assert.deepEqual(values(unit(name), "PartOf"), ["enroll.target"], name);
  assert.deepEqual(values(unit("enroll-.service.d/hardening.conf"), "PartOf"), ["enroll.target"]);
});
