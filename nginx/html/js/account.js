/* 我的账号: the guardian, the students (add, correct, remove), the linked WeChats, signing out. */
import { call, get, post } from './api.js';
import { byId, day, fill, h, show } from './dom.js';
import { faults, watch } from './fields.js';
import { handle, pressed, showErrors, showProblem } from './form.js';
import { limitedCard } from './notes.js';
import { announce, onReturn, setPlace } from './place.js';
import { mustSignIn, signOut } from './session.js';
import { APPLICATION, isBound, isOpen, PLACE_WORDS } from './words.js';

const form = byId('student');
const KINDS = { name: 'name', id_no: 'id' };
let session = null;
let editing = null;

function pair(term, words) {
  return h('div', {}, h('dt', {}, term), h('dd', {}, words));
}

function action(words, block, work) {
  const button = h('button', { type: 'button', class: 'text-button start' }, words);
  button.addEventListener('click', () => pressed(block, button, work));
  return button;
}

/* A question stands in the place of the button, so that a slip of the thumb removes nothing. */
function carefully(words, question, block, work) {
  const place = h('div', {});
  const ask = () =>
    fill(
      place,
      h('p', { class: 'note' }, question),
      h('p', {}, action(words, block, work), h('button', { type: 'button', class: 'text-button', click: offer }, '不用了')),
    );
  function offer() {
    fill(place, h('button', { type: 'button', class: 'text-button start', click: ask }, words));
  }
  offer();
  return place;
}

function studentCard(student) {
  const block = h('section', { class: 'card' });
  const isMovable = isOpen(student) && !session.guardian.limited;
  fill(
    block,
    h('h3', {}, student.name),
    h(
      'dl',
      { class: 'pairs' },
      pair('身份证件号码', student.id_no),
      student.register_place && pair('户口', PLACE_WORDS[student.register_place]),
      pair('报名', APPLICATION[student.application.status]),
    ),
    isMovable && !isBound(student) && action('姓名或号码填错了，改一改', block, () => edit(student)),
    isMovable &&
      carefully('移除这个孩子', '移除后，' + student.name + '的绑定和报名草稿都不再保留。', block, async () => {
        await call('DELETE', '/api/students/' + student.id);
        await load();
      }),
  );
  return block;
}

function wechatLine(wechat) {
  const block = h('li', {});
  fill(
    block,
    h('p', {}, wechat.this ? '正在用的微信' : '微信', h('span', { class: 'quiet' }, ' · ' + day(wechat.linked_at) + ' 绑定')),
    !session.guardian.limited &&
      carefully('解除绑定', '解除后，这个微信下次要用手机号和密码登录。', block, async () => {
        await call('DELETE', '/api/wechat/' + wechat.id);
        await load();
      }),
  );
  return block;
}

function sessionLine(one) {
  const block = h('li', {});
  const words = one.this ? '正在用的这一台' : '最近用过：' + day(one.last_seen_at, true);
  const end = async () => {
    await call('DELETE', '/api/sessions/' + one.id);
    await load();
  };
  fill(
    block,
    h('p', {}, one.device || '手机或电脑', h('span', { class: 'quiet' }, ' · ' + words)),
    !one.this && action('让它退出', block, end),
  );
  return block;
}

/* Where the account is signed in; not shown while limited. */
async function drawSessions() {
  const { sessions } = await get('/api/sessions');
  const block = byId('devices');
  fill(byId('sessions'), sessions.map(sessionLine));
  fill(
    byId('others'),
    sessions.length > 2 &&
      carefully('其他的全部退出', '只有这一台还保持登录。', block, async () => {
        await call('DELETE', '/api/sessions');
        await load();
      }),
  );
  show(block, true);
}

async function edit(student) {
  editing = student;
  fill(byId('student-title'), student ? '改正 ' + student.name + ' 的资料' : '添加孩子');
  form.elements.name.value = student ? student.name : '';
  form.elements.id_no.value = '';
  show(byId('id_no-keep'), Boolean(student));
  show(byId('consent-field'), !student);
  show(byId('lists'), false);
  show(form, true);
  setPlace('我的账号-2');
  announce(byId('student-title'));
}

function findFaults() {
  const found = faults(form, KINDS).filter((fault) => !(editing && fault.field === 'id_no' && form.elements.id_no.value === ''));
  if (!editing && !form.elements.consent.checked) found.push({ field: 'consent', message: '请先看同意书，同意后打勾。' });
  return found;
}

async function save() {
  const found = findFaults();
  if (found.length) {
    showErrors(form, found);
    return;
  }
  const body = { name: form.elements.name.value };
  if (form.elements.id_no.value) body.id_no = form.elements.id_no.value;
  if (editing) await call('PATCH', '/api/students/' + editing.id, body);
  else await post('/api/students', Object.assign(body, { consent: true }));
  close();
  await load();
}

function close() {
  form.reset();
  show(form, false);
  show(byId('lists'), true);
  setPlace('我的账号');
}

function draw() {
  const guardian = session.guardian;
  fill(
    byId('guardian'),
    h(
      'dl',
      { class: 'pairs' },
      pair('家长', guardian.name),
      pair('身份证件号码', guardian.id_no),
      pair('登录手机号', guardian.phone),
    ),
  );
  fill(byId('limited'), guardian.limited && limitedCard());
  fill(byId('students'), session.students.map(studentCard));
  show(byId('add'), !guardian.limited);
  show(byId('credentials'), !guardian.limited);
  fill(byId('wechats'), guardian.wechat.map(wechatLine));
  show(byId('no-wechat'), guardian.wechat.length === 0);
  show(byId('loading'), false);
  show(byId('lists'), form.hidden);
}

async function load() {
  try {
    session = await mustSignIn();
    draw();
    if (!session.guardian.limited) await drawSessions();
  } catch (problem) {
    show(byId('loading'), false);
    showProblem(byId('main'), problem);
  }
}

watch(form, KINDS);
handle(form, save);
byId('cancel').addEventListener('click', close);
byId('add').addEventListener('click', () => edit(null));
byId('sign-out').addEventListener('click', () => pressed(byId('main'), byId('sign-out'), signOut));
onReturn(load);
load();
