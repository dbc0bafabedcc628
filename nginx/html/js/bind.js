/* 绑定学生信息: what the result is, what is missing and what to press; and the face check of a limited account. */
import { call } from './api.js';
import { byId, fill, h, show } from './dom.js';
import { pressed, showProblem } from './form.js';
import { follow } from './follow.js';
import { launch } from './launch.js';
import { announce, onReturn, setPlace } from './place.js';
import { drawWaiting, isNewTitle } from './waiting.js';

const result = byId('result');

function go(words, ids, isPrimary) {
  const button = h(
    'button',
    { type: 'button', class: 'weui-btn ' + (isPrimary ? 'weui-btn_primary' : 'weui-btn_default'), 'data-busy': '正在前往…' },
    words,
  );
  button.addEventListener('click', () => pressed(result, button, () => launch('bindings', ids, result)));
  return button;
}

function next(words, href) {
  return h('a', { class: 'weui-btn weui-btn_primary', href }, words);
}

/* The same number under another spelling: the register's can be taken over without a new face check. */
function takeName(student) {
  const button = h('button', { type: 'button', class: 'weui-btn weui-btn_primary' }, '改成户口登记的写法');
  button.addEventListener('click', () =>
    pressed(result, button, async () => {
      await call('PATCH', '/api/students/' + student.id, { take_register_name: true });
      await load();
    }),
  );
  return button;
}

function studentCard(student) {
  if (student.status === 'bound')
    return h(
      'section',
      { class: 'card card-good' },
      h('div', { class: 'lines' }, h('p', {}, h('b', {}, '孩子 ' + student.name), h('b', { class: 'good' }, '✓ 已绑定'))),
    );
  const missing = student.missing || [];
  return h(
    'section',
    { class: 'card card-bad' },
    h('div', { class: 'lines' }, h('p', {}, h('b', {}, '孩子 ' + student.name), h('b', { class: 'bad' }, '✗ 还没绑定'))),
    h(
      'ul',
      { class: 'note' },
      missing.map((one) => h('li', {}, one.message)),
    ),
  );
}

function drawStudents(state, session) {
  const open = state.students.filter((student) => student.status !== 'bound');
  const renamed = open.find((student) => (student.missing || []).some((one) => one.code === 'name_differs'));
  const mine = session.students.filter((student) => student.next === 'bind').map((student) => student.id);
  const again = open.map((student) => student.id).filter((id) => mine.indexOf(id) >= 0);
  fill(
    result,
    state.students.map(studentCard),
    renamed ? takeName(renamed) : again.length ? go('再去办理', again, true) : next('继续', '/steps'),
  );
  title('绑定还差一项', '已经办好的不用再办。');
  setPlace('第 1 步-3');
}

function drawBound(state, session) {
  const isToAuthorize = session.students.some((student) => student.next === 'authorize');
  title('绑定完成', isToAuthorize ? '还有第二步，约 3 分钟。' : '可以填报名表了。');
  fill(
    result,
    state.students.map(studentCard),
    next(isToAuthorize ? '下一步：电子证照授权' : '继续', isToAuthorize ? '/steps' : '/'),
  );
  setPlace('第 1 步-4');
}

/* A binding without children is the guardian's own face check: does the limit stand? */
function drawGuardian(state, session) {
  const isLifted = !session.guardian.limited;
  title(isLifted ? '人脸核验完成' : '还差一步', isLifted ? '账号已恢复正常。' : '核验有了结果，但不是从这部手机点“返回”回来的。');
  fill(
    result,
    isLifted
      ? next('继续', '/')
      : [
          h('p', { class: 'note' }, '请用当初找回密码的这部手机再办一次，办完点页面上的“返回”。办不了的，请带身份证到学校办理。'),
          go('再去核验', [], true),
        ],
  );
  setPlace('人脸核验-2');
}

function drawEnded(state, session) {
  const isDenied = state.status === 'denied';
  title(
    isDenied ? '这次没有办成' : '这次没有办完',
    isDenied ? '您在“个人数字空间”里点了拒绝，或人脸识别没有通过。' : '链接过了时间，重新开始就好。',
  );
  const ids = session.students.filter((student) => student.next === 'bind').map((student) => student.id);
  fill(
    result,
    h('p', { class: 'note' }, '没有改动任何资料，可以再来一次。光线亮一些、摘下口罩，更容易通过。'),
    go('再去办理', session.guardian.limited && !ids.length ? [] : null, true),
  );
  setPlace('第 1 步-3');
}

function drawNothing(session) {
  if (session.guardian.limited) {
    title('人脸核验', '账号刚用资料找回过。核验是您本人以后，账号恢复正常。');
    fill(result, h('p', { class: 'card' }, '在“个人数字空间”刷脸，约 2 分钟。'), go('去做人脸核验', [], true));
    setPlace('人脸核验-1');
    return;
  }
  title('绑定学生信息', '还没有开始，或已经办完。');
  fill(result, next('去看办到哪里了', '/steps'));
  setPlace('第 1 步-1');
}

function title(words, lead) {
  fill(byId('lead'), lead);
  if (isNewTitle(words)) announce(byId('title'));
}

function draw(state, session) {
  show(
    byId('help'),
    Boolean(state) && !(state.status === 'completed' && state.students.every((student) => student.status === 'bound')),
  );
  if (!state) return drawNothing(session);
  if (state.poll_after_ms) return drawWaiting('bindings', state, '正在核对绑定结果', '第 1 步-2');
  if (state.status === 'denied' || state.status === 'expired') return drawEnded(state, session);
  if (!state.students.length) return drawGuardian(state, session);
  return state.students.every((student) => student.status === 'bound') ? drawBound(state, session) : drawStudents(state, session);
}

async function load() {
  try {
    await follow('bindings', draw);
  } catch (problem) {
    showProblem(result, problem, [['再看一次', location.pathname + location.search]]);
  }
}

onReturn(load);
load();
