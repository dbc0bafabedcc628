// 广东省个人数字空间: sessions, the gateway's signature, states, notices.
import { randomBytes } from "node:crypto";
import { call, isSigned, object, signature, sleep } from "./call.mjs";
import { kind, need, skip, want } from "./report.mjs";

const STATUSES = ["created", "identified", "completed", "denied", "expired"];
const FINAL = STATUSES.slice(2);
const rank = (status) => Math.min(STATUSES.indexOf(status), 2);
const isTime = (text) => typeof text === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text);
const isToken = (text) => typeof text === "string" && /^[A-Za-z0-9._~-]{1,128}$/.test(text);
const NOTICE_WAIT_MS = 30000;

export class Space {
  constructor(base, credentials, ear, print) {
    Object.assign(this, { base, credentials, ear, print });
    this.url = `${base}${credentials.space_path}/v1/sessions`;
    this.guardian = { name: credentials.guardian_name, id_no: credentials.guardian_id_no };
    this.child = { name: credentials.child_name, id_no: credentials.child_id_no };
  }

  async open(purpose) {
    const state = randomBytes(16).toString("hex");
    const body = {
      purpose, state, notify_url: this.ear.url,
      return_url: this.credentials.return_url || `${new URL(this.base).origin}/bind#code=conformance&id=conformance`,
      guardian: this.guardian, students: [this.child],
      licenses: purpose === "bind" ? ["household_register", "identity_credential"] : ["household_register", "real_estate"],
    };
    const json = object(await call(this.credentials, "POST", this.url, { headers: signature(this.credentials), body }), 200, 201);
    want(isToken(json.session_id), "session_id：1–128 个 A-Za-z0-9._~-", kind(json.session_id));
    want(typeof json.launch_url === "string" && /^https:|^http:\/\/(localhost|127\.)/.test(json.launch_url), "launch_url：https 网址", kind(json.launch_url));
    want(isTime(json.expires_at), "expires_at：带时区的 RFC 3339 时间", kind(json.expires_at));
    want(Date.parse(json.expires_at) > Date.now() + 60000, "expires_at：一分钟以后", "更早");
    return { ...json, state };
  }

  ask(session, over) {
    return call(this.credentials, "GET", `${this.url}/${session.session_id}`, { headers: signature(this.credentials, over) });
  }

  async read(session) {
    const json = object(await this.ask(session), 200);
    want(json.session_id === session.session_id, "session_id：问的那一个", kind(json.session_id));
    want(json.state === session.state, "state：原样带回", kind(json.state));
    want(STATUSES.includes(json.status), `status：${STATUSES.join("、")}`, String(json.status));
    return json;
  }

  /** Let it be done, by the sandbox's control or by a person, and watch the states on the way. */
  async finish(session, deed) {
    const seen = [];
    const until = Date.now() + Number(this.credentials.wait_s) * 1000;
    if (this.credentials.drive === "person") this.print(`请现在打开 ${session.launch_url} ，${deed.words}`);
    for (const step of this.credentials.drive === "sandbox" ? deed.steps : [null]) {
      if (step) {
        const answer = await call(this.credentials, "POST", `${this.base}/control/sessions/${session.session_id}`, { body: { do: step } });
        want(answer.status === 204, "沙盒照办", `HTTP ${answer.status}`);
      }
      for (;;) {
        const news = await this.read(session);
        seen.push(news.status);
        want(seen.length < 2 || rank(news.status) >= rank(seen[seen.length - 2]), "状态只向前走", seen.slice(-2).join(" 之后是 "));
        if (FINAL.includes(news.status)) return { ...news, seen };
        if (step && step !== deed.steps[deed.steps.length - 1]) break;
        want(Date.now() < until, `${this.credentials.wait_s} 秒内办完`, `还是 ${news.status}`);
        await sleep(500);
      }
    }
    return undefined;
  }
}

