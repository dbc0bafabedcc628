/* 登录: phone and password; in WeChat this links the WeChat. */
import { post } from './api.js';
import { byId, show } from './dom.js';
import { faults, reveal, watch } from './fields.js';
import { handle, showErrors } from './form.js';
import { onReturn, parameter } from './place.js';
import { isWeChat, ownPath, renewWeChat, signedIn, whoAmI } from './session.js';
import { tab } from './store.js';

const form = byId('login');
const next = ownPath(parameter('next'));

async function signIn() {
  const found = faults(form, { phone: 'phone' });
  if (form.elements.password.value === '')
    found.push({ field: 'password', message: '请输入密码。' });
  if (found.length) {
    showErrors(form, found);
    return;
  }
  const body = { phone: form.elements.phone.value, password: form.elements.password.value };
  if (form.elements.move_wechat.checked)
    body.move_wechat = true;
  await post('/api/session', body);
  signedIn();
  tab.set('login_phone', null);
  form.elements.password.value = '';
  location.replace(next);
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
// Only a shortcut: without an answer the form is there.
skipIfSignedIn().catch(() => {});
onReturn(() => skipIfSignedIn().catch(() => {}));
