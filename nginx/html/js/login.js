/* 登录: phone and password; in WeChat this links the WeChat. */
import { post } from './api.js';
import { byId, fill, h, show } from './dom.js';
import { faults, reveal, watch } from './fields.js';
import { handle, showErrors } from './form.js';
import { announce, onReturn, parameter } from './place.js';
import { isWeChat, ownPath, renewWeChat, signedIn, whoAmI } from './session.js';
import { tab } from './store.js';

const form = byId('login');
const move = byId('move');
const next = ownPath(parameter('next'));

async function signIn() {
  const found = faults(form, { phone: 'phone' });
  if (form.elements.password.value === '') found.push({ field: 'password', message: '请输入密码。' });
  if (found.length) {
    showErrors(form, found);
    return;
  }
  const session = await post('/api/session', credentials());
  signedIn();
  tab.set('login_phone', null);
  if (isOtherWeChat(session)) offerToMove();
  else goOn();
}

function credentials() {
  return { phone: form.elements.phone.value, password: form.elements.password.value };
}

function goOn() {
  form.elements.password.value = '';
  location.replace(next);
}

/* Shown, and not linked though there is room for it: so it is another account's, and moves only if the parent wants it. */
function isOtherWeChat({ guardian, wechat_here: here }) {
  return here === 'other' && !guardian.limited && guardian.wechat.length < 3;
}

/* What the way through WeChat has ended with, as far as a parent can do something about it. */
const WHY = {
  unavailable: ['微信暂时没有回应，请用手机号和密码登录。'],
  denied: ['没有用微信登录也可以，请用手机号和密码登录。'],
  again: ['微信登录没有完成，请用手机号和密码登录，或者', '再试一次微信登录'],
  virtual: ['这是微信的快照页，认不出您的微信。请点页面上的“使用完整服务”，或用手机号和密码登录。'],
  linked: ['这个微信绑定过账号。用手机号和密码登录一次，以后打开自动登录。'],
};

function drawNote() {
  const [words, link] = WHY[parameter('wechat')] || ['第一次在微信里登录后，这个微信就和账号绑定，以后打开自动登录。'];
  fill(byId('wechat-note'), words, link && h('a', { href: '/api/wechat/authorize?next=' + encodeURIComponent(next) }, link));
  show(byId('wechat-note'), isWeChat || Boolean(parameter('wechat')));
}

function offerToMove() {
  show(form, false);
  show(move, true);
  announce(byId('move-title'));
}

/* Who comes here signed in, or comes back to it by the arrow, goes on. */
async function skipIfSignedIn() {
  if (await whoAmI()) location.replace(next);
  else renewWeChat(next);
}

if (!form.elements.phone.value && document.activeElement !== form.elements.phone)
  form.elements.phone.value = tab.get('login_phone') || '';
watch(form, { phone: 'phone' });
reveal(form);
drawNote();
handle(form, signIn);
handle(move, async () => {
  await post('/api/session', Object.assign({ move_wechat: true }, credentials()));
  goOn();
});
byId('stay').addEventListener('click', goOn);
// Only a shortcut: without an answer the form is there.
skipIfSignedIn().catch(() => {});
onReturn(() => skipIfSignedIn().catch(() => {}));
