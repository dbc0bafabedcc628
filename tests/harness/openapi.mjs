// conf/openapi.yaml as a judge: is this answer one that it describes?
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { parse } from "yaml";

const file = join(fileURLToPath(import.meta.url), "../../../conf/openapi.yaml");
export const openapi = parse(readFileSync(file, "utf8"));

const ajv = new Ajv.default({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(openapi, "openapi");
const validators = new Map();

// "/api/bindings/return" before "/api/bindings/{id}": fewer variables first.
const paths = Object.keys(openapi.paths)
  .map((path) => ({ path, pattern: new RegExp(`^${path.replace(/[.]/g, "\\.").replace(/\{[^}]+\}/g, "[^/]+")}$`) }))
  .sort((a, b) => a.path.split("{").length - b.path.split("{").length);

const pointer = (...parts) => "#/" + parts.map((part) => String(part).replace(/~/g, "~0").replace(/\//g, "~1")).join("/");

function resolve(node, at) {
  while (node?.$ref) {
    at = node.$ref;
    node = node.$ref.slice(2).split("/").reduce((inside, part) => inside[part.replace(/~1/g, "/").replace(/~0/g, "~")], openapi);
  }
  return { node, at };
}

function validate(at, value) {
  if (!validators.has(at)) validators.set(at, ajv.compile({ $ref: `openapi${encodeURI(at)}` }));
  const check = validators.get(at);
  return check(value) ? [] : check.errors.map((error) => `${error.instancePath || "/"} ${error.message} ${JSON.stringify(error.params)}`);
}

/** Every "METHOD /path" that is described. */
export function operations() {
  const methods = ["get", "post", "put", "patch", "delete"];
  return Object.entries(openapi.paths).flatMap(([path, item]) =>
    methods.filter((method) => item[method]).map((method) => `${method.toUpperCase()} ${path}`));
}

/** Throw if an answer is not what openapi.yaml says. */
export function checkAnswer(method, target, { status, headers, text, json }) {
  const path = target.split("?")[0];
  const faults = faultsOf(method === "HEAD" ? "GET" : method, path, { status, headers, text: method === "HEAD" ? "" : text, json }, method === "HEAD");
  if (faults.length > 0)
    throw new Error(`${method} ${path} → ${status} is not what openapi.yaml says:\n  ${faults.join("\n  ")}\n  ${text.slice(0, 800)}`);
}

function faultsOf(method, path, { status, headers, text, json }, isHead) {
  const type = (headers["content-type"] ?? "").split(";")[0];
  const known = paths.find(({ pattern }) => pattern.test(path));
  const operation = known && openapi.paths[known.path][method.toLowerCase()];

  // Refused before any operation was met, by nginx or by the router: a problem all the same.
  const responses = operation
    ? ["paths", known.path, method.toLowerCase(), "responses"]
    : ["components", "responses"];
  const name = operation ? (operation.responses[status] ? String(status) : "default") : "Problem";
  if (!operation && status < 400) return ["nothing is described here"];
  if (status < 400 && name === "default") return [`status ${status} is not described`];

  const { node: response, at } = resolve(operation ? operation.responses[name] : openapi.components.responses.Problem, pointer(...responses, name));
  const faults = [];
  for (const [header, { required, schema }] of Object.entries(response.headers ?? {})) {
    const value = headers[header.toLowerCase()];
    if (value === undefined ? required : schema.pattern && !new RegExp(schema.pattern).test(value))
      faults.push(`header ${header} is ${value}`);
  }
  if (isHead) return faults;
  if (!response.content) return text === "" ? faults : [...faults, "a body where none is described"];
  const media = response.content[type];
  if (!media) return [...faults, `content type ${type} is not described`];
  if (!media.schema) return faults;
  if (json.status !== undefined && type === "application/problem+json" && json.status !== status)
    faults.push(`the problem says status ${json.status}`);
  return [...faults, ...validate(`${at}/content/${type.replace(/\//g, "~1")}/schema`, json)];
}
