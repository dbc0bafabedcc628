// One HTTP call as the platform makes it: a deadline over all, no redirects, JSON in and out. And an ear for notices.
import { createHash, randomBytes } from "node:crypto";
import { createServer, request as plain } from "node:http";
import { request as secure } from "node:https";
import { Difference, kind, want } from "./report.mjs";

const LIMIT_BYTES = 1 << 20;

/** {status, json, text}; json undefined where the body is none. */
export function call(credentials, method, url, { headers = {}, body } = {}) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const sending = url.startsWith("https:") ? secure : plain;
  const timeoutMs = Number(credentials.timeout_s) * 1000;
  return new Promise((done, failed) => {
    const lines = { Accept: "application/json", ...headers };
    if (text !== undefined) Object.assign(lines, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) });
    const sent = sending(url, { method, headers: lines, ca: credentials.ca }, (response) => {
      const parts = [];
      let size = 0;
      response.on("data", (part) => {
        parts.push(part);
        if ((size += part.length) > LIMIT_BYTES) sent.destroy(new Difference("应为 不超过 1 MiB 的应答，得到 更长的"));
      });
      response.on("error", failed);
      response.on("end", () => done({ status: response.statusCode, ...parse(Buffer.concat(parts).toString("utf8")) }));
    });
    const timer = setTimeout(() => sent.destroy(new Difference(`应为 ${timeoutMs / 1000} 秒内的应答，得到 没有应答`)), timeoutMs);
    sent.on("close", () => clearTimeout(timer));
    sent.on("error", (error) => failed(error instanceof Difference ? error : new Difference(`应为 应答，得到 断开的连接（${error.code}）`)));
    sent.end(text);
  });
}

function parse(text) {
  try {
    return { text, json: JSON.parse(text) };
  } catch (broken) {
    return { text, json: undefined };
  }
}

/** The answer is a JSON object under one of these statuses. */
export function object(answer, ...statuses) {
  want(statuses.includes(answer.status), `HTTP ${statuses.join(" 或 ")}`, `HTTP ${answer.status}`);
  want(answer.json !== null && typeof answer.json === "object" && !Array.isArray(answer.json), "JSON 对象",
    answer.json === undefined ? `不是 JSON 的 ${kind(answer.text)}` : kind(answer.json));
  return answer.json;
}

const sha256 = (text) => createHash("sha256").update(text).digest("hex").toUpperCase();

/** The gateway's four headers for a call made now; anything may be told otherwise, null leaves one out. */
export function signature(credentials, over = {}) {
  const { token = credentials.space_token, offsetS = 0, nonce = randomBytes(12).toString("hex"), isLower = false, without } = over;
  const timestamp = String(Math.floor(Date.now() / 1000) + offsetS);
  const signed = sha256(`${timestamp}${token}${nonce}${timestamp}`);
  const headers = { "x-tif-paasid": credentials.space_paasid, "x-tif-timestamp": timestamp, "x-tif-nonce": nonce,
    "x-tif-signature": isLower ? signed.toLowerCase() : signed };
  if (without) delete headers[without];
  return headers;
}

/** Do a notice's headers carry a signature of ours, made within the last 300 s? */
export function isSigned(credentials, headers) {
  const { "x-tif-timestamp": timestamp = "", "x-tif-nonce": nonce = "", "x-tif-signature": given = "" } = headers;
  return given.toUpperCase() === sha256(`${timestamp}${credentials.space_token}${nonce}${timestamp}`) &&
    Math.abs(Number(timestamp) - Date.now() / 1000) <= 300;
}

/** Listens for notices; the first of each event is not accepted, so that it must come again. */
export class Ear {
  static async open(credentials) {
    const ear = new Ear();
    const [host, port] = credentials.notify_listen.split(/:(?=\d+$)/);
    ear.heard = [];
    ear.server = createServer((request, response) => {
      const parts = [];
      request.on("data", (part) => parts.push(part));
      request.on("end", () => {
        const { text, json } = parse(Buffer.concat(parts).toString("utf8"));
        const isRepeat = ear.heard.some((one) => one.json?.event_id === json?.event_id);
        ear.heard.push({ headers: request.headers, text, json });
        response.writeHead(isRepeat ? 204 : 404).end();
      });
    });
    await new Promise((done, failed) => {
      ear.server.once("error", failed);
      ear.server.listen(Number(port), host, done);
    });
    ear.url = credentials.notify_url || `http://127.0.0.1:${ear.server.address().port}/notices`;
    return ear;
  }

  of(session) {
    return this.heard.filter((notice) => notice.json?.session_id === session.session_id);
  }

  close() {
    this.server.closeAllConnections?.();
    this.server.close();
  }
}

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
