// What every endpoint does with a request before it looks at what it says, through the real nginx.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { Client, expect, expectFields } from "../harness/client.mjs";
import { Instance, until } from "../harness/instance.mjs";
import { family, key, registration } from "../harness/people.mjs";
import { registered, routed } from "../harness/road.mjs";

const instance = await Instance.shared();
const client = () => new Client(instance);
const withKey = () => ({ headers: { "Idempotency-Key": key() } });

/** A registration filled up to a size with blanks, which JSON allows at its end. */
const sized = (bytes, body = registration(family())) => {
  const text = JSON.stringify(body);
  return text + " ".repeat(bytes - Buffer.byteLength(text));
};

/** Send bytes as they are; the answer as text, once it is whole. */
function raw(text) {
  return new Promise((done, failed) => {
    let answer = Buffer.alloc(0);
    const socket = connect(instance.port, "127.0.0.1", () => socket.write(text));
    socket.setTimeout(10000, () => socket.destroy(new Error("no answer")));
    socket.on("data", (data) => {
      answer = Buffer.concat([answer, data]);
      const [, length] = /content-length: (\d+)/i.exec(answer) ?? [];
      if (length === undefined || answer.length < answer.indexOf("\r\n\r\n") + 4 + Number(length)) return;
      socket.destroy();
      done(answer.toString("utf8"));
    });
    socket.on("error", failed);
  });
}

test("bodies of 65,535 and 65,536 bytes are judged by their content, one of 65,537 is too large", async () => {
  expect(await client().post("/api/register", sized(65535), withKey()), 201);
  expect(await client().post("/api/register", sized(65536), withKey()), 201);
  expect(await client().post("/api/register", sized(65537), withKey()), 413, "too_large");
  const { detail } = expect(await client().post("/api/register", sized(300000), withKey()), 413, "too_large").json;
  assert.match(detail, /[一-龥]/);
});

test("a chunked body is answered like one with a length", async () => {
  expect(await client().post("/api/register", registration(family()), { ...withKey(), isChunked: true }), 201);
  expect(await client().post("/api/register", sized(65536), { ...withKey(), isChunked: true }), 201);
  expect(await client().post("/api/register", sized(65537), { ...withKey(), isChunked: true }), 413, "too_large");
  expect(await client().post("/api/register", {}, { ...withKey(), isChunked: true }), 422, "validation_failed");
});

test("a header that must be single and is not is 400", async () => {
  const body = registration(family());
  const own = [["Origin", instance.url], ["Content-Type", "application/json"], ["Idempotency-Key", key()]];
  for (const [name, value] of own) {
    const twice = await client().post("/api/register", body, { headers: [...own, [name, value]] });
    expect(twice, 400, "malformed_request");
  }
  const { client: parent, students: [{ id }] } = await routed(instance);
  const match = [["If-Match", '"0"'], ["If-Match", '"1"']];
  expect(await parent.put(`/api/applications/${id}/sections/student`, {}, { headers: match }), 400, "malformed_request");
});

test("the health answer goes to this machine's own questions, under one spelling of its path", async () => {
  for (const path of ["/API/register/health", "/api/register/Health", "/api/register/health/", "/api/register/health/x", "/api/register%2Fhealth%2F"])
    assert.ok([400, 404].includes((await client().get(path)).status), path);
  // Merged and decoded it is the same path, and judged as that.
  expect(await client().get("//api//register/%68ealth"), 200);
  expect(await client().get("/api/session%00"), 400, "malformed_request");
});

test("60,000 brackets are 400, and the process lives to answer the next", async () => {
  const before = await instance.pids();
  expect(await client().post("/api/register", "[".repeat(60000), withKey()), 400, "malformed_request");
  expect(await client().post("/api/session", `{"phone":${"[".repeat(60000)}`), 400, "malformed_request");
  expect(await client().post("/api/session", `{"phone":${"{\"a\":".repeat(9000)}`), 400, "malformed_request");
  expect(await client().get("/api/season"), 200);
  const now = await instance.pids();
  for (const name of ["register", "session"]) assert.equal(now.get(name), before.get(name));
});

test("JSON numbers where text belongs are named beside their fields", async () => {
  const { student_id_no: _, phone: __, ...rest } = registration(family());
  const text = JSON.stringify(rest).replace(/\}$/, ',"student_id_no":441402202106159910,"phone":19900000001}');
  expectFields(await client().post("/api/register", text, withKey()), { student_id_no: "type", phone: "type" });
  expectFields(await client().post("/api/session", '{"phone":1e400,"password":[]}'), { phone: "type", password: "type" });
});

