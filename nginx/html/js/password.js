/* 修改密码, for who is signed in; and a first one where a face check has made a stranger's void. */
import { call } from './api.js';
import { byId, fill, show } from './dom.js';
import { passwordFault, reveal, watchPassword } from './fields.js';
import { handle, showErrors, showProblem } from './form.js';
import { announce } from './place.js';
import { mustSignIn } from './session.js';
import { suggest } from './suggest.js';

const form = byId('change');
const nothing = () => [];

function isOldAsked() {
  return !byId('old').hidden;
}

async function send() {
  const { password, old_password: old } = form.elements;
  const found = [];
  if (isOldAsked() && old.value === '') found.push({ field: 'old_password', message: '请输入现在的密码。' });
  const fault = passwordFault(password.value, nothing());
  if (fault) found.push({ field: 'password', message: fault });
  if (found.length) {
    showErrors(form, found);
    return;
  }
  const body = { password: password.value };
  if (isOldAsked()) body.old_password = old.value;
  await call('PUT', '/api/account/password', body, { isSingle: true });
  form.reset();
  show(form, false);
  show(byId('done'), true);
  announce(byId('done-title'));
}

async function load() {
  try {
    const { guardian } = await mustSignIn();
    show(byId('old'), !guardian.password_void);
    if (guardian.password_void) fill(byId('lead'), '原来的密码已作废，请设一个新的。');
    show(form, true);
  } catch (problem) {
    showProblem(byId('main'), problem);
  }
}

watchPassword(form, nothing);
reveal(form);
suggest(form, nothing);
handle(form, send);
load();
