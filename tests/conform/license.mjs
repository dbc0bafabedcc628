// The e-license system: failures in an HTTP 200, tokens, request_id, data_fields, archives.
import { randomUUID } from "node:crypto";
import { call, object } from "./call.mjs";
import { kind, need, skip, want } from "./report.mjs";

const TYPES = [["household_register", "户口簿"], ["real_estate", "不动产权"], ["birth_certificate", "出生医学证明"], ["identity_credential", "身份电子凭证"]];
const typeOf = ({ license_type, name }) => TYPES.find(([type, words]) => license_type === type || (name ?? "").includes(words))?.[0];
const isToken = (text) => typeof text === "string" && /^[A-Za-z0-9._~-]{1,128}$/.test(text);

/** JSON whose texts stand in single or double quotes, a backslash before what it escapes. Throws on anything else. */
export function readDataFields(text) {
  const out = [];
  for (let at = 0; at < text.length; at++) {
    const quote = text[at];
    if (quote !== "'" && quote !== '"') {
      out.push(quote);
      continue;
    }
    let inner = "";
    for (at++; text[at] !== quote; at++) {
      if (at >= text.length) throw new Error("没有收尾的引号");
      if (text[at] === "\\") {
        const escaped = text[++at];
        inner += escaped === "u" ? String.fromCharCode(parseInt(text.slice(at + 1, (at += 4) + 1), 16)) : { n: "\n", t: "\t", r: "\r" }[escaped] ?? escaped;
      } else inner += text[at];
    }
    out.push(JSON.stringify(inner));
  }
  return JSON.parse(out.join(""));
}

export class License {
  constructor(base, credentials) {
    Object.assign(this, { credentials, base, url: `${base}${credentials.license_path}/license-app/v1` });
  }

  logIn(over = {}) {
    const { license_app_key: app_key, license_app_secret: app_secret, license_account: account, license_password: password } = this.credentials;
    return call(this.credentials, "POST", `${this.url}/security/login`, { body: { app_key, app_secret, account, password, ...over } });
  }

  auth(token, holder, code, request_id) {
    return call(this.credentials, "POST", `${this.url}/license/auth?access_token=${token}`, { body: {
      identity_number: holder, service_item_code: this.credentials.license_service_item_code,
      service_item_name: this.credentials.license_service_item_name, biz_num: request_id, request_id, authorization_code: code,
      page_size: 100, page_index: 1,
    } });
  }

  get(what, token, authCode) {
    return call(this.credentials, "GET", `${this.url}/license/${what}?auth_code=${authCode}&access_token=${token}`);
  }
}

function success(answer) {
  const json = object(answer, 200);
  want(json.ack_code === "SUCCESS", "ack_code：SUCCESS", `${json.ack_code}（${json.errors?.[0]?.code ?? "没有 errors"}）`);
  return json;
}

/** A refusal in an HTTP 200, in words from which the platform knows what to do. */
function failure(answer, words, meaning) {
  const json = object(answer, 200);
  want(json.ack_code === "FAILURE", "ack_code：FAILURE", String(json.ack_code));
  want(Array.isArray(json.errors) && typeof json.errors[0]?.code === "string" && typeof json.errors[0]?.message === "string",
    "errors：[{code,message}]", kind(json.errors));
  if (words) want(words.test(`${json.errors[0].code} ${json.errors[0].message}`), `code 或 message 说到${meaning}`, json.errors[0].code);
}

