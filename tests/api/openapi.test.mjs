// conf/openapi.yaml is the contract: it is OpenAPI 3.1, and says neither more nor less than the executables' route tables.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Client, expect } from "../harness/client.mjs";
import { Instance } from "../harness/instance.mjs";
import { openapi, operations } from "../harness/openapi.mjs";

const instance = await Instance.shared();
const executables = ["register", "session", "wechat", "recover", "bind", "license", "enroll", "content"];

async function routes(name) {
  const { stdout } = await promisify(execFile)(instance.executable(name), ["--routes"]);
  return stdout.trim().split("\n");
}

test("openapi.yaml is valid OpenAPI 3.1", async () => {
  const validator = new Validator();
  const result = await validator.validate(structuredClone(openapi));
  assert.ok(result.valid, JSON.stringify(result.errors, null, 2));
  assert.equal(validator.version, "3.1");
});

test("every route of the executables is described, and nothing else is", async () => {
  const served = (await Promise.all(executables.map(routes))).flat().sort();
  // What a segment is called is nobody's contract.
  const shape = (line) => line.replace(/\{[^}]+\}/g, "{}");
  assert.deepEqual(operations().map(shape).sort(), [...new Set(served.map(shape))].sort());
});

test("each path is served by the executable that its tag names", async () => {
  for (const name of executables) {
    const own = operations().filter((operation) => {
      const [method, path] = operation.split(" ");
      return openapi.paths[path][method.toLowerCase()].tags[0] === name;
    });
    assert.equal(own.length, new Set((await routes(name)).map((line) => line.replace(/\{[^}]+\}/g, "{}"))).size, name);
  }
});

test("every executable answers its health to this machine", async () => {
  const client = new Client(instance);
  for (const name of executables) {
    const { json } = expect(await client.get(`/api/${name}/health`), 200);
    assert.deepEqual([json.status, json.database, typeof json.outbound], ["ok", "ok", "object"]);
  }
});

test("HEAD is GET without the body", async () => {
  const client = new Client(instance);
  const { headers, text } = expect(await client.send("HEAD", "/api/season"), 200);
  assert.equal(text, "");
  assert.equal(headers["content-type"], "application/json");
});

test("a path that nobody serves is a 404 problem, in whatever case it is written", async () => {
  const client = new Client(instance);
  for (const path of ["/api", "/api/", "/api/nobody", "/API/session", "/api/registerx", "/api/register/x/y", "/api/session%2F"])
    expect(await client.get(path), 404, "not_found");
});

test("a method that a path does not have is a 405 problem with Allow", async () => {
  const client = new Client(instance);
  const { headers } = expect(await client.put("/api/session", {}), 405, "method_not_allowed");
  assert.deepEqual(headers.allow.split(", ").sort(), ["DELETE", "GET", "HEAD", "POST"]);
});
