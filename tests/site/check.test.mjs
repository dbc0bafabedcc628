// enrollctl check, as an inspector: on an installation that is in order it finds nothing but what a test's port makes; each of many
// faults, planted one at a time, is found, with what to type.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, mkdir, readFile, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, test } from "node:test";
import { Instance } from "../harness/instance.mjs";
import { Site } from "./site.mjs";

const instance = await Instance.shared();
const site = await Site.start(instance);
after(() => site.stop());
const database = "enroll_inspected", at = (...path) => join(site.folder, ...path);
const sql = (text) => instance.sql(text, { database });

// WeChat and the province, as far as check asks them.
const outside = { token: { access_token: "T", expires_in: 7200 }, isLate: false, isClosed: false };
const server = createServer((request, response) => {
  response.setHeader("Date", new Date(Date.now() - (outside.isLate ? 400000 : 0)).toUTCString());
  if (outside.isClosed && request.url === "/login") response.statusCode = 503;
  response.end(JSON.stringify(request.url.includes("stable_token") ? outside.token : { errcode: 0, ticket: "J" }));
}).listen(0, "127.0.0.1");
await once(server, "listening");
after(() => server.close());
const base = `http://127.0.0.1:${server.address().port}`;

/** What it finds, a finding with its remedy a line, some lines of the configuration replaced. */
async function findings(settings = {}) {
  const own = { database: (await readFile(site.config, "utf8")).match(/^database = (.*)$/m)[1].replace(/dbname=\w+/, `dbname=${database}`),
    environment: "production", keys_dir: at("keys"), dump_dir: at("dumps"), space_token_file: at("secret"), wechat_api: base, space_url: base, license_url: base, ...settings };
  const lines = (await readFile(site.config, "utf8")).split("\n").filter((line) => !(line.split("=")[0].trim() in own));
  await writeFile(at("inspected.conf"), [...lines, ...Object.entries(own).map(([key, value]) => `${key} = ${value}`), ""].join("\n"));
  const said = await new Promise((done) => execFile(instance.executable("enrollctl"), ["--config", at("inspected.conf"), "check"],
    { env: { ...process.env, SSL_CERT_FILE: site.authority.path("root.pem") } }, (error, stdout) => done(stdout)));
  return said.split(/^(?=✗)/m).filter((one) => one.startsWith("✗")).map((one) => one.split("\n").slice(0, 2).join(" "))
    // A test's own port, and its own authority, which the machine does not know.
    .filter((one) => !one.includes("public_url 带有端口") && !one.includes(`本机打不开家长访问的网址 https://localhost:${site.tlsPort} `));
}

async function inOrder() {
  await instance.migrated(database);
  const day = (days) => `date_trunc('second', now()) + interval '${days} days'`;
  await sql(`insert into enroll.season (year, register_from, opens_at, closes_at, birth_from, birth_to) values (2027, ${day(-9)}, ${day(-5)}, ${day(30)}, '2020-09-01', '2021-08-31')`);
  await sql("insert into enroll.school (year, code, name) values (2027, '0001', '示例第一小学')");
  for (const kind of ["guide", "policy", "consent"]) await sql(`insert into enroll.content (kind, slug, version, title, source, html) values ('${kind}', '${kind}', '1', '题', '文', '<p>文</p>')`);
  await sql("insert into enroll.heartbeat (name, at) values ('courier', now() + interval '1 hour')");
  await cp(join(instance.state, "keys"), at("keys"), { recursive: true });
  await mkdir(at("dumps"));
  await writeFile(at("dumps/enroll-1.cms"), "x");
  await writeFile(at("secret"), "x\n", { mode: 0o600 });
  await site.authority.sign("brief", { days: 2 });
}

/** The certificate that is "current" for a moment, as a folder of tls_dir. */
async function certificate(chain, key, mode = 0o600) {
  await rm(at("wrong"), { recursive: true, force: true });
  await mkdir(at("wrong/current"), { recursive: true });
  await cp(site.authority.path(`${chain}.chain`), at("wrong/current/chain.pem"));
  await cp(site.authority.path(`${key}.key`), at("wrong/current/key.pem"));
  await chmod(at("wrong/current/key.pem"), mode);
}
const keys = () => cp(join(instance.state, "keys"), at("keys"), { recursive: true, force: true });
const old = Date.now() / 1000 - 5 * 86400;
const wrongTls = { tls_dir: at("wrong") };

