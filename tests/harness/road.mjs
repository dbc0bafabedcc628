// The parent's road through the API, in whole steps, for tests whose point lies further on.
import { Client, expect } from "./client.mjs";
import { until } from "./instance.mjs";
import { family, registration } from "./people.mjs";

/** What the sandbox's pages would do in a session: complete, forget_child, identify or deny. */
export async function sandboxDo(client, launched, body) {
  const id = new URL(launched.launch_url).pathname.split("/").pop();
  expect(await client.post(`/sandbox/control/sessions/${id}`, body), 204);
}

/** What the sandbox has sent to the parent's browser: the one-time code of the return_url's fragment. */
export async function returnCode(client, launched) {
  const id = new URL(launched.launch_url).pathname.split("/").pop();
  const { json } = expect(await client.get(`/sandbox/control/sessions/${id}`), 200);
  return new URLSearchParams(new URL(json.return_url).hash.slice(1)).get("code");
}

/** An account: registered, not signed in. */
export async function registered(instance, options) {
  const client = new Client(instance);
  const people = family(options);
  expect(await client.once("/api/register", registration(people)), 201);
  return { client, people };
}

/** Registered, its further children added, signed in. */
export async function signedIn(instance, options) {
  const { client, people } = await registered(instance, options);
  expect(await client.post("/api/session", { phone: people.phone, password: people.password }), 200);
  for (const child of people.children.slice(1)) expect(await client.post("/api/students", { ...child, consent: true }), 201);
  return { client, people, students: await students(client) };
}

export async function students(client) {
  return expect(await client.get("/api/session"), 200).json.students;
}

/** Signed in, register_place told: on route licences, or as told. */
export async function routed(instance, { register_place = "guangdong", ...options } = {}) {
  const parent = await signedIn(instance, options);
  for (const { id } of parent.students) expect(await parent.client.patch(`/api/students/${id}`, { register_place }), 200);
  return { ...parent, students: await students(parent.client) };
}

/** Launch a binding or an authorization, do it in the sandbox, come back, and wait for the result. */
export async function launch(client, kind, body = { do: "complete" }, request = {}) {
  const launched = expect(await client.post(`/api/${kind}`, request), 201).json;
  await sandboxDo(client, launched, body);
  const code = await returnCode(client, launched);
  expect(await client.post(`/api/${kind}/return`, { code }), 200);
  return until(`${kind} settle`, async () => {
    const { json } = expect(await client.get(`/api/${kind}/${launched.id}`), 200);
    return json.status !== "pending" && json;
  }, 20000, 100);
}

/** All the way to a draft that may be written. */
export async function authorized(instance, options) {
  const parent = await routed(instance, options);
  await launch(parent.client, "bindings");
  await launch(parent.client, "authorizations");
  return { ...parent, students: await students(parent.client) };
}

/** The sections of a complete application for a family (its first child, unless told). */
export async function completeSections(client, people) {
  const { schools } = expect(await client.get("/api/schools"), 200).json;
  const address = "梅州市梅江区金山街道示例路1号";
  const { name, id_no } = people.guardian;
  return {
    student: { ethnicity: "01", nationality: "中国", birthplace: "广东省梅州市", health: "良好" },
    household: { kind: "家庭户", head_name: name, relation_to_head: "20", address, moved_in_on: "2015-03-01" },
    residence: { same_as_household: true, kind: "own", certificate_kind: "real_estate",
      certificate_no: "粤(2021)梅州市不动产权第0012345号", owner_name: name, owner_relation: "51", since: "2016-05-01" },
    guardians: [{ relation: "51", name, id_no, phone: people.phone }],
    wishes: { schools: [schools[0].id], accept_arrangement: true },
  };
}

/** Write every section of a student's application. Returns the last answer's JSON: {version, problems}. */
export async function filled(client, people, student, sections) {
  let { version } = expect(await client.get(`/api/applications/${student.id}`), 200).json;
  let last;
  for (const [section, body] of Object.entries(sections ?? (await completeSections(client, people)))) {
    last = expect(await client.put(`/api/applications/${student.id}/sections/${section}`, body, { headers: { "If-Match": `"${version}"` } }), 200).json;
    version = last.version;
  }
  return last;
}
