// The site as a district's nginx serves it: TLS, the same headers on every answer, caching by content, limits, maintenance.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdir, readFile, utimes, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectPlain } from "node:net";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { Instance } from "../harness/instance.mjs";
import { closeBrowser, closePhone, expectAccessible, openPhone } from "../web/browser.mjs";
import { Site } from "./site.mjs";

const execute = promisify(execFile);
const instance = await Instance.shared();
const RATE = 20;
const site = await Site.start(instance, { network_rate: RATE, account_rate: 3, trusted_proxies: "127.0.9.0/24" });
after(async () => {
  await closeBrowser();
  await site.stop();
});

// Each test comes from addresses of its own, so that the limits of one say nothing to another.
let last = 0;
const address = () => `127.0.1.${++last}`;

const POLICY = {
  "content-security-policy": /^default-src 'self';(?!.*unsafe)/,
  "x-content-type-options": /^nosniff$/,
  "x-frame-options": /^DENY$/,
  "referrer-policy": /^no-referrer$/,
  "permissions-policy": /camera=\(\)/,
};

function hasPolicy(name, { status, headers }, isPlain) {
  for (const [header, pattern] of Object.entries(POLICY)) assert.match(headers[header] ?? "", pattern, `${name}: ${status} lacks ${header}`);
  // Said once, and by TLS alone (RFC 6797).
  assert.equal(headers["strict-transport-security"], isPlain ? undefined : "max-age=31536000", `${name}: ${status}`);
  assert.doesNotMatch(headers.server ?? "", /\d/, `${name} tells nginx's version`);
}

/** What comes back for bytes on a socket, and that it was closed. */
function speak(socket, text) {
  return new Promise((done) => {
    let got = "";
    socket.on("data", (data) => (got += data));
    socket.on("error", () => {});
    socket.on("close", () => done(got));
    socket.write(text);
  });
}
function parse(text) {
  const [head] = text.split("\r\n\r\n");
  const [line, ...lines] = head.split("\r\n");
  return { status: Number(line.split(" ")[1]), headers: Object.fromEntries(lines.map((l) => [l.split(": ")[0].toLowerCase(), l.split(": ").slice(1).join(": ")])), text: text.slice(head.length + 4) };
}
const tlsSocket = (from = "127.0.0.1", options = {}) => new Promise((done, failed) => {
  const tcp = connectPlain({ port: site.tlsPort, host: "127.0.0.1", localAddress: from });
  const socket = connectTls({ socket: tcp, servername: "localhost", ca: site.ca, ...options }, () => done(socket));
  socket.on("error", failed);
});
const plainSocket = (port = site.plainPort) => connectPlain({ port, host: "127.0.0.1" });

test("every kind of answer carries the same policy", async () => {
  const json = { "Content-Type": "application/json", Origin: "https://elsewhere.example" };
  const from = address();
  const { headers } = await site.send("GET", "/", { from });
  const rows = [
    [200, "GET", "/"],
    [200, "HEAD", "/"],
    [304, "GET", "/", { headers: { "If-None-Match": headers.etag } }],
    [404, "GET", "/nothing"],
    [404, "GET", "/v/0000000000000000/css/app.css"],
    [404, "GET", "/MP_verify_none.txt"],
    [400, "GET", "/%00"],
    [405, "POST", "/"],
    [413, "POST", "/login", { body: "x".repeat(2 << 20) }],
    [200, "GET", "/api/season"],
    [200, "GET", "/api/qr.svg"],
    [200, "GET", "/api/content/guide"],
    [404, "GET", "/api/nothing"],
    [404, "GET", "/API/season"],
    [401, "GET", "/api/session"],
    [405, "PATCH", "/api/season"],
    [403, "POST", "/api/session", { headers: json, body: "{}" }],
    [413, "POST", "/api/register", { headers: json, body: "x".repeat(70000) }],
    [414, "GET", "/x?" + "x".repeat(9000)],
    [400, "GET", "/", { headers: { Cookie: "x".repeat(40000) } }],
    [302, "GET", "/api/wechat/authorize?next=/"],
  ];
  for (const [status, method, path, options] of rows) {
    const name = `${method} ${path.slice(0, 40)}`;
    const answer = await site.send(method, path, { from: address(), ...options });
    assert.equal(answer.status, status === 414 ? 400 : status, name);
    hasPolicy(name, answer);
    assert.equal(answer.text === "" || !/nginx/i.test(answer.text), true, `${name} is nginx's own page`);
  }
});

