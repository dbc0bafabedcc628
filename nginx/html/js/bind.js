/*
 * 绑定学生信息: before leaving what each person will need, after coming back what is there and what is missing, and what to press;
 * and the face check of a limited account.
 */
import { call } from './api.js';
import { askBefore, demote, helpCard, otherDoor } from './before.js';
import { byId, fill, h } from './dom.js';
import { withHistory } from './events.js';
import { pressed, showProblem } from './form.js';
import { follow } from './follow.js';
import { launch } from './launch.js';
import { personCard } from './matrix.js';
import { takenNote } from './notes.js';
import { announce, onReturn, setPlace } from './place.js';
import { drawWaiting, isNewTitle } from './waiting.js';

const KIND = 'bindings';
const result = byId('result');

/* Which licence a missing code is about, and how one gets back to it. What is not here is about the guardian. */
const CELLS = {
  ward_not_linked: ['birth_certificate', '去关联'],
  household_register_not_claimed: ['household_register', '去申领'],
  identity_credential_not_claimed: ['identity_credential', '去申领'],
};
const OF_CHILD = Object.keys(CELLS).map((code) => CELLS[code][0]);

function go(words, ids, look) {
  const button = h('button', { type: 'button', class: look, 'data-busy': '正在前往…' }, words);
  button.addEventListener('click', () => pressed(result, button, () => launch(KIND, ids, result)));
  return button;
}

const primary = (words, ids) => go(words, ids, 'weui-btn weui-btn_primary');
const small = (words, ids) => go(words, ids, 'text-button');

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

function has(student, code) {
  return student.missing.some((one) => one.code === code);
}

function notes(list) {
  return list.length > 0 && h('ul', { class: 'note' }, list.map((one) => h('li', {}, one.message)));
}

/* What several children lack alike is said once: what is about the guardian in his card, how to go on beside the button. */
function told(state, isWanted) {
  const seen = {};
  state.students.forEach((student) =>
    student.missing.forEach((one) => {
      if (isWanted(one.code)) seen[one.code] = one;
    }),
  );
  return notes(Object.keys(seen).map((code) => seen[code]));
}

function guardianCard(session, verdict, note) {
  return personCard(KIND, {
    title: '家长 ' + session.guardian.name,
    verdict,
    cells: [{ license: 'household_register', state: 'later' }],
    note,
  });
}

function childCells(student, isVerified, isOpen) {
  return OF_CHILD.map((license) => {
    const code = Object.keys(CELLS).find((one) => CELLS[one][0] === license);
    if (student.status === 'bound') return { license, state: 'signed' };
    if (!isVerified) return { license, state: 'unknown' };
    if (!has(student, code)) return { license, state: 'signed' };
    return { license, state: 'missing', way: isOpen && small(CELLS[code][1], [student.id]) };
  });
}

function studentCard(student, isVerified, isOpen) {
  const title = '孩子 ' + student.name;
  if (has(student, 'student_taken'))
    return personCard(KIND, { title, verdict: ['bad', '已由别人绑定'], cells: [], note: takenNote() });
  return personCard(KIND, {
    title,
    verdict: student.status === 'bound' ? ['good', '已绑定'] : isVerified ? ['bad', '还没绑定'] : ['quiet', '还没绑定'],
    cells: childCells(student, isVerified, isOpen),
  });
}