/** [what is wrong, what is found, how it is planted, how it is taken back, lines of the configuration]. */
const faults = [
  ["a key that everybody may read", /密钥 .*identity\.1 对所有用户可读.*chmod/, () => chmod(at("keys/identity.1"), 0o644), () => chmod(at("keys/identity.1"), 0o600)],
  ["a key that is gone", /没有可读的密钥 .*contact/, () => rm(at("keys/contact.1")), keys],
  ["a key that is cut off", /index\.1 读不到或不是 32 字节.*从备份恢复/, () => truncate(at("keys/index.1"), 16), keys],
  ["no public key of receipts", /没有可读的回执公钥/, () => rm(at("keys/receipt.1.pub")), keys],
  ["a secret that everybody may read", /space_token_file 对所有用户可读.*chmod/, () => chmod(at("secret"), 0o644), () => chmod(at("secret"), 0o600)],
  ["a certificate about to end", /证书 3 天内到期.*tls install/, () => certificate("brief", "brief"), null, wrongTls],
  ["a key of another certificate", /私钥和证书不是一对.*tls back/, () => certificate("first", "brief"), null, wrongTls],
  ["a private key that others may read", /私钥的权限是 644.*chmod 600/, () => certificate("first", "first", 0o644), null, wrongTls],
  ["a season that outlasts the certificate", /招生季到 .* 才结束/, () => sql("update enroll.season set closes_at = now() + interval '300 days'"), () => sql("update enroll.season set closes_at = now() + interval '30 days'")],
  ["a dump of last week", /最近一份数据库备份是 120 小时前/, () => utimes(at("dumps/enroll-1.cms"), old, old), () => writeFile(at("dumps/enroll-1.cms"), "x")],
  ["no dump", /还没有一份数据库备份.*enroll-backup/, () => rm(at("dumps/enroll-1.cms")), () => writeFile(at("dumps/enroll-1.cms"), "x")],
  ["a courier that stands", /信使.*没有心跳.*systemctl restart enroll-courier/, () => sql("update enroll.heartbeat set at = now() - interval '1 hour'"), () => sql("update enroll.heartbeat set at = now() + interval '1 hour'")],
  ["a grant taken away", /有人手工改了函数的权限.*enrollctl migrate/, () => sql("revoke execute on all functions in schema enroll from enroll_content"), () => instance.migrate(at("inspected.conf"))],
  ["a table opened to a program", /权限不对：table guardian: open to enroll_register/, () => sql("grant select on enroll.guardian to enroll_register"), () => sql("revoke select on enroll.guardian from enroll_register")],
  ["a door opened to everybody", /function content_list: open to everybody/, () => sql("grant execute on function enroll.content_list to public"), () => sql("revoke execute on function enroll.content_list from public")],
  ["a database behind its migrations", /数据库结构不是最新的.*enrollctl migrate/, () => sql("update enroll.migration set sha256 = 'x' where version = 0"), () => instance.migrate(at("inspected.conf"))],
  ["no school", /本季没有学校.*school import/, () => sql("update enroll.school set is_offered = false"), () => sql("update enroll.school set is_offered = true")],
  ["a season that is over", /招生季已经结束/, () => sql("update enroll.season set closes_at = now() - interval '1 day'"), () => sql("update enroll.season set closes_at = now() + interval '30 days'")],
  ["no way to send messages", /没有配置消息渠道.*message_url/, null, null, { message_url: "" }],
  ["a clock that is off", /本机时钟与微信相差 .*timedatectl/, () => (outside.isLate = true), () => (outside.isLate = false)],
  ["an address that WeChat does not know", /40164 .*IP 白名单/, () => (outside.token = { errcode: 40164, errmsg: "invalid ip 203.0.113.9" }), () => (outside.token = { access_token: "T", expires_in: 7200 })],
  ["a province out of reach", /连不上电子证照系统/, null, null, { license_url: "http://127.0.0.1:1" }],
  ["programs that do not answer", /session 没有应答/, null, null, { metrics_port: 1 }],
  ["a site that does not answer", /本机打不开家长访问的网址 https:\/\/localhost:1 .*systemctl status nginx/, null, null, { public_url: "https://localhost:1" }],
  ["a maintenance that nobody ended", /网站正在维护.*maintenance off/, () => (outside.isClosed = true), () => (outside.isClosed = false), { public_url: base }],
  ["more connections than the database takes", /各程序合计需要 154 个/, null, null, { db_connections: 16 }],
  ["no database", /数据库没有正常应答/, null, null, { database: "host=/nowhere dbname=enroll" }],
];

test("on an installation in order it finds nothing", async () => {
  await inOrder();
  assert.deepEqual(await findings(), []);
});

for (const [name, pattern, plant, undo, settings] of faults)
  test(`it finds ${name}`, async () => {
    await plant?.();
    try {
      const found = await findings(settings);
      assert.ok(found.some((one) => pattern.test(one)), found.join("\n"));
      for (const one of found) assert.match(one, / {2}→ ./, "each finding says what to type");
    } finally {
      await undo?.();
    }
  });

test("all taken back, it finds nothing again", async () => {
  assert.ok(faults.length >= 20);
  assert.deepEqual(await findings(), []);
});
