/*
 * 电子证照授权: before leaving what is to be ticked for whom; then the page that waits and turns to 授权完成 by itself. One card a
 * person shows what is signed and what is missing; a forgotten 添加 is the child's empty card, with one button that leads back.
 */
import { helpCard, otherDoor } from './before.js';
import { byId, fill, h } from './dom.js';
import { withHistory } from './events.js';
import { pressed, showProblem } from './form.js';
import { follow } from './follow.js';
import { launch } from './launch.js';
import { isOpen, personCard } from './matrix.js';
import { announce, onReturn, setPlace } from './place.js';
import { drawWaiting, isNewTitle } from './waiting.js';

const KIND = 'authorizations';
const result = byId('result');

/* What a missing code about a licence that was signed says of its cell. */
const TOLD = { license_unreadable: 'unreadable', register_unavailable: 'waiting' };

function go(words, ids, isPrimary) {
  const button = h(
    'button',
    { type: 'button', class: 'weui-btn ' + (isPrimary ? 'weui-btn_primary' : 'weui-btn_default'), 'data-busy': '正在前往…' },
    words,
  );
  button.addEventListener('click', () => pressed(result, button, () => launch(KIND, ids, result)));
  return button;
}

function has(student, code) {
  return student.missing.some((one) => one.code === code);
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

function notes(list) {
  return list.length > 0 && h('ul', { class: 'note' }, list.map((one) => h('li', {}, one.message)));
}

/* Messages that several children carry alike are said once, in the guardian's card. */
function shared(state) {
  const seen = {};
  state.students.forEach((student) =>
    student.missing.forEach((one) => {
      if (one.code !== 'student_not_added') seen[one.code] = one;
    }),
  );
  return Object.keys(seen).map((code) => seen[code]);
}

/* The server's cells of one person; a register that was signed and did not arrive says why. */
function cellsOf(state, person, missing) {
  const code = Object.keys(TOLD).find((one) => missing.some((item) => item.code === one));
  const isHere = (cell) =>
    cell.state !== 'signed' ||
    cell.license !== 'household_register' ||
    state.licenses.some((one) => one.holder === person && one.type === cell.license);
  return (state.cells || [])
    .filter((cell) => cell.person === person)
    .map((cell) => Object.assign({}, cell, code && !isHere(cell) ? { state: TOLD[code] } : {}));
}

/* What leads back, in words: who never signed does not tick a register. */
function wayWords(open) {
  if (open.some((student) => has(student, 'not_signed'))) return '回去签署授权';
  if (open.some((student) => has(student, 'other_person') || has(student, 'not_verified'))) return '再去签署授权';
  return null;
}

/*
 * The ways back, by cell. The first stands out; where each cell has a way of its own the others say whose they are, and where all
 * lead to the same (signing as a whole) there is one.
 */
function makeWays(words, ids) {
  let n = 0;
  return (own, whose) => {
    n += 1;
    if (!ids.length || (n > 1 && words)) return null;
    return go((words || own) + (n > 1 ? '：' + whose : ''), ids, n === 1);
  };
}

function giveWays(cells, whose, way) {
  cells.filter(isOpen).forEach((cell) => {
    cell.way = way(cell.state === 'not_held' ? '先申领，再回来勾选' : '回去勾选户口簿', whose);
  });
  return cells;
}

function guardianCard(state, session, missing, way) {
  const cells = giveWays(cellsOf(state, 'guardian', missing), '家长', way);
  const isWaiting = cells.some((cell) => cell.state === 'waiting');
  return personCard(KIND, {
    title: '家长 ' + session.guardian.name,
    verdict: cells.some(isOpen) ? ['bad', '还没授权'] : isWaiting ? ['todo', '正在取'] : ['good', '已授权'],
    cells,
    note: notes(missing),
  });
}

/* 添加 was forgotten: nothing of this child is in the authorization. */
function emptyCard(student, way, isFirst) {
  return personCard(KIND, {
    title: '孩子 ' + student.name,
    verdict: ['bad', '未添加学生信息'],
    cells: [],
    note: [isFirst && [howToAdd(), addPicture()], way('回去添加孩子', student.name)],
  });
}

function studentCard(state, student, way) {
  const cells = giveWays(cellsOf(state, student.id, student.missing), student.name, way);
  return personCard(KIND, {
    title: '孩子 ' + student.name,
    verdict: student.status === 'authorized' ? ['good', '已授权'] : cells.some(isOpen) ? ['bad', '还差一项'] : ['todo', '还没办完'],
    cells,
  });
}

function drawIncomplete(state, session) {
  const open = state.students.filter((student) => student.status !== 'authorized');
  const forgotten = open.filter((student) => has(student, 'student_not_added'));
  const again = session.students.filter(
    (student) => student.next === 'authorize' && open.some((one) => one.id === student.id),
  );
  const words = wayWords(open);
  const ids = again.map((student) => student.id);
  const way = makeWays(words, ids);
  title(
    '电子证照授权还差一项',
    forgotten.length ? '您已签署，但授权里没有孩子。' : words ? '还没有签好，缺的标出来了。' : '您已签署，还差下面标出的。',
  );
  fill(
    result,
    guardianCard(state, session, shared(state), way),
    state.students.map((student) =>
      forgotten.indexOf(student) >= 0 ? emptyCard(student, way, student === forgotten[0]) : studentCard(state, student, way),
    ),
  );
  if (!result.querySelector('.weui-btn_primary'))
    result.appendChild(
      ids.length ? go('再去签署授权', ids, true) : h('a', { class: 'weui-btn weui-btn_primary', href: '/steps' }, '继续'),
    );
  const other = otherDoor(state.door, again, result);
  if (other) result.appendChild(other);
  setPlace('第 2 步-3');
}

function drawDone(state, session) {
  const none = makeWays(null, []);
  const ready = session.students.filter((student) => student.next === 'enroll');
  title('授权完成', '不用再按什么。资料会自动填进报名表。');
  fill(
    result,
    guardianCard(state, session, [], none),
    state.students.map((student) => studentCard(state, student, none)),
    h(
      'a',
      { class: 'weui-btn weui-btn_primary', href: ready.length ? '/apply?student=' + ready[0].id : '/' },
      ready.length ? '下一步：入学报名' : '回首页',
    ),
  );
  setPlace('第 2 步-4');
}

function drawEnded(state, session) {
  const isDenied = state.status === 'denied';
  title(
    isDenied ? '这次没有签署' : '这次没有办完',
    isDenied ? '您在“个人数字空间”里点了拒绝，或人脸识别没有通过。' : '链接过了时间，重新开始就好。',
  );
  const open = session.students.filter((student) => student.next === 'authorize');
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
    go('再去签署授权', null, true),
    otherDoor(state.door, open, result),
    needs(open, session),
  );
  setPlace('第 2 步-3');
}