test("what is refused before it has a path, or by the other servers, carries it too", async () => {
  for (const [name, text] of [["no request", "\x01\x02\r\n\r\n"], ["HTTP/9.9", "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n"], ["two hosts", "GET / HTTP/1.1\r\nHost: localhost\r\nHost: x\r\n\r\n"],
    ["no such method", "BREW / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"]]) {
    const byTls = parse(await speak(await tlsSocket(), text));
    assert.ok(byTls.status >= 400, `${name}: ${byTls.status}`);
    hasPolicy(name, byTls);
    const plain = parse(await speak(plainSocket(), text));
    assert.ok(plain.status >= 300, `${name}: ${plain.status}`);
    hasPolicy(name, plain, true);
  }
  const answer = await site.send("GET", "/login?next=/apply", { isPlain: true });
  assert.equal(answer.status, 301);
  assert.equal(answer.headers.location, `https://localhost:${site.tlsPort}/login?next=/apply`);
  hasPolicy("http", answer, true);
  const lost = parse(await speak(plainSocket(site.tlsPort), "GET /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
  assert.equal(lost.status, 301);
  assert.equal(lost.headers.location, `https://localhost:${site.tlsPort}/login`);
  hasPolicy("http at the TLS port", lost, true);
});

test("another host's name is answered with nothing, by TLS not even with a certificate", async () => {
  await assert.rejects(site.send("GET", "/", { host: "elsewhere.example" }), /unrecognized name|alert/);
  assert.equal(await speak(plainSocket(), "GET / HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n"), "");
});

test("TLS 1.2 and 1.3 with forward secrecy, and nothing older", async () => {
  const protocolOf = async (options) => {
    const socket = await tlsSocket("127.0.0.1", { ciphers: "DEFAULT:@SECLEVEL=0", ...options });
    const got = [socket.getProtocol(), socket.getCipher().name];
    socket.destroy();
    return got;
  };
  assert.equal((await protocolOf({}))[0], "TLSv1.3");
  const [protocol, cipher] = await protocolOf({ maxVersion: "TLSv1.2" });
  assert.equal(protocol, "TLSv1.2");
  assert.match(cipher, /^ECDHE-.*(GCM|POLY1305)/);
  await assert.rejects(protocolOf({ minVersion: "TLSv1", maxVersion: "TLSv1.1" }));
  await assert.rejects(protocolOf({ maxVersion: "TLSv1.2", ciphers: "AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0" }));
});

test("a session resumes by the server's memory, not by a ticket", async () => {
  const socket = await tlsSocket("127.0.0.1", { maxVersion: "TLSv1.2" });
  assert.equal(socket.getTLSTicket(), undefined);
  socket.destroy();
});

test("HTTP/2 is spoken", async () => {
  const client = connectHttp2(`https://localhost:${site.tlsPort}`, { ca: site.ca, lookup: (_name, options, done) => done(null, options.all ? [{ address: "127.0.0.1", family: 4 }] : "127.0.0.1", 4) });
  const headers = await new Promise((done, failed) => {
    client.on("error", failed);
    const stream = client.request({ ":path": "/api/season" });
    stream.on("response", done);
    stream.resume();
  });
  assert.equal(headers[":status"], 200);
  client.close();
});

test("a page is asked for anew each time, what it is made of never again", async () => {
  const from = address();
  const page = await site.send("GET", "/login", { from });
  assert.equal(page.headers["cache-control"], "no-cache");
  assert.ok(page.headers.etag);
  const parts = [...page.text.matchAll(/(?:src|href)="(\/[^"]*\.(?:css|js|svg))"/g)].map(([, path]) => path);
  assert.ok(parts.length >= 4);
  for (const path of parts) {
    assert.match(path, /^\/v\/[0-9a-f]{16}\//);
    const { status, headers } = await site.send("GET", path, { from, headers: { "Accept-Encoding": "gzip" } });
    assert.equal(status, 200, path);
    assert.equal(headers["cache-control"], "public, max-age=31536000, immutable", path);
    assert.equal(headers["content-encoding"], "gzip", path);
  }
  const missing = await site.send("GET", parts[0] + ".none", { from });
  assert.doesNotMatch(missing.headers["cache-control"], /immutable/);
});

test("an address that asks without end is told when to come again, and no other address is", async () => {
  const from = address();
  const flood = await Promise.all(Array.from({ length: RATE * 5 }, () => site.send("GET", "/api/session", { from })));
  const refused = flood.filter(({ status }) => status === 429);
  assert.ok(refused.length > 0 && refused.length < flood.length);
  const problem = JSON.parse(refused[0].text);
  assert.equal(problem.code, "too_many_attempts");
  assert.equal(problem.status, 429);
  assert.match(problem.ref, /^\d{8}$/);
  assert.match(refused[0].headers["retry-after"], /^\d+$/);
  hasPolicy("429", refused[0]);
  assert.equal((await site.send("GET", "/api/session", { from: address() })).status, 401);
  assert.equal((await site.send("GET", "/login", { from })).status, 200, "pages go on");
});

test("one signed-in parent is limited from wherever he asks, another is not", async () => {
  const cookie = (sign) => ({ Cookie: `a=b; __Host-session=${sign.repeat(43)}; c=d` });
  const many = await Promise.all(Array.from({ length: 30 }, () => site.send("GET", "/api/session", { from: address(), headers: cookie("A") })));
  assert.ok(many.some(({ status }) => status === 429));
  assert.ok(many.some(({ status }) => status === 401));
  assert.equal((await site.send("GET", "/api/session", { from: address(), headers: cookie("B") })).status, 401);
});

test("only our own proxies are believed about an address", async () => {
  const ask = (from, claim, mark) => site.send("GET", `/${mark}`, { from, headers: { "X-Forwarded-For": claim } });
  await ask("127.0.9.9", "203.0.113.7", "through-proxy");
  await ask("127.0.9.9", "198.51.100.1, 203.0.113.8", "lied-to-proxy");
  await ask(address(), "203.0.113.9", "liar");
  const lines = (await site.log()).split("\n").filter(Boolean).map((line) => JSON.parse(line));
  const addressOf = (mark) => lines.find(({ path }) => path === `/${mark}`).address;
  assert.equal(addressOf("through-proxy"), "203.0.113.7");
  assert.equal(addressOf("lied-to-proxy"), "203.0.113.8");
  assert.match(addressOf("liar"), /^127\.0\.1\./);
});

test("no log holds a query", async () => {
  await site.send("GET", "/api/wechat/callback?code=SECRETCODE&state=x");
  await site.send("GET", "/login?phone=SECRETPHONE", { isPlain: true });
  const log = await site.log();
  assert.match(log, /"path":"\/api\/wechat\/callback"/);
  assert.doesNotMatch(log + site.output, /SECRET/);
});

test("who sends slowly is cut off", { timeout: 60000 }, async () => {
  const head = "POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
  const answers = await Promise.all([speak(await tlsSocket(), ""), speak(await tlsSocket(), "GET / HTTP/1.1\r\nHo"), speak(await tlsSocket(), head), speak(plainSocket(), "GET ")]);
  for (const answer of answers) assert.doesNotMatch(answer, /^HTTP\/1.1 2/);
});

test("maintenance is on and off by one command, and says when it ends", async () => {
  const from = address();
  try {
    await site.enrollctl("maintenance", "on", "--until", "2099-05-01 06:30", "--reason", "升级 <数据库>");
    const page = await site.send("GET", "/login", { from });
    assert.equal(page.status, 503);
    assert.match(page.headers["retry-after"], /^\d+$/);
    assert.match(page.text, /预计 5月1日 06:30 恢复/);
    assert.match(page.text, /升级 &lt;数据库&gt;/);
    assert.match(page.text, /tel:0753-0000000/);
    hasPolicy("maintenance", page);
    const problem = await site.send("POST", "/api/session", { from, body: "{}" });
    assert.equal(problem.status, 503);
    assert.equal(JSON.parse(problem.text).code, "unavailable");
    assert.match(problem.headers["retry-after"], /^\d+$/);
    hasPolicy("maintenance, API", problem);
    for (const path of ["/guide", "/policy", "/css/app.css", "/api/content/guide"])
      assert.equal((await site.send("GET", path, { from })).status, 200, path);
    assert.equal((await site.send("GET", "/api/register/health")).status, 200, "health, asked on this machine");
    assert.equal((await site.run("maintenance", "status")).code, 3);
  } finally {
    await site.enrollctl("maintenance", "off");
  }
  assert.equal((await site.send("GET", "/login", { from })).status, 200);
  assert.match(await site.enrollctl("maintenance", "status"), /没有在维护/);
  for (const wrong of [["--until", "gestern"], ["--until", "2001-01-01"], ["--until"], ["--why", "x"]])
    assert.notEqual((await site.run("maintenance", "on", ...wrong)).code, 0, wrong.join(" "));
  assert.equal((await site.send("GET", "/login", { from })).status, 200, "a wrong command closes nothing");
});

/** Ask the port for whoever watches. Answers {status, text}. */
const watch = (path, options = {}) => new Promise((done, failed) => {
  get({ host: "127.0.0.1", port: site.watchPort, path, agent: false, ...options }, async (answer) => {
    let text = "";
    for await (const part of answer.setEncoding("utf8")) text += part;
    done({ status: answer.statusCode, headers: answer.headers, text });
  }).on("error", failed);
});

test("figures and health are told at a port of this machine, by any name, and nothing else is", async () => {
  const monitoring = await readFile(new URL("../../conf/monitoring/prometheus.yml", import.meta.url), "utf8");
  const targets = /targets: \[([^\]]+)\]/.exec(monitoring)[1].split(", ");
  assert.equal(targets.length, 9);
  for (const name of targets) {
    const { status, text } = await watch(/replacement: "(\/api\/\S+)"/.exec(monitoring)[1].replace("$1", name));
    assert.equal(status, 200, name);
    assert.match(text, /^# TYPE enroll_/m, name);
  }
  assert.equal((await watch("/api/session/health", { headers: { Host: "elsewhere.example" } })).status, 200);
  for (const path of ["/", "/api/season", "/api/session", "/api/nothing/metrics", "/api/sandbox/health"]) {
    const answer = await watch(path);
    assert.equal(answer.status, 404, path);
    hasPolicy(path, answer, true);
  }
  assert.ok(!(await site.log()).includes('"path":"/api/session/metrics"'), "figures asked for fill no log");
});

test("that port is the one of the configuration's default, and only this machine's", async () => {
  const [example, monitoring, listens] = await Promise.all([readFile(new URL("../../conf/enroll.conf.example", import.meta.url), "utf8"),
    readFile(new URL("../../conf/monitoring/prometheus.yml", import.meta.url), "utf8"), readFile(join(site.folder, "watch.conf"), "utf8")]);
  assert.equal(/"127\.0\.0\.1:(\d+)"/.exec(monitoring)[1], /^metrics_port = (\d+)$/m.exec(example)[1]);
  assert.deepEqual(listens.match(/^\tlisten .*$/gm), [`\tlisten 127.0.0.1:${site.watchPort};`]);
});

test("status and check ask there, where the public name leads elsewhere", async () => {
  const { output: screen } = await site.run("status");
  assert.match(screen, /^session +正常 /m);
  const elsewhere = join(site.folder, "elsewhere.conf");
  await writeFile(elsewhere, (await readFile(site.config, "utf8")).replace(/^public_url = .*$/m, "public_url = https://localhost:1"));
  const ask = (word) => execute(instance.executable("enrollctl"), ["--config", elsewhere, word]).catch((error) => error);
  assert.match((await ask("status")).stdout, /^session +正常 /m);
  const { stdout } = await ask("check");
  assert.match(stdout, /本机打不开家长访问的网址 https:\/\/localhost:1\n.*systemctl status nginx/);
  assert.doesNotMatch(stdout, /(session|register) 没有应答/);
});

test("check looks at the certificate, at secrets that others may read, and at the age of the last dump", async () => {
  const wrong = join(site.folder, "wrong.conf"), folder = join(site.folder, "dumps"), secret = join(site.folder, "secret");
  await mkdir(folder);
  await writeFile(secret, "x\n");
  await chmod(secret, 0o604);
  const usual = (await readFile(site.config, "utf8")).split("\n").filter((line) => !/^(environment|dump_dir|space_token_file|tls_dir) /.test(line));
  const check = async (...lines) => {
    await writeFile(wrong, [...usual, ...lines, ""].join("\n"));
    return (await execute(instance.executable("enrollctl"), ["--config", wrong, "check"], { env: { ...process.env, SSL_CERT_FILE: site.authority.path("root.pem") } }).catch((error) => error)).stdout;
  };
  const good = [`tls_dir = ${site.folder}/tls`, `space_token_file = ${secret}`, "environment = production", `dump_dir = ${folder}`];
  assert.match(await check(...good), /✗ 还没有一份数据库备份：.*\n  → 运行 systemctl start enroll-backup/);
  const dump = join(folder, "enroll-20270501T000000Z.cms");
  await writeFile(dump, "x");
  const said = await check(...good);
  assert.doesNotMatch(said, /备份|没有证书/);
  assert.match(said, /✗ space_token_file 对所有用户可读：.*\n  → 运行 chmod o-rwx/);
  const old = Date.now() / 1000 - 3 * 86400;
  await utimes(dump, old, old);
  assert.match(await check(...good), /最近一份数据库备份是 72 小时前的/);
  assert.match(await check(`tls_dir = ${folder}`, "environment = production", `dump_dir = ${site.folder}/none`), /✗ 没有证书。\n  → 运行 enrollctl tls install[^]*✗ 读不到备份文件夹/);
});

test("the page of maintenance is accessible, and opens what was wanted by itself when it is over", async () => {
  const page = await openPhone({ url: `https://localhost:${site.tlsPort}` }, { ignoreHTTPSErrors: true });
  await page.clock.install();
  try {
    await site.enrollctl("maintenance", "on", "--until", "2099-05-01 06:30");
    await page.goto("/login");
    await page.getByRole("heading", { name: "系统维护中" }).waitFor();
    await expectAccessible(page);
    await page.clock.runFor(200000);
    await page.getByRole("heading", { name: "预计 5月1日 06:30 恢复" }).waitFor();
  } finally {
    await site.enrollctl("maintenance", "off");
  }
  const heading = page.getByRole("heading", { name: "登录", exact: true });
  for (let tries = 0; tries < 20 && !(await heading.isVisible()); tries++) await page.clock.runFor(100000);
  await heading.waitFor();
  assert.equal(new URL(page.url()).pathname, "/login");
  await closePhone(page);
});
