/* 修改手机号, for who is signed in. Who is not gets there from 找回密码. */
import { call } from './api.js';
import { byId, show } from './dom.js';
import { faults, reveal, watch } from './fields.js';
import { handle, showErrors, showProblem } from './form.js';
import { askCode } from './phone_code.js';
import { announce } from './place.js';
import { mustSignIn, owner } from './session.js';
import { keepTyped } from './store.js';

const form = byId('change');
const code = askCode(form, '/api/account/code', form.elements.new_phone);
let typed = null;

async function send() {
  const { password, old_phone: old, new_phone: next } = form.elements;
  // After a face check the old number need not be known; whether there was one, the server knows.
  const found = faults(form, old.value === '' ? { new_phone: 'phone' } : { old_phone: 'phone', new_phone: 'phone' });
  const codeFault = await code.fault();
  if (codeFault) found.push(codeFault);
  if (password.value === '') found.push({ field: 'password', message: '请输入登录密码。' });
  if (found.length) {
    showErrors(form, found);
    return;
  }
  const body = { password: password.value, new_phone: next.value };
  if (old.value) body.old_phone = old.value;
  if (code.value()) body.phone_code = code.value();
  await call('PUT', '/api/account/phone', body, { isSingle: true });
  form.reset();
  typed.forget();
  show(form, false);
  show(byId('done'), true);
  announce(byId('done-title'));
}

async function load() {
  try {
    typed = keepTyped(form, 'phone', owner(await mustSignIn()));
    show(form, true);
  } catch (problem) {
    showProblem(byId('main'), problem);
  }
}

watch(form, { old_phone: 'phone', new_phone: 'phone' });
reveal(form);
handle(form, send);
load();
