// A browser as far as the API sees one: a cookie jar, our Origin, JSON in and out. Every answer under /api/ is held against
// conf/openapi.yaml as it comes in.
import assert from "node:assert/strict";
import http from "node:http";
import https from "node:https";
import { checkAnswer } from "./openapi.mjs";
import { key } from "./people.mjs";

const agents = new Map([["http:", [http, new http.Agent({ keepAlive: true, maxSockets: 256 })]], ["https:", [https, new https.Agent({ keepAlive: true, maxSockets: 256 })]]]);

export class Client {
  /** address: where the browser sits, one of 127.0.0.0/8. */
  constructor(instance, { userAgent = "Mozilla/5.0 (Linux; Android 14) test", address } = {}) {
    this.instance = instance;
    this.address = address;
    this.origin = instance.url;
    this.site = new URL(instance.url);
    this.userAgent = userAgent;
    this.cookies = new Map();
  }

  /**
   * One request. body: an object is sent as JSON, text and buffers as they are; headers: an object or a list of pairs (for
   * repeated ones), null takes a usual one away. Answers {status, headers, text, json}.
   */
  async send(method, path, { body, headers = {}, isChunked = false, isChecked = true, timeoutMs = 20000 } = {}) {
    const payload = body === undefined || typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const lines = this.headerLines(method, payload, headers, isChunked);
    const [{ request }, agent] = agents.get(this.site.protocol);
    const answer = await new Promise((done, failed) => {
      const sent = request({ host: "127.0.0.1", port: this.instance.port, localAddress: this.address, method, path, headers: lines, agent, timeout: timeoutMs,
        servername: this.site.hostname, ca: this.instance.ca },
        (response) => {
          const parts = [];
          response.on("data", (part) => parts.push(part));
          response.on("error", failed);
          response.on("end", () => done({ status: response.statusCode, headers: response.headers, bytes: Buffer.concat(parts) }));
        });
      sent.on("timeout", () => sent.destroy(new Error(`${method} ${path}: no answer in ${timeoutMs} ms`)));
      // On a kept connection the server may have hung up meanwhile: then a browser asks again.
      sent.on("error", (error) => failed(Object.assign(error, { isStale: sent.reusedSocket })));
      sent.end(payload);
    });
    answer.text = answer.bytes.toString("utf8");
    const isJson = answer.text !== "" && /\bjson\b/.test(answer.headers["content-type"] ?? "");
    answer.json = isJson ? JSON.parse(answer.text) : undefined;
    this.keepCookies(answer.headers["set-cookie"] ?? []);
    if (isChecked && path.startsWith("/api/")) checkAnswer(method, path, answer);
    return answer;
  }

  headerLines(method, payload, headers, isChunked) {
    const own = Array.isArray(headers) ? headers : Object.entries(headers);
    const isOwn = (name) => own.some(([given]) => given.toLowerCase() === name.toLowerCase());
    const usual = [["Host", this.site.host], ["User-Agent", this.userAgent]];
    if (!["GET", "HEAD"].includes(method)) usual.push(["Origin", this.origin]);
    if (payload !== undefined) {
      usual.push(["Content-Type", "application/json"]);
      usual.push(isChunked ? ["Transfer-Encoding", "chunked"] : ["Content-Length", String(Buffer.byteLength(payload))]);
    }
    const jar = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    if (jar) usual.push(["Cookie", jar]);
    return [...usual.filter(([name]) => !isOwn(name)), ...own.filter(([, value]) => value !== null)].flat();
  }

  keepCookies(lines) {
    for (const line of lines) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (/max-age=0/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }

  get(path, options) {
    return this.send("GET", path, options);
  }

  post(path, body, options) {
    return this.send("POST", path, { body, ...options });
  }

  put(path, body, options) {
    return this.send("PUT", path, { body, ...options });
  }

  patch(path, body, options) {
    return this.send("PATCH", path, { body, ...options });
  }

  delete(path, options) {
    return this.send("DELETE", path, options);
  }

  /** POST with a fresh Idempotency-Key, or the one given. */
  once(path, body, idempotencyKey = key()) {
    return this.send("POST", path, { body, headers: { "Idempotency-Key": idempotencyKey } });
  }
}

/** The answer is this status, and if it is a problem, of this code. Returns the answer. */
export function expect(answer, status, code) {
  assert.equal(answer.status, status, `expected ${status}${code ? ` ${code}` : ""}, got ${answer.status}: ${answer.text.slice(0, 600)}`);
  if (code) assert.equal(answer.json?.code, code, answer.text.slice(0, 600));
  return answer;
}

/** The answer is 422 and names exactly these fields: {field: code}. */
export function expectFields(answer, fields) {
  expect(answer, 422, "validation_failed");
  assert.deepEqual(Object.fromEntries(answer.json.errors.map((error) => [error.field, error.code])), fields);
  return answer;
}
