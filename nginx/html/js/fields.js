/*
 * The rules of fields while typing, the same as the server's (lib/fold, lib/identity, lib/phone, lib/name, lib/password), which
 * judges again: here they only save a round trip and name the mistake while the finger is still there.
 */
import { byId, fill, h, show } from './dom.js';
import { fieldError } from './form.js';

const INVISIBLE = /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]/g;
const DOTS = /[\u2022\u2027\u30fb\uff65\uff0e.\u00b7]/;
const PROVINCES = [
  11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71,
  81, 82, 83,
];
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** Numbers and phones: blanks and dashes gone, full-width signs and Ⅹ to ASCII, x to X, a leading +86 or 0086 gone. */
export function foldNumber(text) {
  return text
    .replace(INVISIBLE, '')
    .normalize('NFC')
    .replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replace(/[\u2160-\u2169\u2179]/g, (sign) => (sign === '\u2169' || sign === '\u2179' ? 'X' : sign))
    .replace(/[\s\u3000\-\u2010-\u2015\u2212]/g, '')
    .toUpperCase();
}

function foldPhone(text) {
  return foldNumber(text).replace(/^(\+86|0086)/, '');
}

/** Names: the ends trimmed, every dot that a keyboard gives between Han to U+00B7. */
export function foldName(text) {
  const clean = text.replace(INVISIBLE, '').normalize('NFC').trim();
  const signs = Array.from(clean);
  const isHan = (sign) => sign !== undefined && /\p{Script=Han}/u.test(sign);
  return signs.map((sign, i) => (DOTS.test(sign) && isHan(signs[i - 1]) && isHan(signs[i + 1]) ? '\u00b7' : sign)).join('');
}

