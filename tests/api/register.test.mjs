// POST /api/register: the field rules through HTTP, repeats, and many at once.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Client, expect, expectFields } from "../harness/client.mjs";
import { Instance } from "../harness/instance.mjs";
import { birthDate, checkCharacter, childIdNo, facts, family, guardianIdNo, idNo, key, phone, registration } from "../harness/people.mjs";

const instance = await Instance.shared();
const visitor = () => new Client(instance);
const register = (body, idempotencyKey) => visitor().once("/api/register", body, idempotencyKey);
const signedIn = (client, people) => client.post("/api/session", { phone: people.phone, password: people.password });
/** A registration with some fields changed. */
const changed = (fields) => ({ ...registration(family()), ...fields });

test("a family registers, is shown masked, and is not signed in", async () => {
  const people = family();
  const parent = visitor();
  const { json } = expect(await parent.once("/api/register", registration(people)), 201);
  assert.match(json.guardian.name, /^.\*.?/);
  assert.equal(json.guardian.phone, `${people.phone.slice(0, 3)}****${people.phone.slice(7)}`);
  assert.equal(json.student.name, people.children[0].name);
  assert.equal(parent.cookies.size, 0);
  expect(await parent.get("/api/session"), 401, "not_signed_in");
});

test("every fault of a form is found at once", async () => {
  expectFields(await register({}), {
    student_name: "required", student_id_no: "required", guardian_name: "required", guardian_id_no: "required",
    phone: "required", password: "required", consent: "required",
  });
  const number = guardianIdNo();
  expectFields(await register(changed({ student_id_no: number, guardian_id_no: number, phone: "12345", password: "aaaa", consent: false, more: 1 })), {
    guardian_id_no: "same_as", phone: "format", password: "too_short", consent: "required", more: "unknown",
  });
});

test("the guardian is an adult by Beijing's calendar", async () => {
  const beijing = new Date(Date.now() + 8 * 3600000);
  const years18 = (days) => {
    const date = new Date(Date.UTC(beijing.getUTCFullYear() - 18, beijing.getUTCMonth(), beijing.getUTCDate() + days));
    return date.toISOString().slice(0, 10).replaceAll("-", "");
  };
  expectFields(await register(changed({ guardian_id_no: idNo({ birth: years18(1) }) })), { guardian_id_no: "birth_date" });
  expect(await register(changed({ guardian_id_no: idNo({ birth: years18(-1) }) })), 201);
});

test("a child born tomorrow in Beijing is not born yet", async () => {
  const day = (days) => new Date(Date.now() + 8 * 3600000 + days * 86400000).toISOString().slice(0, 10).replaceAll("-", "");
  expectFields(await register(changed({ student_id_no: idNo({ birth: day(1) }) })), { student_id_no: "birth_date" });
  expect(await register(changed({ student_id_no: idNo({ birth: day(0) }) })), 201);
});

test("every change of one character of a number, and every swap of unequal neighbours, is refused", async () => {
  await fc.assert(fc.asyncProperty(fc.nat(16), fc.integer({ min: 1, max: 9 }), fc.boolean(), async (at, step, isSwap) => {
    const number = childIdNo();
    const digits = [...number];
    if (isSwap) {
      [digits[at], digits[at + 1]] = [digits[at + 1], digits[at]];
    } else {
      digits[at] = String((Number(digits[at]) + step) % 10);
    }
    fc.pre(digits.join("") !== number);
    const answer = expect(await register(changed({ student_id_no: digits.join("") })), 422, "validation_failed");
    assert.equal(answer.json.errors[0].field, "student_id_no");
  }), { numRuns: 60 });
});

test("numbers of the known documents are taken, others get words that say what to do", async () => {
  expectFields(await register(changed({ student_id_no: "999840198506139826" })), { student_id_no: "region" });
  // A foreigner's card with its province in digits 2 and 3, and a leap day in a leap year.
  for (const right of ["944840198506139822", "441402202002299898"]) expect(await register(changed({ student_id_no: right })), 201);
  expectFields(await register(changed({ student_id_no: "441402880412985" })), { student_id_no: "too_short" });
  expectFields(await register(changed({ student_id_no: "441402202102299895" })), { student_id_no: "birth_date" });
  expectFields(await register(changed({ student_id_no: {} })), { student_id_no: "type" });
  expectFields(await register(changed({ student_id_no: 441402, phone: 19900000001 })), { student_id_no: "type", phone: "type" });
  const { json } = await register(changed({ student_id_no: "441402880412985" }));
  assert.match(json.errors[0].message, /18/);
  for (const region of ["810000", "820000", "830000"])
    expect(await register(changed({ student_id_no: idNo({ region, birth: birthDate(6) }) })), 201);
  expectFields(await register(changed({ student_id_no: idNo({ region: "810001", birth: birthDate(6) }) })), { student_id_no: "region" });
});