function drawStudents(state, session) {
  const open = state.students.filter((student) => student.status !== 'bound');
  const renamed = open.find((student) => has(student, 'name_differs'));
  const mine = session.students.filter((student) => student.next === 'bind').map((student) => student.id);
  const again = open.filter((student) => mine.indexOf(student.id) >= 0);
  const isVerified = !open.some((student) => has(student, 'not_verified') || has(student, 'other_person'));
  const ofGuardian = told(state, (code) => !CELLS[code] && code !== 'student_taken');
  title('绑定还差一项', isVerified ? '已经办好的不用再办，缺的点一下就能回去补。' : '先核验您本人，孩子的才看得到。');
  fill(
    result,
    guardianCard(session, isVerified && !renamed ? ['good', '已核验本人'] : ['bad', renamed ? '姓名写法不同' : '还没核验'], ofGuardian),
    state.students.map((student) => studentCard(student, isVerified, again.indexOf(student) >= 0)),
    told(state, (code) => CELLS[code]),
    renamed
      ? takeName(renamed)
      : again.length
        ? primary('再去办理', again.map((student) => student.id))
        : next('继续', '/steps'),
    otherDoor(state.door, again, result),
  );
  setPlace('第 1 步-3');
}

function drawBound(state, session) {
  const isToAuthorize = session.students.some((student) => student.next === 'authorize');
  title('绑定完成', isToAuthorize ? '还有第二步，约 3 分钟。' : '可以填报名表了。');
  fill(
    result,
    guardianCard(session, ['good', '已核验本人'], null),
    state.students.map((student) => studentCard(student, true, false)),
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
          primary('再去核验', []),
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
  const open = session.students.filter((student) => student.next === 'bind');
  fill(
    result,
    h('p', { class: 'note' }, '没有改动任何资料，可以再来一次。光线亮一些、摘下口罩，更容易通过。'),
    primary('再去办理', session.guardian.limited && !open.length ? [] : null),
    otherDoor(state.door, open, result),
    needs(open, session),
  );
  setPlace('第 1 步-3');
}

/* Before leaving: what each person will be asked for. */
function needs(students, session) {
  return students.length > 0 && [
    guardianCard(session, ['todo', '要刷脸核验'], null),
    students.map((student) =>
      personCard(KIND, {
        title: '孩子 ' + student.name,
        verdict: ['todo', '要绑定'],
        cells: OF_CHILD.map((license) => ({ license, state: 'needed' })),
      }),
    ),
  ];
}

function drawBefore(students, session) {
  const question = h('section', { class: 'card' });
  const button = primary('立即绑定', students.map((student) => student.id));
  title('绑定学生信息', '约 5 分钟。出发前看一眼：每个人要办什么。');
  askBefore(question, students, (canLink) => demote(button, canLink));
  fill(result, question, needs(students, session), button);
  setPlace('第 1 步-1');
}

function drawNothing(session) {
  const open = session.students.filter((student) => student.next === 'bind');
  if (session.guardian.limited) {
    title('人脸核验', '账号刚用资料找回过。核验是您本人以后，账号恢复正常。');
    fill(result, h('p', { class: 'card' }, '在“个人数字空间”刷脸，约 2 分钟。'), primary('去做人脸核验', []));
    setPlace('人脸核验-1');
  } else if (open.length) {
    drawBefore(open, session);
  } else {
    title('绑定学生信息', '还没有开始，或已经办完。');
    fill(result, next('去看办到哪里了', '/steps'));
    setPlace('第 1 步-1');
  }
}

function title(words, lead) {
  fill(byId('lead'), lead);
  if (isNewTitle(words)) announce(byId('title'));
}

function drawState(state, session) {
  if (!state) return drawNothing(session);
  if (state.poll_after_ms) return drawWaiting(KIND, state, '正在核对绑定结果', '第 1 步-2');
  if (state.status === 'denied' || state.status === 'expired') return drawEnded(state, session);
  if (!state.students.length) return drawGuardian(state, session);
  return state.students.every((student) => student.status === 'bound') ? drawBound(state, session) : drawStudents(state, session);
}

function draw(state, session) {
  const isDone = state && state.status === 'completed' && state.students.every((student) => student.status === 'bound');
  drawState(state, session);
  helpCard(Boolean(state) && !isDone);
}

async function load() {
  try {
    await follow(KIND, withHistory(result, KIND, draw));
  } catch (problem) {
    showProblem(result, problem, [['再看一次', location.pathname + location.search]]);
  }
}

onReturn(load);
load();
