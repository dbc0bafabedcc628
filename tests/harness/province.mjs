// The platform's part towards the sandbox, played by a test: calls with the gateway's signature, and an ear for notices.
import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { Client, expect } from "./client.mjs";
import { until } from "./instance.mjs";

export const secret = async (instance, name) => (await readFile(join(instance.state, "secrets", name), "utf8")).replace(/\n$/, "");

/** A value of the instance's configuration. */
export async function setting(instance, key) {
  const text = await readFile(join(instance.state, "enroll.conf"), "utf8");
  return text.split("\n").map((line) => /^(\w+) = (.*)$/.exec(line)).find((found) => found?.[1] === key)[2];
}

/** The gateway's headers for a call made now; anything may be told otherwise. */
export async function signature(instance, { token, timestamp = Math.floor(Date.now() / 1000), nonce = randomBytes(12).toString("hex") } = {}) {
  const key = token ?? (await secret(instance, "space_token"));
  const hash = createHash("sha256").update(`${timestamp}${key}${nonce}${timestamp}`).digest("hex").toUpperCase();
  return {
    "x-tif-paasid": await setting(instance, "space_paasid"),
    "x-tif-timestamp": String(timestamp), "x-tif-nonce": nonce, "x-tif-signature": hash,
  };
}

/** Listens for notices. answer(notice) gives the status to answer with, 204 if it gives none. */
export class Ear {
  static async open(answer = () => 204) {
    const ear = new Ear();
    ear.heard = [];
    ear.server = createServer((request, response) => {
      const parts = [];
      request.on("data", (part) => parts.push(part));
      request.on("end", () => {
        const notice = { headers: request.headers, text: Buffer.concat(parts).toString("utf8") };
        ear.heard.push(notice);
        response.writeHead(answer(notice, ear.heard.length) ?? 204).end();
      });
    });
    await new Promise((done) => ear.server.listen(0, "127.0.0.1", done));
    ear.url = `http://127.0.0.1:${ear.server.address().port}/notices`;
    return ear;
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }

  statuses() {
    return this.heard.map(({ text }) => JSON.parse(text).status);
  }

  /** Wait until that many have come. */
  async expect(number, timeoutMs = 5000) {
    await until(`${number} notices come`, () => this.heard.length >= number, timeoutMs);
  }
}

/** The province as the platform calls it. */
export class Province {
  constructor(instance) {
    this.instance = instance;
    this.client = new Client(instance);
  }

  /** Open a session; unless told, its notices go where nobody wants them. */
  async open({ guardian, children }, { purpose = "bind", notify_url = `${this.instance.url}/sandbox/nobody`, licenses } = {}) {
    const body = {
      purpose, state: randomBytes(8).toString("hex"), return_url: `${this.instance.url}/bind#code=c&id=i`, notify_url, guardian,
      students: children,
      licenses: licenses ?? (purpose === "bind" ? ["household_register", "identity_credential"] : ["household_register", "real_estate"]),
    };
    const answer = await this.client.post("/sandbox/space-api/v1/sessions", body, { headers: await signature(this.instance) });
    return { ...expect(answer, 200).json, state: body.state, return_url: body.return_url };
  }

  async ask(session, options) {
    const path = `/sandbox/space-api/v1/sessions/${session.session_id}`;
    return this.client.get(path, { headers: await signature(this.instance), ...options });
  }

  async read(session) {
    return expect(await this.ask(session), 200).json;
  }

  act(session, body) {
    return this.client.post(`/sandbox/control/sessions/${session.session_id}`, body);
  }

  async family(body) {
    expect(await this.client.post("/sandbox/control/families", body), 201);
  }

  async fault(target, fault, more = {}) {
    expect(await this.client.post("/sandbox/control/faults", { target, fault, ...more }), 204);
  }

  /** Log in to the e-license system. */
  async logIn(over = {}) {
    const { json } = expect(await this.client.post("/sandbox/license-app/v1/security/login", {
      app_key: await setting(this.instance, "license_app_key"), app_secret: await secret(this.instance, "license_app_secret"),
      account: await setting(this.instance, "license_account"), password: await secret(this.instance, "license_password"), ...over,
    }), 200);
    return json;
  }

  /** Ask which licences a code opens for a holder. */
  async auth(access_token, authorization_code, identity_number, request_id, paging = { page_size: 20, page_index: 1 }) {
    return expect(await this.client.post(`/sandbox/license-app/v1/license/auth?access_token=${access_token}`, {
      identity_number, service_item_code: "1", service_item_name: "入学报名", biz_num: "1", request_id, authorization_code, ...paging,
    }), 200).json;
  }

  async fetch(what, access_token, auth_code) {
    const path = `/sandbox/license-app/v1/license/${what}?auth_code=${auth_code}&access_token=${access_token}`;
    return expect(await this.client.get(path), 200).json;
  }
}