/* Before leaving: what is to be ticked for whom. */
function needs(students, session) {
  const register = { license: 'household_register', state: 'needed' };
  return students.length > 0 && [
    personCard(KIND, {
      title: '家长 ' + session.guardian.name,
      verdict: ['todo', '要签署'],
      cells: [register, { license: 'real_estate', state: 'needed' }],
    }),
    students.map((student) => personCard(KIND, { title: '孩子 ' + student.name, verdict: ['todo', '要添加'], cells: [register] })),
  ];
}

function drawNothing(session) {
  const open = session.students.filter((student) => student.next === 'authorize');
  title('电子证照授权', open.length ? '约 3 分钟。出发前看一眼：要勾哪些、添加谁。' : '还没有开始。');
  fill(
    result,
    open.length
      ? [
          needs(open, session),
          h(
            'p',
            { class: 'note' },
            '最容易忘的一步：在“授权信息”页滑到',
            h('b', {}, '最底部'),
            '，点',
            h('b', {}, '添加'),
            open.length > 1 ? '，把孩子一个一个加进来。' : '，把孩子加进来。',
          ),
          addPicture(),
          go('立即绑定', open.map((student) => student.id), true),
        ]
      : h('a', { class: 'weui-btn weui-btn_primary', href: '/steps' }, '去看办到哪里了'),
  );
  setPlace('第 2 步-1');
}

function title(words, lead) {
  fill(byId('lead'), lead);
  if (isNewTitle(words)) announce(byId('title'));
}

function isDone(state) {
  return Boolean(state) && state.students.length > 0 && state.students.every((student) => student.status === 'authorized');
}

function drawState(state, session) {
  if (!state) return drawNothing(session);
  if (state.poll_after_ms) return drawWaiting(KIND, state, '正在核对授权', '第 2 步-2');
  if (isDone(state)) return drawDone(state, session);
  return state.status === 'denied' || state.status === 'expired' ? drawEnded(state, session) : drawIncomplete(state, session);
}

function draw(state, session) {
  drawState(state, session);
  helpCard(Boolean(state) && !isDone(state));
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
