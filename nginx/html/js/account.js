/* 我的账号: the guardian, the students (add, correct, remove), the linked WeChats (named, taken off), devices, signing out. */
import { call, get, post } from './api.js';
import { action, carefully } from './careful.js';
import { byId, day, fill, h, show } from './dom.js';
import { faults, watch } from './fields.js';
import { handle, pressed, showErrors, showProblem } from './form.js';
import { limitedCard, otherWeChatCard } from './notes.js';
import { announce, onReturn, setPlace } from './place.js';
import { mustSignIn, owner, signOut } from './session.js';
import { keepTyped, tab } from './store.js';
import { APPLICATION, isBound, isOpen, PLACE_WORDS } from './words.js';

const form = byId('student');
const KINDS = { name: 'name', id_no: 'id' };
let session = null;
let editing = null;
let typed = null;
let naming = null;

function pair(term, words) {
  return h('div', {}, h('dt', {}, term), h('dd', {}, words));
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

const NAMES = ['妈妈的微信', '爸爸的微信', '爷爷奶奶的微信', '外公外婆的微信'];

function rename(id) {
  naming = id;
  fill(byId('wechats'), session.guardian.wechat.map(wechatLine));
  const input = byId('wechat_name');
  if (input) input.focus();
}

async function saveName(form, wechat) {
  try {
    await call('PATCH', '/api/wechat/' + wechat.id, { name: form.elements.wechat_name.value });
  } catch (problem) {
    // The page has another field of that name.
    (problem.errors || []).filter((error) => error.field === 'name').forEach((error) => (error.field = 'wechat_name'));
    throw problem;
  }
  naming = null;
  await load();
}

/* A name is chosen from the usual ones or typed; it stands in the place of the line until it is saved. */
function nameForm(wechat) {
  const form = h(
    'form',
    { class: 'inline' },
    h(
      'div',
      { class: 'field field-first' },
      h('label', { for: 'wechat_name' }, '这个微信叫什么'),
      h('p', { class: 'hint', id: 'wechat_name-hint' }, '只有您的账号看得到，最多 20 个字'),
      h('input', {
        id: 'wechat_name',
        name: 'wechat_name',
        type: 'text',
        list: 'wechat_names',
        maxlength: '60',
        autocomplete: 'off',
        enterkeyhint: 'done',
        'aria-describedby': 'wechat_name-hint wechat_name-error',
      }),
      h(
        'datalist',
        { id: 'wechat_names' },
        NAMES.map((name) => h('option', { value: name })),
      ),
      h('p', { class: 'error', id: 'wechat_name-error', hidden: true }),
    ),
    h(
      'p',
      {},
      h('button', { type: 'submit', class: 'text-button start', 'data-busy': '正在保存…' }, '保存名字'),
      h('button', { type: 'button', class: 'text-button', click: () => rename(null) }, '不改了'),
    ),
  );
  form.elements.wechat_name.value = wechat.name || '';
  handle(form, () => saveName(form, wechat));
  return h('li', {}, form);
}

function wechatLine(wechat) {
  if (naming === wechat.id) return nameForm(wechat);
  const block = h('li', {});
  const name = wechat.name || '还没有起名字的微信';
  fill(
    block,
    h('p', {}, h('b', {}, name), wechat.this && h('span', { class: 'tag' }, '正在用的微信')),
    h('p', { class: 'quiet' }, day(wechat.linked_at) + ' 绑定'),
    !session.guardian.limited && [
      h(
        'div',
        {},
        h('button', { type: 'button', class: 'text-button start', click: () => rename(wechat.id) }, wechat.name ? '改名字' : '起个名字'),
      ),
      carefully(
        '解除绑定',
        '解除以后，“' + name + '”要用手机号和密码登录，也收不到微信通知。' + (wechat.this ? '您正在用的就是它。' : ''),
        block,
        async () => {
          await call('DELETE', '/api/wechat/' + wechat.id);
          await load();
        },
      ),
    ],
  );
  return block;
}

function sessionLine(one) {
  const block = h('li', {});
  const words = one.this ? '这一台，' + day(one.created_at, true) + ' 登录' : '最近用过：' + day(one.last_seen_at, true);
  const end = async () => {
    await call('DELETE', '/api/sessions/' + one.id);
    await load();
  };
  fill(
    block,
    h('p', {}, h('b', {}, one.device || '手机或电脑'), one.this && h('span', { class: 'tag' }, '正在用')),
    h('p', { class: 'quiet' }, words),
    !one.this && carefully('让它退出', '那一台会马上退出登录。不认识的，退出后请再修改密码。', block, end),
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
    sessions.length > 1 &&
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
  // The address says what is open, so that a new sign-in leads back to it, with what was typed.
  history.replaceState(null, '', location.pathname + '#' + (student ? student.id : 'add'));
  typed = keepTyped(form, student ? student.id : 'add', owner(session));
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
  typed.forget();
  close();
  await load();
}

/* 不改了: what was typed is not wanted any more. */
function cancel() {
  typed.forget();
  close();
}

function close() {
  typed.stop();
  history.replaceState(null, '', location.pathname);
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
  fill(byId('limited'), guardian.limited ? limitedCard() : session.wechat_here === 'other' && otherWeChatCard(session));
  show(byId('withdrawn'), Boolean(tab.get('closing')));
  tab.set('closing', null);
  fill(byId('students'), session.students.map(studentCard));
  show(byId('add'), !guardian.limited);
  show(byId('credentials'), !guardian.limited);
  show(byId('to-close'), !guardian.limited);
  fill(byId('wechats'), guardian.wechat.map(wechatLine));
  show(byId('no-wechat'), guardian.wechat.length === 0);
  show(byId('loading'), false);
  show(byId('lists'), form.hidden);
}

/* Back from a new sign-in: the form that was open. */
function reopen() {
  const named = location.hash.slice(1);
  const student = session.students.find((one) => one.id === named);
  if (!form.hidden || session.guardian.limited) return;
  if (named === 'add') edit(null);
  else if (student && isOpen(student) && !isBound(student)) edit(student);
}

async function load() {
  try {
    session = await mustSignIn();
    draw();
    reopen();
    if (!session.guardian.limited) await drawSessions();
  } catch (problem) {
    show(byId('loading'), false);
    showProblem(byId('main'), problem);
  }
}

watch(form, KINDS);
handle(form, save);
byId('cancel').addEventListener('click', cancel);
byId('add').addEventListener('click', () => edit(null));
byId('sign-out').addEventListener('click', () => pressed(byId('main'), byId('sign-out'), signOut));
onReturn(load);
load();
