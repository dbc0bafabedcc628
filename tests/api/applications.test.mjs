// An application from the empty draft to the receipt: saved before it is judged, submitted once, taken back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, expect, expectFields } from "../harness/client.mjs";
import { Instance, until } from "../harness/instance.mjs";
import { facts, guardianIdNo, idNo, key, name, phone } from "../harness/people.mjs";
import { authorized, completeSections, filled, routed, signedIn } from "../harness/road.mjs";

const instance = await Instance.shared();
const materials = () => routed(instance, { register_place: "other_province" });
const path = (student, rest = "") => `/api/applications/${student.id}${rest}`;
const read = async (parent, student = parent.students[0]) => expect(await parent.client.get(path(student)), 200).json;
const save = (parent, section, body, version, student = parent.students[0]) =>
  parent.client.put(path(student, `/sections/${section}`), body, { headers: { "If-Match": `"${version}"` } });
const submit = (parent, idempotencyKey = key(), body = {}, student = parent.students[0]) =>
  parent.client.once(path(student, "/submit"), body, idempotencyKey);
const codes = (problems) => Object.fromEntries(problems.map(({ section, field, code }) => [`${section}.${field}`, code]));

test("an application never saved is an empty draft of version 0 that says what it lacks", async () => {
  const parent = await materials();
  const answer = expect(await parent.client.get(path(parent.students[0])), 200);
  assert.equal(answer.headers.etag, '"0"');
  const { status, version, sections, problems, verify_in_person } = answer.json;
  assert.deepEqual({ status, version, verify_in_person }, { status: "draft", version: 0, verify_in_person: true });
  assert.deepEqual(sections.household, {});
  assert.equal(codes(problems)["student.ethnicity"], "required");
  assert.equal(codes(problems)["residence.address"], "required");
  assert.ok(problems.every(({ message }) => message.length > 0));
});

test("a section is saved before it is judged, and comes back as it was typed", async () => {
  const parent = await materials();
  const { version, problems } = expect(await save(parent, "household", { moved_in_on: "2019-13-01", address: " 梅江区 " }, 0), 200).json;
  assert.equal(version, 1);
  assert.equal(codes(problems)["household.moved_in_on"], "format");
  assert.equal(codes(problems)["household.head_name"], "required");
  assert.deepEqual((await read(parent)).sections.household, { moved_in_on: "2019-13-01", address: "梅江区" });
});

test("only what cannot be kept is refused, and then nothing is saved", async () => {
  const parent = await materials();
  expectFields(await save(parent, "student", { income: "1", health: 3, birthplace: "梅".repeat(201) }, 0),
    { income: "unknown", health: "type", birthplace: "too_long" });
  expectFields(await save(parent, "wishes", { schools: ["x"], care: {} }, 0), { schools: "format", care: "type" });
  expectFields(await save(parent, "guardians", [{}, {}, {}], 0), { guardians: "too_long" });
  expectFields(await save(parent, "guardians", [{ employer: "某厂", post: "" }], 0), { "0.employer": "unknown", "0.post": "unknown" });
  expect(await save(parent, "income", {}, 0), 404, "not_found");
  assert.equal((await read(parent)).version, 0);
});

test("without If-Match 428; of two tabs the older learns of the conflict and overwrites nothing", async () => {
  const parent = await materials();
  expect(await parent.client.put(path(parent.students[0], "/sections/student"), {}), 428, "precondition_required");
  expect(await save(parent, "student", { health: "良好" }, 0), 200);
  expect(await save(parent, "student", { health: "一般" }, 0), 409, "version_conflict");
  expect(await parent.client.put(path(parent.students[0], "/sections/student"), {}, { headers: { "If-Match": '"a"' } }), 409, "version_conflict");
  assert.equal((await read(parent)).sections.student.health, "良好");
  // The same save again, because its answer was lost, is not a conflict; W/ in front is understood.
  const again = await parent.client.put(path(parent.students[0], "/sections/student"), { health: "良好" }, { headers: { "If-Match": 'W/"0"' } });
  assert.equal(expect(again, 200).json.version, 1);
});

test("ten saves at once of one version: one is kept", async () => {
  const parent = await materials();
  const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => save(parent, "student", { health: `第${i}` }, 0)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  assert.equal(answers.filter(({ status }) => status === 409).length, 9);
});