function daysIn(year, month) {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/* The date's digits, as far as they are there: a wrong month is said before the day is typed. */
function birthFault(number) {
  const year = Number(number.slice(6, 10));
  const month = Number(number.slice(10, 12));
  const day = Number(number.slice(12, 14));
  const today = new Date(Date.now() + 8 * 3600 * 1000);
  if (number.length >= 10 && (year < 1900 || year > today.getUTCFullYear()))
    return '第 7 到 10 位是出生年份，没有 ' + number.slice(6, 10) + ' 年出生的人。';
  if (number.length >= 12 && (month < 1 || month > 12)) return '没有 ' + month + ' 月。第 11、12 位是出生月份，请对照证件。';
  if (number.length >= 14 && (day < 1 || day > daysIn(year, month)))
    return year + ' 年 ' + month + ' 月没有 ' + day + ' 日。第 13、14 位是出生日，请对照证件。';
  if (number.length >= 14 && Date.UTC(year, month - 1, day) > today.getTime()) return '出生日期还没有到，请对照证件。';
  return '';
}

function regionFault(number) {
  const isForeigner = number[0] === '9';
  const digits = isForeigner ? number.slice(1, 3) : number.slice(0, 2);
  if (digits.length < 2 || PROVINCES.indexOf(Number(digits)) >= 0) return '';
  return isForeigner ? '第 2、3 位“' + digits + '”不是省份代码，请对照证件。' : '开头“' + digits + '”不是省份代码，请对照证件。';
}

function checkCharacter(number) {
  const sum = WEIGHTS.reduce((total, weight, i) => total + weight * Number(number[i]), 0);
  return '10X98765432'[sum % 11];
}

/** idFault(folded, isDone): what is wrong with an identity number so far; isDone when the parent has left the field. */
function idFault(number, isDone) {
  const stray = /[^0-9X]|X(?!$)/.exec(number);
  if (number === '') return isDone ? '请填写身份证件号码。' : '';
  if (isDone && (number.length === 15 || /^[HM]\d{8,10}$/.test(number) || /^[A-Z]{1,2}\d{6,9}$/.test(number)))
    return '这里要填 18 位的号码。一代身份证、通行证、护照不能在网上填，请拨打下面的电话，由学校帮您登记。';
  if (stray) return '号码里有“' + stray[0] + '”。只能是数字，最后一位可以是 X。';
  const fault = regionFault(number) || birthFault(number);
  if (fault) return fault;
  if (number.length > 18) return '多了 ' + (number.length - 18) + ' 位，应是 18 位。';
  if (number.length < 18) return isDone ? '还差 ' + (18 - number.length) + ' 位，应是 18 位。' : '';
  return checkCharacter(number) === number[17] ? '' : '号码对不上最后一位的校验，可能有一位输错了，请对照证件。';
}

function phoneFault(phone, isDone) {
  if (phone === '') return isDone ? '请填写手机号。' : '';
  const stray = /[^0-9]/.exec(phone);
  if (stray) return '手机号里有“' + stray[0] + '”，只能是数字。';
  if (!/^1([3-9]|$)/.test(phone)) return '请填 11 位的大陆手机号，以 13 到 19 开头。没有大陆手机号，请拨打下面的电话。';
  if (phone.length > 11) return '多了 ' + (phone.length - 11) + ' 位，应是 11 位。';
  return isDone && phone.length < 11 ? '还差 ' + (11 - phone.length) + ' 位，应是 11 位。' : '';
}

function nameFault(name, isDone) {
  if (name === '') return isDone ? '请填写姓名。' : '';
  const stray = Array.from(name).find((sign) => !/[\p{Script=Han}\p{Script=Latin}\p{M}\u00b7\u3007 '\u2019\-.,]/u.test(sign));
  if (stray !== undefined) return '姓名里有“' + stray + '”，请照户口簿上的写法填。';
  return Array.from(name).length > 50 ? '姓名最多 50 个字。' : '';
}

/** passwordRules(password, avoid): the rules in the order they are shown, each {text, isMet}. */
function passwordRules(password, avoid) {
  const lower = password.toLowerCase();
  const foreign = Array.from(password).find((sign) => !/[\x20-\x7e]/.test(sign));
  const rules = [
    {
      text: '8 到 64 位' + (password.length > 64 ? '（现在 ' + password.length + ' 位）' : ''),
      isMet: password.length >= 8 && password.length <= 64,
    },
    { text: '有大写字母', isMet: /[A-Z]/.test(password) },
    { text: '有小写字母', isMet: /[a-z]/.test(password) },
    { text: '有数字', isMet: /[0-9]/.test(password) },
    { text: '有符号，如 # @ -', isMet: /[\x20-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]/.test(password) },
    { text: '不含姓名、手机号、证件号末六位', isMet: password !== '' && !avoid.some((one) => lower.indexOf(one) >= 0) },
  ];
  if (foreign !== undefined) rules.push({ text: '“' + foreign + '”不能用，请切换到英文键盘', isMet: false });
  return rules;
}

export function passwordFault(password, avoid) {
  if (password === '') return '请设置密码。';
  const broken = passwordRules(password, avoid).filter((rule) => !rule.isMet);
  return broken.length ? '密码还差：' + broken.map((rule) => rule.text).join('、') + '。' : '';
}

export const KINDS = {
  id: { fold: foldNumber, fault: idFault },
  phone: { fold: foldPhone, fault: phoneFault },
  name: { fold: foldName, fault: nameFault },
};

/**
 * watch(form, kinds): judge the named fields while typing ({student_id_no: 'id', …}); on leaving a field show the folded text in
 * it. Never while an input method composes.
 */
export function watch(form, kinds) {
  Object.keys(kinds).forEach((name) => watchField(form, form.elements[name], KINDS[kinds[name]]));
}

export function watchField(form, input, kind) {
  input.addEventListener('input', (event) => {
    if (!event.isComposing) fieldError(form, input.name, kind.fault(kind.fold(input.value), false));
  });
  input.addEventListener('change', () => {
    const folded = kind.fold(input.value);
    if (folded !== input.value) input.value = folded;
    fieldError(form, input.name, folded === '' ? '' : kind.fault(folded, true));
  });
}

/** faults(form, kinds): [{field, message}] of the finished form, its values folded in place. */
export function faults(form, kinds) {
  return Object.keys(kinds)
    .map((name) => {
      const input = form.elements[name];
      const kind = KINDS[kinds[name]];
      input.value = kind.fold(input.value);
      return { field: name, message: kind.fault(input.value, true) };
    })
    .filter((fault) => fault.message);
}

/** watchPassword(form, avoid): the list of rules under the field turns as it is typed, and 显示 shows what was typed. */
export function watchPassword(form, avoid) {
  const input = form.elements.password;
  const list = byId('password-rules');
  const draw = () =>
    fill(
      list,
      passwordRules(input.value, avoid()).map((rule) =>
        h(
          'li',
          { class: rule.isMet ? 'met' : input.value ? 'broken' : '' },
          h('span', { class: 'sign', 'aria-hidden': 'true' }, rule.isMet ? '✓' : input.value ? '✗' : '·'),
          rule.text,
          input.value && h('span', { class: 'spoken' }, rule.isMet ? '，做到了' : '，还没有'),
        ),
      ),
    );
  input.addEventListener('input', draw);
  draw();
}

/** reveal(form): the 显示 button beside every password. */
export function reveal(form) {
  Array.from(form.querySelectorAll('[data-reveal]')).forEach((button) => {
    const input = byId(button.getAttribute('data-reveal'));
    show(button, true);
    button.addEventListener('click', () => setRevealed(input, input.type === 'password'));
  });
}

/** setRevealed(input, isShown): show a password in clear, or not, its button saying so. */
export function setRevealed(input, isShown) {
  const button = document.querySelector('[data-reveal="' + input.id + '"]');
  input.type = isShown ? 'text' : 'password';
  button.textContent = isShown ? '隐藏' : '显示';
  button.setAttribute('aria-pressed', String(isShown));
}

/** What a password must not contain: names, phone, the last six of each number; as far as they are long enough to matter. */
export function avoidOf(form, names) {
  return () =>
    names
      .map((name) => {
        const text = form.elements[name] ? form.elements[name].value : '';
        return /id_no$/.test(name) ? foldNumber(text).slice(-6) : /phone/.test(name) ? foldPhone(text) : foldName(text);
      })
      .filter((text, i) => text.length >= (/name/.test(names[i]) ? 2 : 6))
      .map((text) => text.toLowerCase());
}
