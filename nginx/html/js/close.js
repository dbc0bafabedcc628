/* 注销账号: what goes, when, and what must be kept; the password; and the way back, which is to sign in again. */
import { post } from './api.js';
import { byId, fill, h, show } from './dom.js';
import { reveal } from './fields.js';
import { handle, showErrors, showProblem } from './form.js';
import { limitedCard } from './notes.js';
import { announce, onReturn } from './place.js';
import { mustSignIn } from './session.js';
import { forgetAll, tab } from './store.js';
import { APPLICATION } from './words.js';

const form = byId('close');
const KEPT = ['submitted', 'accepted', 'admitted', 'not_admitted'];

async function send() {
  const { password } = form.elements;
  if (password.value === '') {
    showErrors(form, [{ field: 'password', message: '请输入登录密码。' }]);
    return;
  }
  await post('/api/account/close', { password: password.value }, { isSingle: true });
  form.reset();
  forgetAll();
  // The account's page says that it is withdrawn, when the parent comes back by signing in.
  tab.set('closing', true);
  show(form, false);
  show(byId('closing'), true);
  announce(byId('closing-title'));
}

function draw(session) {
  const kept = session.students.filter((student) => KEPT.indexOf(student.application.status) >= 0);
  show(byId('loading'), false);
  if (session.guardian.limited) {
    fill(byId('kept'), limitedCard());
    show(byId('kept'), true);
    return;
  }
  fill(byId('kept-who'), kept.map((student) => student.name + '（' + APPLICATION[student.application.status] + '）').join('、'));
  fill(
    byId('kept-go'),
    kept
      .filter((student) => student.application.status === 'submitted')
      .map((student) => h('p', {}, h('a', { href: '/apply?student=' + student.id }, '去看 ' + student.name + ' 的报名'))),
    h('a', { class: 'weui-btn weui-btn_primary', href: '/account' }, '回我的账号'),
  );
  show(byId('kept'), kept.length > 0);
  show(form, kept.length === 0);
}

async function load() {
  if (!byId('closing').hidden) return;
  try {
    draw(await mustSignIn());
  } catch (problem) {
    show(byId('loading'), false);
    showProblem(byId('main'), problem);
  }
}

reveal(form);
handle(form, send);
onReturn(load);
load();