test("what keyboards add is folded away before anything is judged, and what was judged is stored", async () => {
  const people = family();
  let number;
  do number = childIdNo().slice(0, 17); while (checkCharacter(number) !== "X");
  const wide = (text) => text.replace(/[0-9]/g, (digit) => String.fromCodePoint(digit.codePointAt(0) + 0xfee0));
  people.children[0] = { name: "李晓棠", id_no: `${number}X` };
  people.guardian.name = "阿依努尔·买买提";
  expect(await register({
    ...registration(people), student_name: " \uf9e1晓棠\u200b", student_id_no: `${wide(number)}Ⅹ`,
    guardian_name: "阿依努尔•买买提", phone: ` +86 ${people.phone.slice(0, 3)}-${people.phone.slice(3)}\ufe0d`,
  }), 201);
  expect(await register(registration({ ...people, password: "Another-4-Word" })), 409, "phone_taken");
  expect(await register(registration({ ...people, phone: phone() })), 409, "guardian_taken");
  const parent = visitor();
  const { json } = expect(await parent.post("/api/session", { phone: `${people.phone} `, password: people.password }), 200);
  assert.equal(json.students[0].name, "李晓棠");
});

test("names of every extension of Han are names of two characters, in answers, tables and masks", async () => {
  const people = family();
  people.children[0].name = "温䮌";
  people.guardian.name = "李𬱖";
  const parent = visitor();
  const { json } = expect(await parent.once("/api/register", registration(people)), 201);
  assert.equal(json.guardian.name, "李*");
  const { students, guardian } = expect(await signedIn(parent, people), 200).json;
  assert.equal(guardian.name, "李*");
  assert.deepEqual([...students[0].name], ["温", "䮌"]);
  const rows = await instance.sql(`select char_length(name), name_mask from enroll.student where id = '${students[0].id}'
    union all select char_length(g.name), g.name_mask from enroll.guardian g join enroll.student s on s.guardian_id = g.id where s.id = '${students[0].id}'`);
  assert.deepEqual(rows, [["2", "温*"], ["2", "李*"]]);
  expect(await register(changed({ student_name: "D'ARCY,ANN MARIE" })), 201);
});

test("a sign of private use is no name, and words say what to type instead", async () => {
  const { json } = expectFields(await register(changed({ student_name: "温\ue854" })), { student_name: "format" });
  assert.match(json.errors[0].message, /打不出的字/);
});

test("a compatibility ideograph is the character that it equals: one spelling, one child", async () => {
  const people = family();
  people.children[0].name = "\uf9e1晓棠";
  const { json } = expect(await register(registration(people)), 201);
  const parent = visitor();
  const { students: [child] } = expect(await signedIn(parent, people), 200).json;
  assert.equal([...child.name][0].codePointAt(0), 0x674e);
  assert.deepEqual(await instance.sql(`select count(*) from enroll.student where id = '${json.student.id}' and name like '李%'`), [["1"]]);
  const again = expect(await parent.post("/api/students", { name: "李晓棠", id_no: people.children[0].id_no, consent: true }), 200).json;
  assert.equal(again.id, child.id);
});

test("a number that the carrier gave to another family is taken, with a way out, until its old family leaves it", async () => {
  const [old, fresh] = [family(), family()];
  expect(await register(registration(old)), 201);
  const answer = expect(await register(registration({ ...fresh, phone: old.phone })), 409, "phone_taken");
  assert.match(answer.json.detail, /换一个手机号.*咨询电话/);
  for (const secret of [old.guardian.name, old.children[0].name, old.guardian.id_no, "****"]) assert.ok(!answer.text.includes(secret));
  assert.equal(answer.headers["set-cookie"], undefined);
  expect(await visitor().post("/api/session", { phone: old.phone, password: fresh.password }), 401, "bad_credentials");
  expect(await visitor().post("/api/recover/phone", { ...facts(old), old_phone: old.phone, new_phone: phone() }), 204);
  expect(await register(registration({ ...fresh, phone: old.phone })), 201);
});