const refused = (answer) => want(answer.status >= 400 && answer.status < 500, "拒绝（HTTP 4xx）", `HTTP ${answer.status}`);

async function checkSignature(report, space, session) {
  for (const header of ["x-tif-paasid", "x-tif-timestamp", "x-tif-nonce", "x-tif-signature"])
    await report.check(`签名：没有 ${header} 就拒绝`, async () => refused(await space.ask(need(session, "会话"), { without: header })));
  await report.check("签名：口令不对就拒绝", async () => refused(await space.ask(need(session, "会话"), { token: "guessed" })));
  await report.check("签名：大写的认", async () => object(await space.ask(need(session, "会话")), 200));
  await report.check("签名：小写的也认", async () => object(await space.ask(need(session, "会话"), { isLower: true }), 200));
  await report.check("签名：时钟差 200 秒还认", async () => {
    for (const offsetS of [-200, 200]) object(await space.ask(need(session, "会话"), { offsetS }), 200);
  });
  await report.check("签名：时钟差 400 秒就拒绝", async () => {
    for (const offsetS of [-400, 400]) refused(await space.ask(need(session, "会话"), { offsetS }));
  });
  await report.check("签名：nonce 只用一次", async () => {
    const nonce = randomBytes(12).toString("hex");
    object(await space.ask(need(session, "会话"), { nonce }), 200);
    refused(await space.ask(session, { nonce }));
  });
}

const isPerson = (one) => typeof one?.name === "string" && typeof one?.id_no === "string";
const isHolding = (one) => isToken(one?.type) && typeof one?.holder_id_no === "string";

function checkList(list, isItem, words) {
  want(Array.isArray(list), `${words}：数组`, kind(list));
  list.forEach((item) => want(isItem(item), `${words} 的每一项齐全`, kind(item)));
}

async function checkBound(report, space, done) {
  await report.check("绑定结果：subject 是家长本人，level L0–L3，verified_at", async () => {
    const { status, subject } = need(done, "办完的绑定");
    want(status === "completed", "status：completed", status);
    want(isPerson(subject), "subject：{name,id_no,…}", kind(subject));
    want(subject.id_no === space.guardian.id_no, "subject.id_no：家长的号码", "另一个号码");
    want(/^L[0-3]$/.test(subject.level), "level：L0–L3", String(subject.level));
    want(isTime(subject.verified_at), "verified_at：带时区的 RFC 3339 时间", kind(subject.verified_at));
  });
  await report.check("绑定结果：wards 有孩子，按号码", async () => {
    const { wards } = need(done, "办完的绑定");
    checkList(wards, isPerson, "wards");
    want(wards.some(({ id_no }) => id_no === space.child.id_no), "wards 里有孩子的号码", `${kind(wards)}，没有他`);
  });
  await report.check("绑定结果：claimed 有孩子的户口簿和身份电子凭证", async () => {
    const { claimed } = need(done, "办完的绑定");
    checkList(claimed, isHolding, "claimed");
    for (const type of ["household_register", "identity_credential"])
      want(claimed.some((one) => one.type === type && one.holder_id_no === space.child.id_no), `claimed 有孩子的 ${type}`, `${kind(claimed)}，没有`);
  });
}

