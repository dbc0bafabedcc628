// /api/authorizations/{id}/receipt and enrollctl receipt: a signed paper that proves itself without the database.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Client, expect } from "../harness/client.mjs";
import { Instance } from "../harness/instance.mjs";
import { authorized, launch, routed, signedIn, students } from "../harness/road.mjs";

const instance = await Instance.shared();
const folder = await mkdtemp(join(tmpdir(), "receipt-"));
after(() => rm(folder, { recursive: true }));
const parent = await authorized(instance);
const { id } = parent.students[0].authorization;
const get = async (client, which = id) => expect(await client.get(`/api/authorizations/${which}/receipt`), 200).json;
const receipt = await get(parent.client);

/** A command with typed on its standard input: {code, said}. */
function run(command, words, typed = "") {
  return new Promise((done) => {
    const child = spawn(command, words);
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
    child.stdin.on("error", () => {});
    child.stdin.end(typed);
    child.once("exit", (code) => done({ code, said }));
  });
}
const check = (words, typed) => run(join(instance.state, "enrollctl"), ["receipt", "verify", ...words], typed);

/** Base32 without padding (RFC 4648). */
function base32(text) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...text].map((sign) => alphabet.indexOf(sign).toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

test("the receipt says who allowed what for whom until when, in masks", async () => {
  const { guardian, children: [child] } = parent.people;
  assert.match(receipt.number, /^\d{4}-\d{4}-\d{4}$/);
  assert.deepEqual([receipt.status, receipt.title, receipt.authorization_id], ["in_force", "有效", id]);
  assert.deepEqual(receipt.persons.map(({ role, id_no, licenses }) => ({ role, id_no, licenses })), [
    { role: "guardian", id_no: `${guardian.id_no[0]}${"*".repeat(16)}${guardian.id_no.at(-1)}`, licenses: ["household_register", "real_estate"] },
    { role: "student", id_no: `${child.id_no[0]}${"*".repeat(16)}${child.id_no.at(-1)}`, licenses: ["household_register"] }]);
  for (const secret of [guardian.name, guardian.id_no, child.name, child.id_no, parent.people.phone])
    assert.equal(JSON.stringify(receipt).includes(secret), false);
  assert.ok(new Date(receipt.expires_at) > new Date(receipt.signed_at));
  assert.equal(receipt.public_url, instance.url);
  // The text that was shown, by its version and its hash.
  const { kind, slug, version, sha256 } = receipt.consent;
  const [[source, title]] = await instance.sql(`select encode(convert_to(source, 'UTF8'), 'hex'), title from enroll.content
    where (kind, slug, version) = ('${kind}', '${slug}', '${version}')`);
  assert.equal(createHash("sha256").update(Buffer.from(source, "hex")).digest("hex"), sha256);
  assert.equal(title, receipt.consent.title);
  const old = expect(await parent.client.get(`/api/content/${kind}/${slug}?version=${version}`), 200).json;
  assert.deepEqual([old.version, old.title], [version, title]);
  expect(await parent.client.get(`/api/content/${kind}/${slug}?version=1999-01-01`), 404, "not_found");
});

test("it is the same each time, also when it is read on another device", async () => {
  const other = new Client(instance);
  expect(await other.post("/api/session", { phone: parent.people.phone, password: parent.people.password }), 200);
  assert.deepEqual(await get(other), receipt);
});

test("payload and signature stand in the code; any Ed25519 verifies them", () => {
  const bytes = base32(receipt.code.slice("SQHZ1:".length));
  const payload = bytes.subarray(0, -64);
  assert.equal(payload.toString(), receipt.payload);
  const [version, keyId, number, url, signed, expires, consent, sha256, ...persons] = receipt.payload.split("|");
  assert.deepEqual([version, Number(keyId), number, url, consent, sha256],
    ["1", receipt.key_id, receipt.number, receipt.public_url, receipt.consent.version, receipt.consent.sha256]);
  assert.deepEqual([Number(signed) * 1000, Number(expires) * 1000], [Date.parse(receipt.signed_at), Date.parse(receipt.expires_at)]);
  assert.deepEqual(persons.map((person) => [person[0], person.split(";")[2]]), [["G", "hr"], ["S", "h"]]);
  assert.ok(verify(null, payload, createPublicKey(receipt.public_key), bytes.subarray(-64)));
});

test("the QR code is a picture of its own, small enough for a phone's screen", () => {
  const [, side] = /viewBox="0 0 (\d+) \1"/.exec(receipt.qr_svg);
  assert.ok(Number(side) <= 85, `${side} modules`);
  assert.match(receipt.qr_svg, /^<svg [^>]*aria-label="授权回执二维码"/);
});

test("nobody else's, nothing unsigned, nobody unknown", async () => {
  const stranger = await signedIn(instance);
  expect(await stranger.client.get(`/api/authorizations/${id}/receipt`), 404, "not_found");
  expect(await new Client(instance).get(`/api/authorizations/${id}/receipt`), 401, "not_signed_in");
  const other = await routed(instance);
  const binding = await launch(other.client, "bindings");
  expect(await other.client.get(`/api/authorizations/${binding.id}/receipt`), 404, "not_found");
  const denied = await launch(other.client, "authorizations", { do: "deny" });
  expect(await other.client.get(`/api/authorizations/${denied.id}/receipt`), 409, "wrong_state");
});

test("enrollctl verifies it: from a file, from standard input, at the prompt, wrapped or not", async () => {
  const file = join(folder, "receipt.txt");
  await writeFile(file, receipt.code.replace(/.{60}/g, "$&\n") + "\n");
  for (const result of [await check([file]), await check(["-"], receipt.code), await check([], `${receipt.code}\n`)]) {
    assert.equal(result.code, 0, result.said);
    assert.match(result.said, /回执属实/);
    assert.ok(result.said.includes(receipt.number) && result.said.includes(receipt.consent.sha256));
    for (const { name, id_no } of receipt.persons) assert.ok(result.said.includes(`${name}（${id_no}）`), result.said);
    assert.match(result.said, /居民户口簿、不动产权证/);
    assert.ok(result.said.includes(receipt.expires_at.slice(0, 19).replace("T", " ")));
  }
});

test("on any machine with the public key, without configuration and database; another's key refuses", async () => {
  const { said: pem } = await run(join(instance.state, "enrollctl"), ["receipt", "key"]);
  assert.equal(pem, receipt.public_key);
  const key = join(folder, "key.pem"), other = join(folder, "other.pem"), no = join(folder, "no.pem");
  await writeFile(key, pem);
  await writeFile(other, generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }));
  await writeFile(no, generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ type: "spki", format: "pem" }));
  const bare = (...words) => run(instance.executable("enrollctl"), ["receipt", "verify", "-", "--key", ...words], receipt.code);
  assert.equal((await bare(key)).code, 0);
  const refused = await bare(other);
  assert.deepEqual([refused.code, /回执不成立/.test(refused.said)], [1, true]);
  assert.match((await bare(no)).said, /没有 Ed25519 公钥/);
  // Both keys of a rotation in one file.
  await writeFile(other, (await readFile(other, "utf8")) + pem);
  assert.equal((await bare(other)).code, 0);
});

