// Made-up people: every call makes others, so that no test meets another's family. All numbers are valid by GB 11643 and
// belong to nobody on purpose (the province is real; all else is drawn).
import { randomBytes, randomInt } from "node:crypto";

const surnames = [..."温李张黄叶邓古曾钟丘廖林陈梁刘罗"];
const given = [..."晓棠雨辰思源子墨欣怡佳明志远文华秀英国强丽娟海波"];
const pick = (list) => list[randomInt(list.length)];

/** The last character of an 18-character number, from the first 17 (ISO 7064 MOD 11-2). */
export function checkCharacter(first17) {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, i) => total + weight * Number(first17[i]), 0);
  return "10X98765432"[sum % 11];
}

/** An identity number: region of six digits, birth date "YYYYMMDD". */
export function idNo({ region = "441402", birth, female = randomInt(2) === 1 } = {}) {
  const order = String(randomInt(100)).padStart(2, "0") + String(2 * randomInt(5) + (female ? 0 : 1));
  const first17 = region + birth + order;
  return first17 + checkCharacter(first17);
}

const two = (n) => String(n).padStart(2, "0");

/** A birth date "YYYYMMDD" of somebody who turned age at some time in the last year. */
export function birthDate(age) {
  const date = new Date(Date.now() - age * 365.25 * 86400000 - randomInt(1, 360) * 86400000);
  return `${date.getUTCFullYear()}${two(date.getUTCMonth() + 1)}${two(date.getUTCDate())}`;
}

// Of the region only the province counts; anything behind it keeps the thousands of children of one run from meeting.
const anyRegion = () => "44" + String(randomInt(10000)).padStart(4, "0");

export const name = () => pick(surnames) + pick(given) + pick(given);
// Thousands of children of one year meet each other by chance, so none is drawn twice.
const drawn = new Set();
function fresh(draw) {
  for (;;) {
    const number = draw();
    if (!drawn.has(number)) {
      drawn.add(number);
      return number;
    }
  }
}

export const guardianIdNo = () => fresh(() => idNo({ region: anyRegion(), birth: birthDate(randomInt(26, 45)) }));
export const childIdNo = () => fresh(() => idNo({ region: anyRegion(), birth: birthDate(6) }));
export const phone = () => "1" + randomInt(3, 10) + String(randomInt(1e9)).padStart(9, "0");
export const password = () => `Kv${randomBytes(4).toString("hex")}#7q`;
export const key = () => randomBytes(16).toString("hex");

/** A family with an account to be: what POST /api/register takes, and further children. */
export function family({ children = 1 } = {}) {
  const surname = pick(surnames);
  const kids = Array.from({ length: children }, () => ({ name: surname + pick(given) + pick(given), id_no: childIdNo() }));
  const guardian = { name: surname + pick(given) + pick(given), id_no: guardianIdNo() };
  return { guardian, children: kids, phone: phone(), password: password() };
}

/** The body of POST /api/register for a family. */
export function registration({ guardian, children, phone: number, password: secret }) {
  return {
    student_name: children[0].name, student_id_no: children[0].id_no,
    guardian_name: guardian.name, guardian_id_no: guardian.id_no,
    phone: number, password: secret, consent: true,
  };
}

/** The four facts, as recovery takes them. */
export function facts({ guardian, children }) {
  return {
    student_name: children[0].name, student_id_no: children[0].id_no,
    guardian_name: guardian.name, guardian_id_no: guardian.id_no,
  };
}
