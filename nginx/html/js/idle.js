/*
 * A session ends when nothing is done for a while. Two minutes before, this asks; what was typed stays. The server alone knows
 * when: it is asked, which is no activity, before anything is said, for another tab may have been used meanwhile.
 */
import { get } from './api.js';
import { fill, h } from './dom.js';

const WARN_S = 120;
const ASK_AGAIN_MS = 15000;
const ENDED = '很久没有操作，为了保护孩子的资料，已经退出登录。';

let endsAt = 0;
let timer = null;
let dialog = null;
let ways = null;

/**
 * watchIdle(endsInS, {toLogin, signOut}): called with every answer of GET /api/session. toLogin leads to the login page and back
 * here, signOut leaves.
 */
export function watchIdle(endsInS, { toLogin, signOut }) {
  if (!ways) document.addEventListener('visibilitychange', () => document.hidden || look());
  ways = { toLogin, signOut };
  endsAt = Date.now() + endsInS * 1000;
  close();
  plan();
}

function secondsLeft() {
  return Math.max(0, Math.ceil((endsAt - Date.now()) / 1000));
}

function plan() {
  clearTimeout(timer);
  timer = setTimeout(ask, Math.max(0, (secondsLeft() - WARN_S) * 1000));
}

/* A phone that slept has missed its timers. */
function look() {
  if (!isOver() && secondsLeft() <= WARN_S) ask();
}

async function ask() {
  clearTimeout(timer);
  try {
    const answer = await get('/api/session/idle', { isSingle: true });
    endsAt = Date.now() + answer.ends_in_s * 1000;
    if (answer.ends_in_s > WARN_S) {
      close();
      plan();
    } else {
      warn();
    }
  } catch (problem) {
    if (problem.code === 'not_signed_in') over();
    else timer = setTimeout(ask, ASK_AGAIN_MS);
  }
}

function isOver() {
  return Boolean(dialog) && dialog.isOver;
}

/* One dialog at a time; the focus goes into it, cannot leave it by the keyboard, and comes back to where it was. */
function open(title, words, buttons, live) {
  const before = dialog ? dialog.before : document.activeElement;
  if (dialog) document.body.removeChild(dialog.node);
  const node = h(
    'div',
    { class: 'veil' },
    h(
      'div',
      { class: 'dialog', role: 'alertdialog', 'aria-modal': 'true', 'aria-labelledby': 'idle-title', 'aria-describedby': 'idle-words' },
      h('h2', { id: 'idle-title' }, title),
      h('p', { id: 'idle-words' }, words),
      live,
      buttons,
    ),
  );
  dialog = { node, before, isOver: false };
  node.addEventListener('keydown', (event) => keepInside(event, buttons));
  document.body.appendChild(node);
  document.body.classList.add('veiled');
  buttons[0].focus();
}

function keepInside(event, buttons) {
  if (event.key === 'Escape' && !isOver()) goOn();
  if (event.key !== 'Tab') return;
  event.preventDefault();
  const step = event.shiftKey ? buttons.length - 1 : 1;
  buttons[(buttons.indexOf(document.activeElement) + step) % buttons.length].focus();
}

function close() {
  if (!dialog) return;
  const before = dialog.before;
  document.body.removeChild(dialog.node);
  document.body.classList.remove('veiled');
  dialog = null;
  if (before && before.focus) before.focus({ preventScroll: true });
}

function button(words, kind, click) {
  return h('button', { type: 'button', class: 'weui-btn ' + kind, click }, words);
}

function hasForm() {
  return Array.from(document.forms).some((form) => form.offsetParent !== null);
}

function warn() {
  if (!dialog || isOver()) {
    const clock = h('span', { id: 'idle-clock', 'aria-hidden': 'true' });
    const spoken = h('span', { id: 'idle-spoken', class: 'spoken', 'aria-live': 'assertive' });
    open(
      '还在吗',
      '有一阵没有操作了。为了保护孩子的资料，两分钟内不按“' +
        goOnWords() +
        '”，就会退出登录。' +
        (hasForm() ? '填好的内容不会丢。' : ''),
      [button(goOnWords(), 'weui-btn_primary', goOn), button('退出', 'weui-btn_default', () => ways.signOut())],
      h('p', { class: 'large' }, clock, spoken),
    );
  }
  tick();
}

function goOnWords() {
  return hasForm() ? '继续填写' : '继续使用';
}

function tick() {
  const left = secondsLeft();
  const clock = document.getElementById('idle-clock');
  if (!dialog || !clock) return;
  fill(clock, Math.floor(left / 60) + ':' + String(left % 60).padStart(2, '0'));
  // Spoken now and then only: a voice that counts every second says nothing else.
  if (left === 60 || left === 30) fill(document.getElementById('idle-spoken'), '还剩 ' + left + ' 秒');
  clearTimeout(timer);
  timer = setTimeout(left > 0 ? tick : ask, left > 0 ? 1000 : 1500);
}

/* 继续填写: to ask who is signed in is activity. */
async function goOn() {
  try {
    const session = await get('/api/session');
    watchIdle(session.ends_in_s, ways);
  } catch (problem) {
    if (problem.code === 'not_signed_in') over();
    else fill(document.getElementById('idle-words'), '网络不稳，没有收到回应。请再按一次。');
  }
}

function over() {
  clearTimeout(timer);
  open(
    '已退出登录',
    ENDED + (hasForm() ? '填的内容还在，重新登录后接着填；身份证号和密码没有保留，要再填一次。' : '重新登录后接着办。'),
    [button('重新登录', 'weui-btn_primary', () => ways.toLogin())],
  );
  dialog.isOver = true;
}
