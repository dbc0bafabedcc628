/*
 * 换手机接着办. On the first phone (/handoff?page=bind) this shows a code and what becomes of it; on the second, which the code
 * brings here (/handoff#token), it hands the token in after a sign-in of its own, and goes where the server says. The token
 * leaves the address before anything else.
 */
import { get, post } from './api.js';
import { byId, fill, h, show } from './dom.js';
import { problemBox, showProblem } from './form.js';
import { limitedCard } from './notes.js';
import { announce, onReturn, parameter, setPlace } from './place.js';
import { mustSignIn, ownPath, signOut, tryWeChat, whoAmI } from './session.js';
import { tab } from './store.js';

const PAGES = { steps: '/steps', bind: '/bind', authorize: '/authorize', apply: '/apply' };
const page = PAGES[parameter('page')] ? parameter('page') : null;

let timer = null;
let endsAt = 0;

/* The step on this phone. */
function here() {
  const student = parameter('student');
  const section = parameter('section');
  return PAGES[page] + (student ? '?student=' + encodeURIComponent(student) : '') + (section ? '#' + section : '');
}

function waysBack(words) {
  fill(byId('ways'), h('p', { class: 'more' }, h('a', { href: page ? here() : '/' }, words || '不换了，就在这部手机上办')));
}

function drawState(title, words, go) {
  show(byId('loading'), false);
  show(byId('code'), false);
  show(byId('state'), true);
  fill(byId('state-title'), title);
  fill(byId('state-words'), words);
  fill(byId('state-go'), go);
}

function newCode(words) {
  return h('button', { type: 'button', class: 'weui-btn weui-btn_primary', click: start }, words);
}

function drawCode(code) {
  const picture = new DOMParser().parseFromString(code.qr, 'image/svg+xml').documentElement;
  endsAt = Date.now() + code.expires_in_s * 1000;
  picture.setAttribute('aria-hidden', 'true');
  fill(byId('qr'), document.importNode(picture, true));
  show(byId('loading'), false);
  show(byId('state'), false);
  show(byId('code'), true);
  waysBack();
}

function drawLeft() {
  const left = Math.max(0, Math.ceil((endsAt - Date.now()) / 60000));
  fill(byId('left'), left > 0 ? '还有 ' + left + ' 分钟有效，等待扫码…' : '');
}

/* What became of the code, in the server's words and at its pace. */
function drawProgress(code) {
  if (code.status === 'waiting') {
    drawLeft();
    return;
  }
  if (code.status === 'opened') {
    setPlace('换手机-2');
    drawState(
      '对方手机已打开',
      code.poll_after_ms ? '请在那部手机上接着办，办完这里会自己变。' : '那部手机上还没有办完。办到哪里了，首页随时能看。',
      !code.poll_after_ms && h('a', { class: 'weui-btn weui-btn_primary', href: '/' }, '回首页看进度'),
    );
    waysBack();
  } else if (code.status === 'done') {
    setPlace('换手机-3');
    drawState('✓ 已完成', '这一步已经在另一部手机上办好了。', h('a', { class: 'weui-btn weui-btn_primary', href: '/' }, '继续'));
    fill(byId('ways'));
    announce(byId('state-title'));
  } else {
    drawState('二维码已过期', '十分钟内没有手机打开它。可以换一个新码再扫。', newCode('换一个新码'));
    waysBack();
  }
}

async function follow(id) {
  clearTimeout(timer);
  try {
    const code = await get('/api/handoffs/' + id, { isQuiet: true });
    drawProgress(code);
    if (code.poll_after_ms) timer = setTimeout(() => follow(id), code.poll_after_ms);
  } catch (problem) {
    if (problem.code === 'not_found') drawProgress({ status: 'expired' });
    else if (problem.code !== 'not_signed_in') showProblem(byId('main'), problem);
  }
}

async function start() {
  clearTimeout(timer);
  try {
    const session = await mustSignIn();
    if (session.guardian.limited) {
      drawState('请在这部手机上核验', '刚找回的账号，人脸核验要在找回密码的这部手机上办，不能换手机。', limitedCard());
      return;
    }
    const body = { page };
    if (page === 'apply' && parameter('student')) body.student_id = parameter('student');
    if (page === 'apply' && parameter('section')) body.section = parameter('section');
    const code = await post('/api/handoffs', body);
    setPlace('换手机-1');
    drawCode(code);
    drawLeft();
    timer = setTimeout(() => follow(code.id), code.poll_after_ms);
  } catch (problem) {
    show(byId('loading'), false);
    showProblem(byId('main'), problem, [['回首页', '/']]);
  }
}

/* The second phone. In WeChat it may be signed in without typing. */
async function bring(token) {
  try {
    const isSignedIn = Boolean(await whoAmI());
    if (!isSignedIn && tryWeChat('/handoff')) return;
    if (!isSignedIn) await mustSignIn();
    const { path } = await post('/api/handoffs/open', { token });
    tab.set('handoff', null);
    location.replace(ownPath(path));
  } catch (problem) {
    refuse(problem);
  }
}

function refuse(problem) {
  if (problem.code === 'forbidden') {
    tab.set('handoff', null);
    drawState('这是另一个账号的二维码', problemBox(problem), [
      h('button', { type: 'button', class: 'weui-btn weui-btn_primary', click: signOut }, '退出登录'),
    ]);
    fill(byId('ways'), h('p', { class: 'more' }, h('a', { href: '/' }, '不换账号，回首页')));
  } else if (problem.code === 'not_found' || problem.code === 'validation_failed') {
    tab.set('handoff', null);
    drawState(
      '二维码已失效',
      problem.detail || '请在第一部手机上换一个新码，再扫一次。',
      h('a', { class: 'weui-btn weui-btn_primary', href: '/' }, '回首页接着办'),
    );
    fill(byId('ways'));
  } else {
    show(byId('loading'), false);
    showProblem(byId('main'), problem, [['回首页', '/']]);
  }
  setPlace('换手机-4');
}

function load() {
  const token = location.hash.slice(1);
  if (token) {
    tab.set('handoff', token);
    history.replaceState(null, '', '/handoff');
  }
  const brought = tab.get('handoff');
  if (page && !token) start();
  else if (brought) bring(brought);
  else drawState('没有要接着办的', '请从要办的那一步点“换手机接着办”。', h('a', { class: 'weui-btn weui-btn_primary', href: '/' }, '回首页'));
}

onReturn(load);
load();