test("the account holder is a reference; the other guardian's number is given back masked only, his phone in full", async () => {
  const parent = await materials();
  const { guardian, phone: own } = parent.people;
  const other = { relation: "51", name: name(), id_no: guardianIdNo(), phone: phone() };
  const first = (await read(parent)).sections.guardians;
  assert.equal(first[0].name, guardian.name);
  expect(await save(parent, "guardians", [{ relation: "52", name: guardian.name, id_no: guardian.id_no, phone: own }, other], 0), 200);

  const { sections } = await read(parent);
  const mask = (number) => `${number[0]}${"*".repeat(16)}${number[17]}`;
  assert.deepEqual(sections.guardians.map(({ id_no }) => id_no), [mask(guardian.id_no), mask(other.id_no)]);
  assert.equal(sections.guardians[1].phone, other.phone);
  const rows = await instance.sql(`select g.position, g.is_holder, g.id_no is null, g.phone is null from enroll.application_guardian g
    join enroll.application a on a.id = g.application_id where a.student_id = '${parent.students[0].id}' order by 1`);
  assert.deepEqual(rows, [["1", "t", "t", "t"], ["2", "f", "f", "f"]]);
});

test("a mask sent back, or nothing, keeps the stored number and phone; a new number replaces it", async () => {
  const parent = await materials();
  const stored = () => instance.sql(`select g.id, g.id_no_index, g.phone from enroll.application_guardian g join enroll.application a
    on a.id = g.application_id where a.student_id = '${parent.students[0].id}' and g.position = 2`);
  const other = { relation: "51", name: name(), id_no: guardianIdNo(), phone: phone() };
  const holder = { relation: "52", name: parent.people.guardian.name };
  expect(await save(parent, "guardians", [holder, other], 0), 200);
  const before = await stored();

  const shown = (await read(parent)).sections.guardians;
  const { problems } = expect(await save(parent, "guardians", [shown[0], { ...shown[1], phone: undefined }], 1), 200).json;
  assert.deepEqual(problems.filter(({ section }) => section === "guardians"), []);
  assert.deepEqual(await stored(), before);

  expect(await save(parent, "guardians", [holder, { ...other, id_no: guardianIdNo() }], 2), 200);
  assert.notEqual((await stored())[0][1], before[0][1]);
});

test("a guardian's number is judged like any: checksum, the child's own, the other's, a minor's", async () => {
  const parent = await materials();
  const wrong = guardianIdNo().replace(/.$/, (c) => (c === "1" ? "2" : "1"));
  const cases = [[wrong, "checksum"], [parent.people.children[0].id_no, "birth_date"], [parent.people.guardian.id_no, "same_as"],
    [idNo({ birth: "20150101" }), "birth_date"], ["441402880412985", "too_short"], [undefined, "required"]];
  const holder = { relation: "52", name: parent.people.guardian.name };
  for (const [i, [id_no, code]] of cases.entries()) {
    const { problems } = expect(await save(parent, "guardians", [holder], 2 * i), 200).json;
    assert.ok(!("guardians.1.id_no" in codes(problems)));
    const second = expect(await save(parent, "guardians", [holder, { relation: "51", name: name(), id_no, phone: phone() }], 2 * i + 1), 200).json;
    assert.equal(codes(second.problems)["guardians.1.id_no"], code, id_no);
  }
});

test("two spellings of a certificate's number are one", async () => {
  const parent = await materials();
  const numbers = [];
  for (const [i, certificate_no] of ["粤(2021)梅州市不动产权第0012345号", "粤（2021）梅州市不动产权第 00１2345 号"].entries()) {
    expect(await save(parent, "residence", { certificate_no, certificate_kind: "real_estate" }, i), 200);
    numbers.push((await read(parent)).sections.residence.certificate_no);
  }
  assert.equal(numbers[0], numbers[1]);
});

test("codes outside the standards, and other people's schools and children, are problems", async () => {
  const parent = await materials();
  const stranger = (await materials()).students[0].id;
  expect(await save(parent, "student", { ethnicity: "57" }, 0), 200);
  expect(await save(parent, "household", { relation_to_head: "00" }, 1), 200);
  const { problems } = expect(await save(parent, "wishes", { schools: [stranger], together_with: [stranger] }, 2), 200).json;
  for (const field of ["student.ethnicity", "household.relation_to_head", "wishes.schools", "wishes.together_with"])
    assert.equal(codes(problems)[field], "format", field);
});