test("a password is judged with all it must not hold, never cut, and refused by length before any hashing", async () => {
  const people = family();
  const refused = (password, code) => register({ ...registration(people), password }).then((answer) => expectFields(answer, { password: code }));
  const { json } = await refused("Kuvat4m2！", "format");
  assert.match(json.errors[0].message, /“！”.*英文键盘/);
  await refused("kuvat4m2!", "weak");
  await refused(`Kv!${people.phone}`, "weak");
  await refused(`Kv!${people.children[0].id_no.slice(-6).toLowerCase()}x`, "weak");
  await refused(`Kv#${people.guardian.id_no.slice(-6)}q`, "weak");
  await refused(`Kv7!${"x".repeat(61)}`, "too_long");
  await refused(`Kv7!${"x".repeat(60000)}`, "too_long");
  expect(await register({ ...registration(people), password: "Kuvat 4m blank" }), 201);
});

test("the order of refusals: origin before key before JSON before fields", async () => {
  const body = registration(family());
  const send = (headers, text = body) => visitor().send("POST", "/api/register", { body: text, headers });
  expect(await send({ Origin: "https://evil.example" }), 403, "wrong_origin");
  expect(await send({ Origin: null }), 403, "wrong_origin");
  expect(await send({}), 400, "malformed_request");
  expect(await send({ "Idempotency-Key": "short" }), 400, "malformed_request");
  expect(await send([["Idempotency-Key", key()], ["Idempotency-Key", key()]]), 400, "malformed_request");
  expect(await send({ "Idempotency-Key": key(), "Content-Type": "text/plain" }), 415, "unsupported_media_type");
  expect(await send({ "Idempotency-Key": key() }, '{"phone":"1","phone":"2"}'), 400, "malformed_request");
  expect(await send({ "Idempotency-Key": key() }, "[".repeat(60000)), 400, "malformed_request");
  expect(await send({ "Idempotency-Key": key() }, "x".repeat(65537)), 413, "too_large");
  expect(await visitor().get("/api/register"), 405, "method_not_allowed");
});

test("twenty at once with one key are one account and twenty equal answers; another body is key_reused", async () => {
  const body = registration(family());
  const sameKey = key();
  const answers = await Promise.all(Array.from({ length: 20 }, () => register(body, sameKey)));
  for (const answer of answers) {
    expect(answer, 201);
    assert.deepEqual(answer.json, answers[0].json);
  }
  expect(await register({ ...body, password: "Another-4-Word" }, sameKey), 422, "key_reused");
});

test("only successes are remembered: a key that failed may be used again", async () => {
  const people = family();
  const sameKey = key();
  expect(await register(registration(people)), 201);
  expect(await register(registration(people), sameKey), 409, "phone_taken");
  expect(await register(registration(family()), sameKey), 201);
});

test("fifty registrations by one guardian at the same instant, same and different keys, are one account", async () => {
  const people = family();
  const body = registration(people);
  const keys = Array.from({ length: 10 }, key);
  const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => register(body, keys[i % keys.length])));
  const ids = new Set(answers.filter(({ status }) => status === 201).map(({ json }) => json.student.id));
  assert.equal(ids.size, 1);
  for (const { status, json } of answers)
    assert.ok(status === 201 || ["phone_taken", "guardian_taken", "too_many_attempts", "busy"].includes(json.code), JSON.stringify(json));
});

test("mother and father may both register a child while nobody has proved it", async () => {
  const mother = family();
  const father = { ...family(), children: mother.children };
  expect(await register(registration(mother)), 201);
  expect(await register(registration(father)), 201);
});

test("who guesses at a phone is stopped, and the phone alone", async () => {
  const people = family();
  expect(await register(registration(people)), 201);
  for (let i = 0; i < 5; i++) expect(await register(changed({ phone: people.phone })), 409, "phone_taken");
  const answer = expect(await register(changed({ phone: people.phone })), 429, "too_many_attempts");
  assert.ok(Number(answer.headers["retry-after"]) > 0);
  expect(await register(changed({ guardian_id_no: people.guardian.id_no })), 409, "guardian_taken");
});
