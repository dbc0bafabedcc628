// The operator's command, on a database and a configuration of its own.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { Instance, project } from "../harness/instance.mjs";

const instance = await Instance.shared();
const database = "enroll_operator";
const config = await instance.migrated(database);
const schools = () => instance.sql("select code, name, is_offered from enroll.school order by code", { database });

/** Run enrollctl; {code, said} with both outputs together. */
function enrollctl(...words) {
  return new Promise((done) => execFile(instance.executable("enrollctl"), ["--config", config, ...words], { maxBuffer: 1 << 20 },
    (error, stdout, stderr) => done({ code: error ? error.code : 0, said: stdout + stderr })));
}

async function file(name, content) {
  const path = join(instance.state, name);
  await writeFile(path, content);
  return path;
}

const set = (...changes) => enrollctl("season", "set", "2027", ...Object.entries({ "register-from": "2027-04-01", opens: "2027-05-01T09:00+08:00",
  closes: "2027-06-01", "birth-from": "2020-09-01", "birth-to": "2021-08-31", ...Object.assign({}, ...changes) })
  .filter(([, value]) => value !== null).flatMap(([name, value]) => [`--${name}`, value]));

test("what cannot be understood is answered with the usage, status 2", async () => {
  for (const words of [[], ["season"], ["season", "set"], ["school", "import"], ["content", "publish", "news", "x.md"], ["migrate", "now"]]) {
    const { code, said } = await enrollctl(...words);
    assert.equal(code, 2, words.join(" "));
    assert.match(said, /用法：enrollctl/);
  }
});

test("schools before a season are refused, with what to type first", async () => {
  const { code, said } = await enrollctl("school", "import", await file("early.csv", "学校代码,学校名称\n0001,一小\n"));
  assert.equal(code, 1);
  assert.match(said, /enrollctl season set/);
});

test("a season is set, and its mistakes are named", async () => {
  assert.equal((await set()).code, 0);
  assert.match((await enrollctl("season", "show")).said, /2027-05-01T09:00:00\+08:00/);
  assert.match((await set({ opens: "5月1日" })).said, /时间写法/);
  assert.match((await set({ closes: "2027-04-15" })).said, /先后不对/);
  assert.match((await set({ closes: null })).said, /缺少 --closes/);
  assert.match((await set({ ends: "2027-06-01" })).said, /--ends 无法识别/);
});

test("a list saved as GBK is refused with 'save as UTF-8', and none of it is imported", async () => {
  // 学校 alone happens to be UTF-8 as well; 学校代码 is not.
  for (const heading of [[0xd1, 0xa7, 0xd0, 0xa3], [0xd1, 0xa7, 0xd0, 0xa3, 0xb4, 0xfa, 0xc2, 0xeb]]) {
    const gbk = Buffer.concat([Buffer.from(heading), Buffer.from(",x\n0001,y\n")]);
    const { code, said } = await enrollctl("school", "import", await file("gbk.csv", gbk));
    assert.equal(code, 1);
    assert.match(said, /save as UTF-8/);
  }
  assert.deepEqual(await schools(), []);
});

test("a list with a byte order mark, quotes and CRLF is read right; leading zeros stay", async () => {
  const text = '\ufeff学校名称,学区,学校代码,电话\r\n"示例""一""小，东校区",金山街道；"x",0012,0753-0000001\r\n\r\n"二\r\n小",,0001,\r\n';
  const { code, said } = await enrollctl("school", "import", await file("bom.csv", text.replace('；"x"', "；东山社区")));
  assert.equal(code, 0, said);
  const rows = await instance.sql("select code, replace(name, chr(13) || chr(10), '|'), phone from enroll.school order by code", { database });
  assert.deepEqual(rows, [["0001", "二|小", ""], ["0012", '示例"一"小，东校区', "0753-0000001"]]);
  assert.deepEqual(await instance.sql("select place from enroll.catchment order by place", { database }), [["东山社区"], ["金山街道"]]);
});

test("one wrong line imports none and is named", async () => {
  const before = await schools();
  for (const [text, words] of [["学校代码,学校名称\n0003,三小\n,四小\n", /第 3 行/], ['学校代码,学校名称\n0003,"三小\n', /第 2 行/],
    ["代码,学校名称\n0003,三小\n", /没有“学校代码”/], ["学校代码,学校名称\n0003,三小\n0003,三小\n", /0003 出现两次/]]) {
    const { code, said } = await enrollctl("school", "import", await file("wrong.csv", text));
    assert.equal(code, 1);
    assert.match(said, words);
  }
  assert.deepEqual(await schools(), before);
});