test("a family from another province fills, submits, and shows its papers at school", async () => {
  const parent = await materials();
  const last = await filled(parent.client, parent.people, parent.students[0]);
  assert.deepEqual(last.problems, []);
  const { json } = expect(await submit(parent), 200);
  assert.equal(json.status, "submitted");
  assert.match(json.receipt_no, /^\d{4}-\d{4}-\d{4}$/);

  const after = await read(parent);
  assert.deepEqual([after.status, after.receipt_no, after.verify_in_person], ["submitted", json.receipt_no, true]);
  assert.match(after.submitted_at, /\+08:00$/);
  const session = expect(await parent.client.get("/api/session"), 200).json;
  assert.deepEqual([session.students[0].next, session.students[0].application.status], ["done", "submitted"]);
  expect(await save(parent, "student", {}, after.version), 409, "wrong_state");
});

test("submit pressed five times in a second is one application with one receipt, and the parent is told once", async () => {
  const parent = await materials();
  await filled(parent.client, parent.people, parent.students[0]);
  const answers = await Promise.all(Array.from({ length: 5 }, () => submit(parent)));
  const receipts = new Set(answers.map((answer) => expect(answer, 200).json.receipt_no));
  assert.equal(receipts.size, 1);
  const { events } = expect(await parent.client.get(path(parent.students[0], "/events")), 200).json;
  assert.deepEqual(events.map(({ kind }) => kind), ["started", "submitted"]);

  const [receipt] = receipts;
  const mine = await until("the message arrives", async () => {
    const { json } = expect(await parent.client.get("/sandbox/control/messages"), 200);
    const found = json.filter(({ text }) => text.includes(receipt));
    return found.length > 0 && found;
  }, 20000);
  assert.equal(mine.length, 1);
  assert.equal(mine[0].to, parent.people.phone);
});

test("twenty submissions with one key are one answer; the key with another body is refused", async () => {
  const parent = await materials();
  await filled(parent.client, parent.people, parent.students[0]);
  const one = key();
  const answers = await Promise.all(Array.from({ length: 20 }, () => submit(parent, one)));
  assert.equal(new Set(answers.map((answer) => expect(answer, 200).text)).size, 1);
  expect(await submit(parent, one, { other: true }), 422, "key_reused");
  expect(await parent.client.post(path(parent.students[0], "/submit"), {}), 400, "malformed_request");
});

test("what lacks is named at submission as in the draft, and a failed submission costs no key", async () => {
  const parent = await materials();
  const one = key();
  const refused = expect(await submit(parent, one), 422, "validation_failed");
  assert.ok(refused.json.errors.some(({ field, code }) => field === "household.address" && code === "required"));
  await filled(parent.client, parent.people, parent.students[0]);
  expect(await submit(parent, one), 200);
});

test("without a route nothing can be submitted; on licences not before the authorization", async () => {
  const unrouted = await signedIn(instance);
  await filled(unrouted.client, unrouted.people, unrouted.students[0]);
  expectFields(await submit(unrouted), { "route.route": "required" });
  const unbound = await routed(instance);
  await filled(unbound.client, unbound.people, unbound.students[0]);
  expectFields(await submit(unbound), { "binding.student": "required" });
});

test("what is never saved is judged by what it shows: prefilled fields lack nothing, their page has still to be looked at", async () => {
  const parent = await authorized(instance);
  const draft = await read(parent);
  const of = (section) => draft.problems.filter((one) => one.section === section);
  for (const { section, field } of("household").concat(of("student")).concat(of("residence")))
    assert.ok(field === section || !draft.sections[section][field], `${section}.${field} is shown and said to be missing`);
  assert.deepEqual(of("household").map(({ field, code }) => [field, code]), [["household", "required"]]);
  assert.match(of("household")[0].message, /核对/);
  assert.ok(!of("student").some(({ field }) => field === "ethnicity"));
  assert.ok(of("student").some(({ field }) => field === "health"));
  assert.ok(!of("residence").some(({ field }) => field === "address"), "the certificate's address is there");
  // Looked at and saved, it is no problem any more; and whoever hands in without looking is told the same page.
  const refused = await submit(parent);
  assert.ok(refused.json.errors.some(({ field }) => field.startsWith("household.")));
  const saved = expect(await save(parent, "household", draft.sections.household, draft.version), 200).json;
  assert.ok(!saved.problems.some(({ section }) => section === "household"));
  assert.ok(!saved.problems.some(({ section, field }) => section === "residence" && field === "address"));
});

