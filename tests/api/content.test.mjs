// What parents read, and the QR code.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { after, test } from "node:test";
import { Client, expect } from "../harness/client.mjs";
import { Instance } from "../harness/instance.mjs";

const instance = await Instance.shared();
const client = new Client(instance);

// The instance is shared: what these tests publish is gone when they end. Published texts stay, so nobody but a superuser who
// switches triggers off can do that.
const published = ["evil", `v${process.pid}`];
after(() => instance.sql(`set session_replication_role = replica; delete from enroll.content where slug in ('${published.join("', '")}')`));

// A file where the operator's command can read it.
async function markdown(name, text) {
  const path = join(instance.state, name);
  await writeFile(path, text);
  return path;
}

test("each kind has its list, each text its version, date and HTML", async () => {
  for (const kind of ["guide", "policy", "consent"]) {
    const list = expect(await client.get(`/api/content/${kind}`), 200).json;
    assert.ok(list.items.length >= 1, kind);
    const { slug, version } = list.items[0];
    const { json } = expect(await client.get(`/api/content/${kind}/${slug}`), 200);
    assert.equal(json.version, version);
    assert.match(json.published_at, /\+08:00$/);
    assert.match(json.html, /<h2>/);
  }
});

test("an unknown kind or text is not found", async () => {
  expect(await client.get("/api/content/news"), 404, "not_found");
  expect(await client.get("/api/content/guide/none"), 404, "not_found");
});

test("the guide names every step by the handbook's words", async () => {
  const { html } = expect(await client.get("/api/content/guide/handbook"), 200).json;
  for (const label of ["报名登记二维码", "注册账号", "找回密码", "修改手机号", "立即绑定", "开始人脸识别验证", "关联被监护人", "确认关联",
    "数据申领同意书", "添加", "确认添加", "我已认真阅读并同意", "签署授权", "授权完成", "现场办理", "示例"])
    assert.ok(html.includes(label), label);
});

test("raw HTML and dangerous links do not reach the page", async () => {
  const path = await markdown("evil.md", "# 试验 {#evil}\n\n<script>alert(1)</script>\n\n[点](javascript:alert(1)) <b onclick=x>y</b>\n");
  await instance.enrollctl("content", "publish", "policy", path);
  const { html } = expect(await client.get("/api/content/policy/evil"), 200).json;
  assert.doesNotMatch(html, /<script|javascript:|onclick/i);
});

test("a changed text is a new version, the same text is not", async () => {
  const slug = published[1];
  const publish = async (text) => instance.enrollctl("content", "publish", "guide", await markdown(`${slug}.md`, `# 版本 {#${slug}}\n\n${text}\n`));
  await publish("一");
  const first = expect(await client.get(`/api/content/guide/${slug}`), 200).json.version;
  assert.match(await publish("一"), /没有变化/);
  assert.equal(expect(await client.get(`/api/content/guide/${slug}`), 200).json.version, first);
  await publish("二");
  const second = expect(await client.get(`/api/content/guide/${slug}`), 200).json;
  assert.equal(second.version, `${first}.2`);
  assert.match(second.html, /二/);
});

test("the QR code is an SVG and a PNG of the same modules", async () => {
  const svg = expect(await client.get("/api/qr.svg"), 200);
  assert.equal(svg.headers["content-type"], "image/svg+xml");
  const side = Number(/viewBox="0 0 (\d+) /.exec(svg.text)[1]);
  const dark = new Set([...svg.text.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => `${x},${y}`));

  const { bytes, headers } = expect(await client.get("/api/qr.png"), 200);
  assert.equal(headers["content-type"], "image/png");
  const width = bytes.readUInt32BE(16), module = width / side;
  const chunks = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at))
    if (bytes.toString("latin1", at + 4, at + 8) === "IDAT") chunks.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  const rows = inflateSync(Buffer.concat(chunks));
  assert.equal(rows.length, width * (width + 1));
  // The first row of each module, unfiltered (None) or equal to the one above (Up): rebuilt by PNG's rules.
  const pixels = unfilter(rows, width);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      assert.equal(pixels[y * module * width + x * module] === 0, dark.has(`${x},${y}`), `module ${x},${y}`);
});

function unfilter(rows, width) {
  const out = Buffer.alloc(width * width);
  const paeth = (a, b, c) => {
    const p = a + b - c, [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
    return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
  };
  for (let y = 0; y < width; y++) {
    const filter = rows[y * (width + 1)];
    for (let x = 0; x < width; x++) {
      const left = x > 0 ? out[y * width + x - 1] : 0;
      const up = y > 0 ? out[(y - 1) * width + x] : 0;
      const corner = x > 0 && y > 0 ? out[(y - 1) * width + x - 1] : 0;
      const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      out[y * width + x] = (rows[y * (width + 1) + 1 + x] + predicted) & 255;
    }
  }
  return out;
}
