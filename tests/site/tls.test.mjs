// enrollctl tls: which certificates it refuses and what it says to type, changing without a break, going back, the days left.
import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import { connect } from "node:tls";
import { after, before, test } from "node:test";
import { Instance } from "../harness/instance.mjs";
import { Site } from "./site.mjs";

const instance = await Instance.shared();
const site = await Site.start(instance);
after(() => site.stop());
const ca = site.authority;

/** The subject of the certificate that nginx shows. */
const shown = () => new Promise((done, failed) => {
  const socket = connect({ host: "127.0.0.1", port: site.tlsPort, servername: "localhost", ca: site.ca }, () => {
    done(socket.getPeerCertificate().subject.CN);
    socket.destroy();
  });
  socket.on("error", failed);
});

before(async () => {
  await ca.sign("second");
  await ca.sign("other-host", { host: "elsewhere.example" });
  await ca.sign("nameless", { host: "", subject: "/CN=localhost" });
  await ca.sign("weak", { key: ["-newkey", "rsa:1024"] });
  await ca.sign("odd-curve", { key: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"] });
  await ca.sign("old-digest", { digest: "sha1" });
  await ca.sign("past", { days: -1 });
  await ca.sign("ending", { days: 5 });
  await ca.sign("client", { extensions: "basicConstraints=CA:FALSE\nextendedKeyUsage=clientAuth\nsubjectAltName=DNS:localhost" });
});

const refused = [
  ["a key of another certificate", () => [ca.path("second.chain"), ca.path("first.key")], /不是一对/],
  ["an intermediate first", async () => [await ca.chain("turned", "between.pem", "second.pem"), ca.path("second.key")], /次序不对.*第 2 张/],
  ["no intermediate", () => [ca.path("second.pem"), ca.path("second.key")], /证书链不完整.*cat 网站证书/],
  ["another certificate in the chain", async () => [await ca.chain("mixed", "second.pem", "first.pem", "between.pem"), ca.path("second.key")], /混进了别的证书/],
  ["another host's", () => [ca.path("other-host.chain"), ca.path("other-host.key")], /不是给 localhost 的，而是给：elsewhere\.example/],
  ["the host in the common name alone", () => [ca.path("nameless.chain"), ca.path("nameless.key")], /subjectAltName/],
  ["1024 bits", () => [ca.path("weak.chain"), ca.path("weak.key")], /只有 1024 位/],
  ["a curve that browsers do not know", () => [ca.path("odd-curve.chain"), ca.path("odd-curve.key")], /P-256/],
  ["signed with SHA-1", () => [ca.path("old-digest.chain"), ca.path("old-digest.key")], /SHA-1/],
  ["one that has ended", () => [ca.path("past.chain"), ca.path("past.key")], /到期/],
  ["one for clients", () => [ca.path("client.chain"), ca.path("client.key")], /通不过验证/],
  ["something that is none", async () => [await writeFile(ca.path("none"), "hello\n").then(() => ca.path("none")), ca.path("second.key")], /没有 PEM 格式的证书.*openssl x509 -inform DER/],
  ["a file that is not there", () => [ca.path("nowhere"), ca.path("second.key")], /读不到/],
];

test("a certificate that parents' phones would refuse is refused, with what to do, and the former goes on", async () => {
  for (const [name, files, words] of refused) {
    const { code, output } = await site.run("tls", "install", ...(await files()));
    assert.equal(code, 1, `${name}: ${output}`);
    assert.match(output, words, name);
    assert.equal(await shown(), "first", name);
  }
});

test("a new one is shown without a break, and back is the former again", async () => {
  let failed = 0, asked = 0, isDone = false;
  const asking = (async () => {
    for (; !isDone; asked++) await site.send("GET", "/login").catch(() => failed++);
  })();
  const pid = site.nginx.pid;
  const said = await site.tls("install", ca.path("second.chain"), ca.path("second.key"));
  assert.match(said, /到期/);
  assert.equal(await shown(), "second");
  assert.equal((await stat(`${site.folder}/tls/current/key.pem`)).mode & 0o777, 0o600);
  await site.tls("install", ca.path("second.chain"), ca.path("second.key"));
  await site.tls("back");
  assert.equal(await shown(), "first", "installing twice does not forget the former");
  await site.tls("back");
  assert.equal(await shown(), "second");
  isDone = true;
  await asking;
  assert.equal(site.nginx.pid, pid);
  assert.equal(site.nginx.exitCode, null);
  assert.ok(asked > 0);
  assert.equal(failed, 0);
});

test("stapling is switched on for a certificate that names a responder, and for no other", async () => {
  const hasStapling = () => stat(`${site.folder}/tls/current/stapling.conf`).then(() => true, () => false);
  assert.equal(await hasStapling(), false);
  await ca.sign("stapled", { extensions: "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost\nauthorityInfoAccess=OCSP;URI:http://127.0.0.1:1/" });
  await site.tls("install", ca.path("stapled.chain"), ca.path("stapled.key"));
  assert.equal(await shown(), "stapled");
  const resolv = await readFile("/etc/resolv.conf", "utf8").catch(() => "");
  assert.equal(await hasStapling(), /^nameserver /m.test(resolv), "where there is a resolver to find the responder with");
  await site.tls("back");
});

test("check counts the days, and looks whether the season ends later", async () => {
  await instance.enrollctl("season", "sample");
  const now = await site.run("tls", "check");
  assert.equal(now.code, 1, now.output);
  assert.match(now.output, /而招生季到 .* 才结束[^]*→ .*enrollctl tls install/);
  await site.tls("install", ca.path("ending.chain"), ca.path("ending.key"));
  const soon = await site.run("tls", "check");
  assert.equal(soon.code, 3);
  assert.match(soon.output, /7 天内到期/);
  await site.tls("back");
  for (const [days, code, words] of [[29, 1, /30 天内到期/], [13, 1, /14 天内到期/], [2, 3, /3 天内到期/], [400, 0, /证书正常/]]) {
    await ca.sign(`of-${days}`, { days });
    await site.tls("install", ca.path(`of-${days}.chain`), ca.path(`of-${days}.key`));
    const { code: got, output } = await site.run("tls", "check");
    assert.equal(got, code, output);
    assert.match(output, words);
  }
});