async function checkAuth(report, license, token, code) {
  const { guardian_id_no: holder } = license.credentials;
  const request = randomUUID();
  let first, item;
  await report.check("取证：家长的证照清单，字段齐全", async () => {
    first = success(await license.auth(need(token, "令牌"), holder, need(code, "授权码"), request));
    want(Array.isArray(first.data), "data：数组", kind(first.data));
    item = first.data.find((one) => typeOf(one) === "household_register");
    want(item, "data 有户口簿（license_type 或 name 认得出）", `${kind(first.data)}，认不出`);
    want(isToken(item.auth_code), "auth_code：1–128 个 A-Za-z0-9._~-", kind(item.auth_code));
    want(item.holder_identity_num === undefined || item.holder_identity_num === holder, "holder_identity_num：持证人的号码", "另一个号码");
    want(item.license_status === undefined || item.license_status === "ISSUED", "license_status：ISSUED", String(item.license_status));
  });
  await report.check("取证：同一 request_id 再来，答复相同", async () => {
    const again = success(await license.auth(need(token, "令牌"), holder, need(first && code, "第一次的清单"), request));
    const codes = (json) => JSON.stringify((json.data ?? []).map(({ auth_code }) => auth_code).sort());
    want(codes(again) === codes(first), "同样的 auth_code", "另外的（崩溃后重取会要家长重新签署）");
  });
  await report.check("取证：授权码不对，FAILURE 说到授权", async () =>
    failure(await license.auth(need(token, "令牌"), holder, "no-such-code", randomUUID()), /AUTHORIZATION|AUTH_CODE|CONSENT|REVOKED|WITHDRAWN|授权|用证码/, "授权"));
  return item;
}

async function checkDocuments(report, license, token, item) {
  await report.check("证照：data_fields 是文本，里面是 JSON（单引号也行）", async () => {
    const { data } = success(await license.get("get_license", need(token, "令牌"), need(item, "用证码").auth_code));
    want(typeof data?.data_fields === "string", "data_fields：文本", kind(data?.data_fields));
    let fields;
    try {
      fields = readDataFields(data.data_fields);
    } catch (unreadable) {
      want(false, "读得出的 JSON", `读不出（${unreadable.message}）`);
    }
    for (const name of ["CYRMC", "CYRSFZJHM"]) want(typeof fields[name] === "string", `data_fields 有 ${name}`, `没有，只有 ${Object.keys(fields).join(",")}`);
    want(fields.CYRSFZJHM === license.credentials.guardian_id_no, "CYRSFZJHM：持证人的号码", "另一个号码");
  });
  await report.check("归档：file_name，file_data 是 base64 的 PDF 或 OFD", async () => {
    const { data } = success(await license.get("archive", need(token, "令牌"), need(item, "用证码").auth_code));
    want(typeof data?.file_name === "string", "file_name：文本", kind(data?.file_name));
    want(typeof data.file_data === "string", "file_data：文本", kind(data.file_data));
    const bytes = Buffer.from(data.file_data, "base64");
    want(bytes.subarray(0, 5).toString() === "%PDF-" || bytes.subarray(0, 2).toString() === "PK", "PDF 或 OFD 文件", `${bytes.length} 字节，都不是`);
  });
  await report.check("证照：用证码不对，FAILURE 说到用证码", async () =>
    failure(await license.get("get_license", need(token, "令牌"), "no-such-auth-code"), /AUTH_CODE|用证码|授权|NOT_FOUND|不存在/, "用证码"));
}

/** All checks of the e-license system, with an authorization that the space has given. */
export async function checkLicense(report, license, authorization) {
  let token;
  await report.check("登录：给令牌", async () => {
    const json = success(await license.logIn());
    want(isToken(json.access_token), "access_token：1–128 个 A-Za-z0-9._~-", kind(json.access_token));
    token = json.access_token;
  });
  await report.check("登录：密码不对，HTTP 200 里 FAILURE", async () => failure(await license.logIn({ password: "wrong" })));
  const item = await checkAuth(report, license, token, authorization?.code);
  await checkDocuments(report, license, token, item);
  await report.check("令牌：不对的，FAILURE 说到 access_token", async () =>
    failure(await license.get("get_license", "no-such-token", need(item, "用证码").auth_code), /ACCESS_TOKEN|access_token/, " access_token"));
  await report.check("令牌：过期的同样 FAILURE，重新登录就好", async () => {
    if (license.credentials.drive !== "sandbox") skip("要等令牌过期");
    need(item, "用证码");
    want((await call(license.credentials, "DELETE", `${license.base}/control/tokens`)).status === 204, "沙盒照办", "没有");
    failure(await license.get("get_license", token, item.auth_code), /ACCESS_TOKEN|access_token/, " access_token");
    success(await license.get("get_license", success(await license.logIn()).access_token, item.auth_code));
  });
}