async function checkNotices(report, space, session) {
  const heard = async (enough, wanted) => {
    const until = Date.now() + Math.min(NOTICE_WAIT_MS, Number(space.credentials.wait_s) * 1000);
    while (!enough(space.ear.of(need(session, "办完的绑定"))) && Date.now() < until) await sleep(200);
    const notices = space.ear.of(session);
    want(enough(notices), wanted, `${notices.length} 条`);
    return notices;
  };
  let first;
  await report.check("通知：来了，{event_id, session_id, state, status, occurred_at}", async () => {
    const [{ json }] = await heard((notices) => notices.length > 0, "至少一条通知");
    first = json;
    want(typeof json.event_id === "string" && json.event_id.length <= 200, "event_id：不超过 200 个字符的文本", kind(json.event_id));
    want(json.state === session.state, "state：原样带回", kind(json.state));
    want(STATUSES.includes(json.status), "status：约定的几种", String(json.status));
    want(isTime(json.occurred_at), "occurred_at：带时区的 RFC 3339 时间", kind(json.occurred_at));
  });
  await report.check("通知：带网关签名", async () => {
    need(first, "通知");
    for (const { headers } of space.ear.of(session))
      want(isSigned(space.credentials, headers), "四个头齐全，签名对，时间在 300 秒内", "不对的签名");
  });
  await report.check("通知：回 404 就再来，event_id 不变，nonce 换新", async () => {
    need(first, "通知");
    const again = (notices) => notices.filter((one) => one.json?.event_id === notices[0]?.json.event_id);
    const notices = again(await heard((all) => again(all).length > 1, "同一事件再来一次"));
    want(new Set(notices.map(({ headers }) => headers["x-tif-nonce"])).size === notices.length, "每次新的 nonce", "重复的 nonce");
  });
}

async function checkSigned(report, space, signed) {
  let authorization;
  await report.check("授权结果：authorization {code, signed_at, scope}", async () => {
    const news = need(signed, "办完的授权");
    want(news.status === "completed", "status：completed", news.status);
    const { authorization: one } = news;
    want(typeof one?.code === "string" && one.code.length > 0 && one.code.length <= 1000, "code：1–1000 个字符的文本", kind(one?.code));
    want(isTime(one.signed_at), "signed_at：带时区的 RFC 3339 时间", kind(one.signed_at));
    want(one.expires_at === undefined || one.expires_at === null || isTime(one.expires_at), "expires_at：没有，或 RFC 3339 时间", kind(one.expires_at));
    checkList(one.scope, isHolding, "scope");
    for (const [words, id_no] of [["家长", space.guardian.id_no], ["孩子", space.child.id_no]])
      want(one.scope.some((item) => item.type === "household_register" && item.holder_id_no === id_no), `scope 有${words}的 household_register`, `${kind(one.scope)}，没有`);
    authorization = one;
  });
  return authorization;
}

/** All checks of the space; gives the authorization that the e-license system is asked with. */
export async function checkSpace(report, space) {
  let session, done, toSign, signed;
  await report.check("会话：开一个绑定会话", async () => {
    session = await space.open("bind");
  });
  await report.check("会话：刚开的查得到，status created", async () => {
    const { status } = await space.read(need(session, "会话"));
    want(status === "created", "status：created", status);
  });
  await report.check("会话：没有的就是 404", async () => {
    const answer = await space.ask({ session_id: "00000000-0000-4000-8000-000000000000" });
    want(answer.status === 404, "HTTP 404", `HTTP ${answer.status}`);
  });
  await checkSignature(report, space, session);
  await report.check("状态：只向前走，办完是 completed", async () => {
    done = await space.finish(need(session, "会话"), { steps: ["identify", "complete"], words: "由家长本人刷脸，关联孩子，给孩子申领户口簿和身份电子凭证，然后返回。" });
  });
  await checkBound(report, space, done);
  await checkNotices(report, space, done && session);
  await report.check("会话：开一个授权会话", async () => {
    toSign = await space.open("authorize");
  });
  await report.check("状态：签署后是 completed", async () => {
    signed = await space.finish(need(toSign, "授权会话"), { steps: ["complete"], words: "由家长本人刷脸，添加孩子，勾选两人的户口簿，签署授权，然后返回。" });
  });
  const authorization = await checkSigned(report, space, signed);
  await report.check("状态：拒绝后是 denied，没有 authorization", async () => {
    if (space.credentials.drive !== "sandbox") skip("要人来点拒绝");
    const news = await space.finish(await space.open("authorize"), { steps: ["deny"], words: "" });
    want(news.status === "denied", "status：denied", news.status);
    want(!news.authorization, "没有 authorization", kind(news.authorization));
  });
  return authorization;
}