test("one sign altered, left out or added is refused, wherever it is", async () => {
  const places = [0, 5, 6, 7, 60, 111, receipt.code.length - 60, receipt.code.length - 2, receipt.code.length - 1];
  for (const at of places) {
    const { code } = receipt;
    const sign = code[at] === "A" ? "B" : "A";
    for (const altered of [code.slice(0, at) + sign + code.slice(at + 1), code.slice(0, at) + code.slice(at + 1), code.slice(0, at) + sign + code.slice(at)]) {
      const result = await check(["-"], altered);
      assert.equal(result.code, 1, `${at}: ${result.said}`);
      assert.match(result.said, /回执不成立/);
    }
  }
  assert.equal((await check(["-"], receipt.code.toLowerCase())).code, 1);
  assert.equal((await check(["-"], "")).code, 1);
  assert.equal((await check(["--keys", "x"], "")).code, 2);
});

test("revoked it is still there, and says so", async () => {
  const { client, students: [student] } = await authorized(instance);
  const before = await get(client, student.authorization.id);
  expect(await client.delete(`/api/authorizations/${student.authorization.id}`), 204);
  const revoked = await get(client, student.authorization.id);
  assert.deepEqual([revoked.status, revoked.title, typeof revoked.revoked_at], ["revoked", "家长已撤回", "string"]);
  assert.deepEqual([revoked.code, revoked.number, revoked.persons], [before.code, before.number, before.persons]);
  assert.equal((await check(["-"], revoked.code)).code, 0);
});

test("run out: what was fetched is erased by the courier, the receipt says so", async () => {
  const { client, students: [student] } = await authorized(instance);
  const which = student.authorization.id;
  await instance.sql(`update enroll.signing set expires_at = signed_at where errand_id = '${which}'`);
  assert.deepEqual([(await get(client, which)).status, (await get(client, which)).title], ["expired", "已到期"]);
  await instance.sql("select enroll.courier_sweep()");
  const [[left]] = await instance.sql(`select count(*) from enroll.license l join enroll.signing n on n.id = l.signing_id
    where n.errand_id = '${which}' and (l.data is not null or l.number_mask is not null or l.issued_on is not null or n.code is not null)`);
  assert.equal(left, "0");
  assert.equal((await students(client))[0].authorization.status, "expired");
  assert.equal((await client.get(`/api/authorizations/${which}`)).json.licenses.length, 0);
  assert.equal((await launch(client, "authorizations")).students[0].status, "authorized");
});
