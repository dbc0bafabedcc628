/*
 * 电子证照授权: the page that waits and turns to 授权完成 by itself. One card a person shows what is signed and what is missing; a
 * forgotten 添加 stands in words and colour, with one button that leads back.
 */
import { byId, day, fill, h, show } from './dom.js';
import { pressed, showProblem } from './form.js';
import { follow } from './follow.js';
import { launch } from './launch.js';
import { announce, onReturn, setPlace } from './place.js';
import { drawWaiting, isNewTitle } from './waiting.js';
import { LICENSES } from './words.js';

const result = byId('result');

const AGAIN = {
  student_not_added: '回去添加孩子',
  household_register_not_ticked: '回去勾选户口簿',
  not_signed: '回去签署授权',
};

function cellWords(cell) {
  const date = cell.signed_on ? day(cell.signed_on + (cell.signed_on.length === 10 ? 'T12:00:00+08:00' : '')) : '已授权';
  return {
    signed: h('span', { class: 'good' }, '✓ ' + date),
    missing: h('b', { class: 'bad' }, '✗ 缺'),
    not_held: h('span', { class: 'quiet' }, '没有也可以继续'),
    not_needed: h('span', { class: 'quiet' }, '不用'),
  }[cell.state];
}

function card(title, verdict, isFine, cells, more) {
  return h(
    'section',
    { class: 'card' + (isFine ? '' : ' card-bad') },
    h(
      'div',
      { class: 'lines' },
      h('p', {}, h('b', {}, title), h('b', { class: isFine ? 'good' : 'bad' }, (isFine ? '✓ ' : '✗ ') + verdict)),
      cells.map((cell) => h('p', {}, h('span', {}, LICENSES[cell.license] || cell.license), cellWords(cell))),
    ),
    more,
  );
}

function has(student, code) {
  return (student.missing || []).some((one) => one.code === code);
}

function howToAdd() {
  return h(
    'div',
    { class: 'note', id: 'how-to-add' },
    h(
      'p',
      {},
      h('b', {}, '怎么补上：'),
      '再次进入“授权信息”，滑到',
      h('b', {}, '最底部'),
      '，点',
      h('b', {}, '添加'),
      ' → 核对孩子姓名 → 勾选“广东省居民户口簿” → ',
      h('b', {}, '确认添加'),
      '，再点“签署授权”。已经签过的，不用再勾。',
    ),
  );
}

function addPicture() {
  return h(
    'figure',
    { class: 'picture' },
    h('img', { src: '/img/add.svg', width: '320', height: '328', alt: '“授权信息”页：滑到最底部，点“添加”，把孩子加进来' }),
  );
}

function again(words, ids) {
  const button = h('button', { type: 'button', class: 'weui-btn weui-btn_primary', 'data-busy': '正在前往…' }, words);
  button.addEventListener('click', () => pressed(result, button, () => launch('authorizations', ids, result)));
  return button;
}

function cellsOf(state, person) {
  return (state.cells || []).filter((cell) => cell.person === person);
}

function guardianCard(state, session) {
  const cells = cellsOf(state, 'guardian');
  const isFine = cells.length > 0 && !cells.some((cell) => cell.state === 'missing');
  return card('家长 ' + session.guardian.name, isFine ? '已授权' : '还没授权', isFine, cells, null);
}

function studentCard(state, student, more) {
  const isFine = student.status === 'authorized';
  const verdict = isFine ? '已授权' : has(student, 'student_not_added') ? '未添加学生信息' : '还差一项';
  return card('孩子 ' + student.name, verdict, isFine, cellsOf(state, student.id), isFine ? null : more);
}

function missingWords(student) {
  if (has(student, 'student_not_added')) return howToAdd();
  return h(
    'ul',
    { class: 'note' },
    (student.missing || []).map((one) => h('li', {}, one.message)),
  );
}

function drawIncomplete(state, session) {
  const open = state.students.filter((student) => student.status !== 'authorized');
  const isForgotten = open.some((student) => has(student, 'student_not_added'));
  const code = Object.keys(AGAIN).find((one) => open.some((student) => has(student, one)));
  const mine = session.students.filter((student) => student.next === 'authorize').map((student) => student.id);
  const ids = open.map((student) => student.id).filter((id) => mine.indexOf(id) >= 0);
  const action = ids.length
    ? again(AGAIN[code] || '再去签署授权', ids)
    : h('a', { class: 'weui-btn weui-btn_primary', href: '/steps' }, '继续');
  title('电子证照授权还差一项', isForgotten ? '您已签署，但授权里没有孩子。' : '您已签署，还差下面标红的。');
  fill(
    result,
    guardianCard(state, session),
    state.students.map((student) =>
      studentCard(state, student, [
        missingWords(student),
        student === open[open.length - 1] && [isForgotten && addPicture(), action],
      ]),
    ),
  );
  setPlace('第 2 步-3');
}

function drawDone(state, session) {
  const ready = session.students.filter((student) => student.next === 'enroll');
  title('授权完成', '不用再按什么。资料会自动填进报名表。');
  fill(
    result,
    guardianCard(state, session),
    state.students.map((student) => studentCard(state, student, null)),
    h(
      'a',
      { class: 'weui-btn weui-btn_primary', href: ready.length ? '/apply?student=' + ready[0].id : '/' },
      ready.length ? '下一步：入学报名' : '回首页',
    ),
  );
  setPlace('第 2 步-4');
}

function drawEnded(state) {
  const isDenied = state.status === 'denied';
  title(
    isDenied ? '这次没有签署' : '这次没有办完',
    isDenied ? '您在“个人数字空间”里点了拒绝，或人脸识别没有通过。' : '链接过了时间，重新开始就好。',
  );
  fill(
    result,
    h(
      'p',
      { class: 'note' },
      '没有授权任何资料，可以再来一次。记得滑到页面',
      h('b', {}, '最底部'),
      '，点',
      h('b', {}, '添加'),
      '把孩子加进来。',
    ),
    addPicture(),
    again('再去签署授权', null),
  );
  setPlace('第 2 步-3');
}

function drawNothing() {
  title('电子证照授权', '还没有开始。');
  fill(result, h('a', { class: 'weui-btn weui-btn_primary', href: '/steps' }, '去看办到哪里了'));
  setPlace('第 2 步-1');
}

function title(words, lead) {
  fill(byId('lead'), lead);
  if (isNewTitle(words)) announce(byId('title'));
}

function draw(state, session) {
  const isDone = state && state.students.length > 0 && state.students.every((student) => student.status === 'authorized');
  show(byId('help'), Boolean(state) && !isDone);
  if (!state) return drawNothing();
  if (state.poll_after_ms) return drawWaiting('authorizations', state, '正在核对授权', '第 2 步-2');
  if (isDone) return drawDone(state, session);
  return state.status === 'denied' || state.status === 'expired' ? drawEnded(state) : drawIncomplete(state, session);
}

async function load() {
  try {
    await follow('authorizations', draw);
  } catch (problem) {
    showProblem(result, problem, [['再看一次', location.pathname + location.search]]);
  }
}

onReturn(load);
load();
