// The site as a district's nginx serves it: TLS, the same headers on every answer, caching by content, limits, maintenance.
import assert from "node:assert/strict";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectPlain } from "node:net";
import { connect as connectTls } from "node:tls";
import { after, test } from "node:test";
import { Instance } from "../harness/instance.mjs";
import { Site } from "./site.mjs";

const instance = await Instance.shared();
const RATE = 20;
const site = await Site.start(instance, { network_rate: RATE, account_rate: 3, trusted_proxies: "127.0.9.0/24" });
after(() => site.stop());

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