test("what nginx refuses by itself is a problem too, with a reference that stands in its log", async () => {
  const refused = [
    ["GET /api/session HTTP/1.1\r\nHost: localhost\r\nX-Long: " + "x".repeat(40000) + "\r\n\r\n", 400],
    [`GET /api/${"x".repeat(40000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 400],
    ["GET /api/session HTTP/1.1\r\n\r\n", 400],
    ["GET /api/%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400],
    ["GET /api/session HTTP/3.1\r\nHost: localhost\r\n\r\n", 400],
    ["TRACE /api/session HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 405],
    ["POST /api/register HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\nConnection: close\r\n\r\n", 413],
  ];
  for (const [request, status] of refused) {
    const answer = await raw(request);
    const label = `${request.slice(0, 40)}: ${answer.slice(0, 300)}`;
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `), label);
    assert.match(answer, /Content-Type: application\/problem\+json/, label);
    const problem = JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4));
    assert.equal(problem.status, status);
    assert.match(problem.ref, /^\d{8}$/);
    // nginx writes its line when it has closed the connection, a moment after the answer.
    await until(label, async () => (await readFile(join(instance.state, "log/access.log"), "utf8")).includes(`"ref":"${problem.ref}"`));
  }
});

test("one reference stands in the answer, nginx's log, the executable's log and the audit trail", async () => {
  const { people } = await registered(instance);
  const { json } = expect(await client().post("/api/session", { phone: people.phone, password: "Wrong-0000" }), 401, "bad_credentials");
  const read = (name) => readFile(join(instance.state, "log", name), "utf8");
  assert.ok((await read("access.log")).includes(json.ref));
  assert.ok((await read("session.log")).includes(json.ref));
  assert.equal((await instance.sql(`select outcome from enroll.audit where ref = '${json.ref}'`)).length, 1);
});

test("references differ", async () => {
  const refs = await Promise.all(Array.from({ length: 200 }, async () => (await client().get("/api/nobody")).json.ref));
  assert.ok(new Set(refs).size > 195, String(new Set(refs).size));
});

test("the order of refusals: 404, 405, 413, repeated header, origin, type, key, JSON, session, fields", async () => {
  const huge = " ".repeat(70000);
  const foreign = [["Origin", "https://i.example"]];
  const { client: parent, students: [{ id }] } = await routed(instance);
  const stranger = client();
  expect(await stranger.post("/api/nobody", huge, { headers: foreign }), 404, "not_found");
  expect(await stranger.put("/api/register", sized(66000), { headers: foreign }), 405, "method_not_allowed");
  expect(await stranger.post("/api/register", sized(66000), { headers: [...foreign, ["Content-Type", "text/plain"]] }), 413, "too_large");
  expect(await stranger.post("/api/register", "{", { headers: [...foreign, ...foreign] }), 400, "malformed_request");
  expect(await stranger.post("/api/register", "{", { headers: [...foreign, ["Content-Type", "text/plain"]] }), 403, "wrong_origin");
  expect(await stranger.post("/api/register", "{", { headers: [["Origin", null]] }), 403, "wrong_origin");
  expect(await stranger.post("/api/register", "{", { headers: { "Content-Type": "text/plain" } }), 415, "unsupported_media_type");
  expect(await stranger.post("/api/register", "{"), 400, "malformed_request");
  expect(await stranger.post("/api/students", "{"), 400, "malformed_request");
  expect(await stranger.post("/api/students", { nobody: 1 }), 401, "not_signed_in");
  expect(await parent.post("/api/students", { nobody: 1 }), 422, "validation_failed");
  expect(await parent.put(`/api/applications/${id}/sections/student`, {}), 428, "precondition_required");
});

test("an answer that carries an ETag is not compressed on the way, and none of a parent's is kept", async () => {
  const { client: parent, students: [{ id }] } = await routed(instance);
  const { headers } = expect(await parent.get(`/api/applications/${id}`, { headers: { "Accept-Encoding": "gzip, br" } }), 200);
  assert.equal(headers["content-encoding"], undefined);
  assert.match(headers.etag, /^"\d+"$/);
  for (const path of ["/api/session", `/api/applications/${id}`]) assert.match((await parent.get(path)).headers["cache-control"], /no-store/);
  expect(await parent.put(`/api/applications/${id}/sections/student`, { ethnicity: "01" }, { headers: { "If-Match": `W/${headers.etag}` } }), 200);
});

test("a client's own headers about who it is change nothing", async () => {
  const forged = { "X-Forwarded-For": "8.8.8.8", "X-Real-IP": "8.8.8.8", Forwarded: "for=8.8.8.8", Host: `localhost:${instance.port}`, "X-Ref": "12345678" };
  const { json } = expect(await client().get("/api/session", { headers: forged }), 401, "not_signed_in");
  assert.notEqual(json.ref, "12345678");
  expect(await client().get("/api/register/health", { headers: forged }), 200);
});