test("licences prefill the form, and say so until the parent writes something else", async () => {
  const parent = await authorized(instance);
  const { sections, sources, verify_in_person } = await read(parent);
  assert.equal(verify_in_person, false);
  assert.equal(sources["household.address"].license, "household_register");
  assert.match(sources["household.address"].issued_on, /^\d{4}-\d\d-\d\d$/);
  assert.ok(sections.household.address.length > 0);

  const household = { ...sections.household, address: "梅州市梅江区示例街9号" };
  expect(await save(parent, "household", household, 0), 200);
  const after = await read(parent);
  assert.equal(after.sections.household.address, "梅州市梅江区示例街9号");
  assert.ok(!("household.address" in after.sources));
  assert.ok("household.head_name" in after.sources);

  await filled(parent.client, parent.people, parent.students[0]);
  expect(await submit(parent), 200);
});

test("taken back, it can be changed and submitted again under its receipt number", async () => {
  const parent = await materials();
  const student = parent.students[0];
  const withdraw = () => parent.client.once(path(student, "/withdraw"), {});
  expect(await withdraw(), 409, "wrong_state");
  const { version } = await filled(parent.client, parent.people, student);
  expect(await withdraw(), 409, "wrong_state");
  const { receipt_no } = expect(await submit(parent), 200).json;
  assert.deepEqual(expect(await withdraw(), 200).json, { status: "withdrawn", receipt_no });
  assert.deepEqual(expect(await withdraw(), 200).json, { status: "withdrawn", receipt_no });
  expect(await save(parent, "student", (await completeSections(parent.client, parent.people)).student, version), 200);
  assert.equal(expect(await submit(parent), 200).json.receipt_no, receipt_no);
  const { events } = expect(await parent.client.get(path(student, "/events")), 200).json;
  assert.deepEqual(events.map(({ title }) => title), ["开始填写", "已提交", "已撤回", "已提交"]);
});

test("one child, two accounts: whoever submits second is told that the child is taken", async () => {
  const mother = await materials();
  const father = await signedIn(instance);
  const child = mother.people.children[0];
  const added = expect(await father.client.post("/api/students", { ...child, consent: true }), 201).json;
  const student = added.student ?? added;
  expect(await father.client.patch(`/api/students/${student.id}`, { register_place: "other_province" }), 200);
  await filled(mother.client, mother.people, mother.students[0]);
  await filled(father.client, father.people, student);
  expect(await submit(mother), 200);
  expect(await submit(father, key(), {}, student), 409, "student_taken");
});

test("a child not of age for the season is told so", async () => {
  const parent = await materials();
  const old = idNo({ birth: "20120101" });
  const added = expect(await parent.client.post("/api/students", { name: name(), id_no: old, consent: true }), 201).json;
  const { problems } = expect(await parent.client.get(path(added.student ?? added)), 200).json;
  assert.equal(codes(problems)["student.birth_date"], "birth_date");
});

test("another parent's child, and no child, are not found; without a session there is nothing", async () => {
  const parent = await materials(), stranger = await materials();
  for (const student of [parent.students[0], { id: "00000000-0000-4000-8000-000000000000" }, { id: "x" }]) {
    expect(await stranger.client.get(path(student)), 404, "not_found");
    expect(await stranger.client.get(path(student, "/events")), 404, "not_found");
    expect(await save(stranger, "student", {}, 0, student), 404, "not_found");
    expect(await submit(stranger, key(), {}, student), 404, "not_found");
    expect(await stranger.client.once(path(student, "/withdraw"), {}), 404, "not_found");
  }
  const nobody = { client: new Client(instance), students: parent.students };
  expect(await nobody.client.get(path(parent.students[0])), 401, "not_signed_in");
  expect(await save(nobody, "student", { x: 1 }, 0), 401, "not_signed_in");
  expect(await submit(nobody), 401, "not_signed_in");
});

test("a limited account sees how far its application is, but not what was filled in, and changes nothing", async () => {
  const parent = await materials();
  await filled(parent.client, parent.people, parent.students[0]);
  const stranger = { client: new Client(instance), students: parent.students };
  expect(await stranger.client.post("/api/recover/password", { ...facts(parent.people), password: "Ganz#neu7Wort" }), 204);
  const { json } = expect(await stranger.client.get(path(parent.students[0])), 200);
  assert.deepEqual([json.status, json.sections, json.sources], ["draft", {}, {}]);
  expect(await save(stranger, "student", {}, json.version), 403, "identity_check_required");
  expect(await submit(stranger), 403, "identity_check_required");
});