test("a text without a heading, or with a name that is no address, is not published", async () => {
  assert.match((await enrollctl("content", "publish", "guide", await file("bare.md", "没有标题\n"))).said, /第一行应为标题/);
  assert.match((await enrollctl("content", "publish", "guide", await file("名.md", "# 标题\n"))).said, /网址名称/);
  assert.equal((await enrollctl("content", "publish", "guide", await file("named.md", "# 标题\n\n文\n"))).code, 0);
});

test("the QR code for posters is of the configured public URL", async () => {
  const path = join(instance.state, "poster.png");
  const { code, said } = await enrollctl("qr", "--png", path);
  assert.equal(code, 0, said);
  assert.ok(said.includes(`${instance.url}/`));
  assert.equal((await readFile(path)).toString("latin1", 1, 4), "PNG");
});

test("check ends well on this instance, and names what a new database lacks with what to type", async () => {
  assert.match(await instance.enrollctl("check"), /一切正常/);
  const { code, said } = await enrollctl("check");
  assert.equal(code, 1);
  for (const words of [/信使（courier）超过 60 秒没有心跳/, /enrollctl content publish consent/, /enrollctl content publish policy/]) assert.match(said, words);
});

test("check names a public URL that WeChat would refuse", async () => {
  const usual = await readFile(config, "utf8");
  try {
    for (const [url, words] of [["http://enroll.example.cn", /不是 https/], ["https://enroll.example.cn:8443", /带有端口/],
      ["https://Enroll.example.cn", /大写字母/], ["https://enroll.example.cn/ruxue", /带有路径/]]) {
      await writeFile(config, usual.replace(/^public_url = .*$/m, `public_url = ${url}`));
      const { code, said } = await enrollctl("check");
      assert.equal(code, 1);
      assert.match(said, words, url);
      assert.match(said, /修改配置文件里的 public_url|public_url/);
    }
  } finally {
    await writeFile(config, usual);
  }
});

/** A stand-in for what lies outside, which answers as told: {json, status, date}; the requests that it got come back with the words. */
async function checkAgainst(answer) {
  const asked = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    asked.push({ url: request.url, body });
    const { json = {}, status = 200, date } = answer(request.url);
    if (date) response.setHeader("Date", date.toUTCString());
    response.writeHead(status).end(JSON.stringify(json));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const base = `http://127.0.0.1:${server.address().port}`;
  const usual = await readFile(config, "utf8");
  try {
    await writeFile(config, usual.replace(/^wechat_api = .*$/m, `wechat_api = ${base}`).replace(/^(space_url|license_url) = .*$/gm, `$1 = ${base}/province`));
    return { ...await enrollctl("check"), asked };
  } finally {
    await writeFile(config, usual);
    server.close();
  }
}

test("check fetches WeChat's token and ticket, and says which address to enter there when ours is unknown", async () => {
  const good = await checkAgainst((url) => ({ json: url.startsWith("/cgi-bin/stable_token") ? { access_token: "T", expires_in: 7200 } : { errcode: 0, errmsg: "ok", ticket: "J" } }));
  assert.doesNotMatch(good.said, /取不到微信/);
  assert.ok(good.asked.some(({ url }) => url === "/cgi-bin/ticket/getticket?access_token=T&type=jsapi"));
  const secret = (await readFile(join(instance.state, "secrets/wechat_secret"), "utf8")).trim();
  assert.ok(good.asked.every(({ url }) => !url.includes(secret)), "the secret stands in a URL");
  const { said } = await checkAgainst(() => ({ json: { errcode: 40164, errmsg: "invalid ip 203.0.113.9, not in whitelist" } }));
  assert.match(said, /取不到微信的access_token：40164 invalid ip 203\.0\.113\.9/);
  assert.match(said, /IP 白名单/);
  assert.ok(!said.includes(secret));
});

test("check names a clock that runs apart, and a counterpart that cannot be reached", async () => {
  const { said } = await checkAgainst(() => ({ json: { access_token: "T", ticket: "J", expires_in: 7200 }, date: new Date(Date.now() - 400000) }));
  assert.match(said, /本机时钟与微信相差 (399|40\d) 秒/);
  assert.match(said, /本机时钟与个人数字空间相差/);
  assert.match(said, /timedatectl/);
  const usual = await readFile(config, "utf8");
  try {
    await writeFile(config, usual.replace(/^license_url = .*$/m, "license_url = http://127.0.0.1:1/"));
    assert.match((await enrollctl("check")).said, /连不上电子证照系统：http:\/\/127\.0\.0\.1:1/);
  } finally {
    await writeFile(config, usual);
  }
});

test("check holds the connections of all programs against what the database accepts", async () => {
  const usual = await readFile(config, "utf8");
  try {
    await writeFile(config, usual.replace(/^db_connections = .*$/m, "") + "\ndb_connections = 16\n");
    assert.match((await enrollctl("check")).said, /数据库最多接受 \d+ 个连接，各程序合计需要 154 个/);
  } finally {
    await writeFile(config, usual);
  }
});

