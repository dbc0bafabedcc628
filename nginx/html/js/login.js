/* 登录: phone and password; in WeChat this links the WeChat. */
import { post } from './api.js';
import { byId, show } from './dom.js';
import { faults, reveal, watch } from './fields.js';
import { handle, showErrors } from './form.js';
import { announce, onReturn, parameter } from './place.js';
import { hasSeenWeChat, isWeChat, ownPath, renewWeChat, signedIn, whoAmI } from './session.js';
import { tab } from './store.js';

const form = byId('login');
const move = byId('move');
const next = ownPath(parameter('next'));

async function signIn() {
  const found = faults(form, { phone: 'phone' });
  if (form.elements.password.value === '')
    found.push({ field: 'password', message: '请输入密码。' });
  if (found.length) {
    showErrors(form, found);
    return;
  }
  const session = await post('/api/session', credentials());
  signedIn();
  tab.set('login_phone', null);
  if (isOtherWeChat(session.guardian))
    offerToMove();
  else
    goOn();
}

function credentials() {
  return { phone: form.elements.phone.value, password: form.elements.password.value };
}

function goOn() {
  form.elements.password.value = '';
  location.replace(next);
}

/* Seen a moment ago, and yet not linked by signing in: it is somebody else's link, and moves only if the parent wants it. */
function isOtherWeChat(guardian) {
  return isWeChat && hasSeenWeChat() && !guardian.limited && guardian.wechat.length < 3 && !guardian.wechat.some((one) => one.this);
}

function offerToMove() {
  show(form, false);
  show(move, true);
  announce(byId('move-title'));
}

/* Who comes here signed in, or comes back to it by the arrow, goes on. */
async function skipIfSignedIn() {
  if (await whoAmI())
    location.replace(next);
  else
    renewWeChat(next);
}

form.elements.phone.value = tab.get('login_phone') || '';
watch(form, { phone: 'phone' });
reveal(form);
show(byId('wechat-note'), isWeChat);
handle(form, signIn);
handle(move, async () => {
  await post('/api/session', Object.assign({ move_wechat: true }, credentials()));
  goOn();
});
byId('stay').addEventListener('click', goOn);
// Only a shortcut: without an answer the form is there.
skipIfSignedIn().catch(() => {});
onReturn(() => skipIfSignedIn().catch(() => {}));
