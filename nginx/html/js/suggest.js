/*
 * 帮我起一个: a password that satisfies every rule, is typed on a phone's keyboard with few changes of it, and is not misread when it
 * is written down: syllables and digits without 0 O o 1 I l. It never leaves the page but in the form.
 */
import { byId, fill, show } from './dom.js';
import { passwordFault, setRevealed } from './fields.js';

const CONSONANTS = 'bcdfghjkmnpqrstvwxyz';
const VOWELS = 'aeiu';
const DIGITS = '23456789';

/* One sign of `signs`, each as likely as any other: what would favour the first of them is drawn again. */
function pick(signs) {
  const fair = 256 - (256 % signs.length);
  const byte = new Uint8Array(1);
  do crypto.getRandomValues(byte);
  while (byte[0] >= fair);
  return signs[byte[0] % signs.length];
}

const syllable = () => pick(CONSONANTS) + pick(VOWELS);

/* Kemi-tuva-seha-47: 44 bits. */
function draw() {
  const word = () => syllable() + syllable();
  const text = [word(), word(), word(), pick(DIGITS) + pick(DIGITS)].join('-');
  return text[0].toUpperCase() + text.slice(1);
}

/* The one way that also old Safari and WeChat know. */
function copy(input) {
  input.focus();
  input.select();
  return document.execCommand('copy');
}

/** suggest(form, avoid): the button under the new password; `avoid` as for watchPassword. Needs reveal(form). */
export function suggest(form, avoid) {
  const input = form.elements.password;
  const say = (text) => fill(byId('suggested'), text);

  show(byId('suggest').parentNode, true);
  byId('suggest').addEventListener('click', () => {
    do input.value = draw();
    while (passwordFault(input.value, avoid()));
    setRevealed(input, true);
    input.dispatchEvent(new Event('input', { bubbles: true }));
    show(byId('copy'), true);
    say('已经填好。请现在抄在纸上或保存下来，登录时要用。');
  });
  byId('copy').addEventListener('click', () => {
    say(copy(input) ? '已复制，请粘贴到您保存密码的地方。' : '没能复制，请抄在纸上。');
  });
}
