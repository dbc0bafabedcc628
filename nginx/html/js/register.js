/* 注册账号: the form, then the phone number alone to be confirmed, then done. */
import { get, newKey, post } from './api.js';
import { byId, fill, h, show, day } from './dom.js';
import { avoidOf, faults, foldName, foldNumber, passwordFault, reveal, watch, watchPassword } from './fields.js';
import { clearErrors, handle, showErrors } from './form.js';
import { askCode } from './phone_code.js';
import { announce, setPlace } from './place.js';
import { keepDraft, tab } from './store.js';
import { suggest } from './suggest.js';

const KINDS = { student_name: 'name', student_id_no: 'id', guardian_name: 'name', guardian_id_no: 'id', phone: 'phone' };
const form = byId('register');
const confirmation = byId('confirm');
const avoid = avoidOf(form, ['student_name', 'student_id_no', 'guardian_name', 'guardian_id_no', 'phone']);
const draft = keepDraft(form, 'register');
const code = askCode(confirmation, '/api/register/code', form.elements.phone);
let consentVersion = null;
let sent = { text: '', key: '' };

function value(name) {
  return form.elements[name].value;
}

function findFaults() {
  const found = faults(form, KINDS);
  const isFine = (name) => !found.some((fault) => fault.field === name);
  if (isFine('student_id_no') && isFine('guardian_id_no') && value('student_id_no') === value('guardian_id_no'))
    found.push({ field: 'guardian_id_no', message: '家长和孩子的号码一样，请分别填写。' });
  const password = passwordFault(value('password'), avoid());
  if (password) found.push({ field: 'password', message: password });
  if (!form.elements.consent.checked) found.push({ field: 'consent', message: '请先看同意书，同意后打勾。' });
  return found;
}

/* The same thing sent again keeps its key; anything changed is a new thing. */
function keyFor(text) {
  if (sent.text !== text) sent = { text, key: newKey() };
  return sent.key;
}

async function send() {
  const body = {
    student_name: foldName(value('student_name')),
    student_id_no: foldNumber(value('student_id_no')),
    guardian_name: foldName(value('guardian_name')),
    guardian_id_no: foldNumber(value('guardian_id_no')),
    phone: value('phone'),
    password: value('password'),
    consent: true,
  };
  if (consentVersion) body.consent_version = consentVersion;
  if (code.value()) body.phone_code = code.value();
  return post('/api/register', body, { key: keyFor(JSON.stringify(body)) });
}

/* The confirmation has its own address, so that WeChat's back arrow leads to the form and not out of it. */
function draw() {
  const isConfirming = location.hash === '#confirm' && value('password') !== '';
  show(form, !isConfirming);
  show(confirmation, isConfirming);
  if (!isConfirming) {
    setPlace('注册');
    return;
  }
  fill(byId('confirm-phone'), value('phone').replace(/^(\d{3})(\d{4})(\d{4})$/, '$1 $2 $3'));
  setPlace('注册-2');
  announce(byId('confirm-title'));
}

function drawDone(answer) {
  tab.set('login_phone', value('phone'));
  draft.forget();
  form.reset();
  confirmation.reset();
  sent = { text: '', key: '' };
  history.replaceState(null, '', location.pathname);
  show(form, false);
  show(confirmation, false);
  show(byId('done'), true);
  fill(byId('done-words'), answer.student.name + '的账号已开好，以后用手机号 ' + answer.guardian.phone + ' 登录。');
  setPlace('注册-3');
  announce(byId('done-title'));
}

async function askConsent() {
  const list = await get('/api/content/consent');
  const entry = list.items[0];
  if (entry) consentVersion = entry.version;
}

async function askSeason() {
  const season = await get('/api/season');
  if (season.state !== 'before') return;
  fill(
    byId('season-note'),
    h('b', {}, '还没到注册时间。'),
    day(season.register_from, true) + ' 开放注册，到时再来，先来后到不影响录取。',
  );
  show(byId('season-note'), true);
}

watch(form, KINDS);
watchPassword(form, avoid);
reveal(form);
suggest(form, avoid);
if (draft.isRestored) show(byId('restored'), true);

handle(form, async () => {
  const found = findFaults();
  if (found.length) {
    showErrors(form, found);
    return;
  }
  location.hash = '#confirm';
});

handle(confirmation, async () => {
  const fault = await code.fault();
  if (fault) {
    showErrors(confirmation, [fault]);
    return;
  }
  try {
    drawDone(await send());
  } catch (problem) {
    const errors = problem.errors || [];
    // Beside its field, so back to the form; everything else stays where the parent is looking.
    const others = errors.filter((error) => error.field !== 'phone_code');
    if (problem.code !== 'validation_failed' || others.length === 0) throw problem;
    history.replaceState(null, '', location.pathname);
    draw();
    showErrors(form, others);
  }
});

byId('change-phone').addEventListener('click', () => {
  history.back();
  setTimeout(() => form.elements.phone.focus(), 300);
});
window.addEventListener('hashchange', () => {
  clearErrors(confirmation);
  draw();
});
if (location.hash) history.replaceState(null, '', location.pathname);
draw();
// Both are only help beside the form: without them the server still judges.
askConsent().catch(() => {});
askSeason().catch(() => {});