test("status shows every program and what parents did, on one screen, and says what to look at", async () => {
  const screen = await instance.enrollctl("status").catch(({ stdout, stderr }) => stdout + stderr);
  for (const name of ["register", "session", "wechat", "recover", "bind", "license", "enroll", "content"]) assert.match(screen, new RegExp(`^${name} +正常 `, "m"));
  assert.match(screen, /最近五分钟（成功\/未成）：注册 \d+\/\d+ · 密码登录 \d+\/\d+/);
  assert.match(screen, /数据库连接：\d+\/\d+/);
  assert.ok(screen.split("\n").length <= 30);
  assert.doesNotMatch(screen, /1[3-9]\d{9}|\d{17}[\dX]/);
  const usual = await readFile(config, "utf8");
  try {
    await writeFile(config, usual.replace(/^public_url = .*$/m, "public_url = http://127.0.0.1:1"));
    const { code, said } = await enrollctl("status");
    assert.equal(code, 1);
    assert.match(said, /session 没有应答 → systemctl status enroll-session/);
  } finally {
    await writeFile(config, usual);
  }
});

test("check sees a database that was not migrated", async () => {
  await instance.sql("delete from enroll.migration where version = 0", { database });
  assert.match((await enrollctl("check")).said, /数据库结构不是最新的/);
  assert.equal((await enrollctl("migrate")).code, 0);
  assert.doesNotMatch((await enrollctl("check")).said, /数据库结构/);
});

test("without a database check says so and does not hang", async () => {
  const usual = await readFile(config, "utf8");
  try {
    await writeFile(config, usual.replace(/^(database = .*dbname=).*$/m, "$1enroll_nowhere"));
    const { code, said } = await enrollctl("check");
    assert.equal(code, 1);
    assert.match(said, /数据库没有正常应答/);
  } finally {
    await writeFile(config, usual);
  }
});

test("password calibrate proposes lines that the configuration takes, within 64 MiB", async () => {
  const { code, said } = await enrollctl("password", "calibrate");
  assert.equal(code, 0, said);
  const lines = said.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const of = Object.fromEntries(lines.map((line) => line.split(" = ")).map(([name, value]) => [name, Number(value)]));
  assert.deepEqual(Object.keys(of), ["scrypt_ln", "scrypt_r", "scrypt_p", "hash_slots"]);
  assert.ok(128 * of.scrypt_r * 2 ** of.scrypt_ln <= 64 << 20, said);
  assert.ok(of.scrypt_p >= 1 && of.hash_slots >= 1, said);
  const usual = await readFile(config, "utf8");
  try {
    await writeFile(config, usual.replace(/^(scrypt_|hash_slots).*\n/gm, "") + said);
    const again = await enrollctl("password", "calibrate");
    assert.equal(again.code, 0, again.said);
    assert.match(again.said, new RegExp(`现在的设置：scrypt_ln = ${of.scrypt_ln}，`));
  } finally {
    await writeFile(config, usual);
  }
});

test("the manual page and the completion know every command that --help names", async () => {
  const { said } = await enrollctl("--help");
  const usage = said.split("\n").filter((line) => /^ {2}[a-z]/.test(line)).map((line) => line.trim());
  assert.ok(usage.length >= 25, said);
  const run = (...command) => new Promise((done) => execFile(command[0], command.slice(1), (error, stdout, stderr) => done(stdout + stderr)));
  const page = await run(join(project, "conf/package/manpage"), instance.executable("enrollctl"), "1");
  const listed = [...page.matchAll(/^\.TP\n\.B (.*)$/gm)].map(([, line]) => line.replace(/\\-/g, "-").replace(/\\e/g, "\\").trim());
  assert.deepEqual(listed, usage);
  const offered = async (...words) => (await run("bash", "-c", `enrollctl() { ${instance.executable("enrollctl")} "$@"; }
    . ${join(project, "conf/package/completion.bash")}; COMP_WORDS=(enrollctl "$@" ''); COMP_CWORD=$(($# + 1)); _enrollctl; printf '%s\n' "\${COMPREPLY[@]}"`, "bash", ...words)).trim().split("\n");
  const nouns = [...new Set(usage.map((line) => line.split(" ")[0]))];
  assert.deepEqual((await offered()).filter((word) => word !== "--config").filter((word, i, all) => all.indexOf(word) === i).sort(), nouns.sort());
  for (const [noun, ...verbs] of [["season", "set", "sample", "show"], ["account", "confirm-in-person", "remove", "remove-trial"], ["tls", "install", "back", "check"], ["maintenance", "on", "off", "status"]])
    assert.deepEqual((await offered(noun)).sort(), verbs.sort(), noun);
});
