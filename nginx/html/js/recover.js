/* 找回密码, and from it 修改手机号 (#phone): both by the four facts. */
import { post } from './api.js';
import { byId, fill, show } from './dom.js';
import { avoidOf, faults, passwordFault, reveal, watch, watchPassword } from './fields.js';
import { handle, showErrors } from './form.js';
import { askCode } from './phone_code.js';
import { announce, setPlace } from './place.js';
import { signedIn } from './session.js';
import { tab } from './store.js';
import { suggest } from './suggest.js';

const FACTS = { student_name: 'name', student_id_no: 'id', guardian_name: 'name', guardian_id_no: 'id' };
const form = byId('recover');
const isPhone = () => location.hash === '#phone';
const avoid = avoidOf(form, Object.keys(FACTS));
const code = askCode(form, '/api/recover/code', form.elements.new_phone);

function kinds() {
  return isPhone() ? Object.assign({ old_phone: 'phone', new_phone: 'phone' }, FACTS) : FACTS;
}

async function findFaults() {
  const order = Object.keys(FACTS).concat('old_phone', 'new_phone');
  const found = faults(form, kinds()).sort((a, b) => order.indexOf(a.field) - order.indexOf(b.field));
  const codeFault = isPhone() ? await code.fault() : null;
  const words = isPhone() ? '' : passwordFault(form.elements.password.value, avoid());
  if (codeFault) found.push(codeFault);
  if (words) found.push({ field: 'password', message: words });
  if (!isPhone() && !form.elements.old_phone_lost.value) found.push({ field: 'old_phone_lost', message: '请选一个。' });
  return found;
}

function body() {
  const names = Object.keys(kinds()).concat(isPhone() ? [] : ['password']);
  const values = Object.fromEntries(names.map((name) => [name, form.elements[name].value]));
  if (form.elements.old_phone_lost.value === 'lost') values.old_phone_lost = true;
  if (isPhone() && code.value()) values.phone_code = code.value();
  return values;
}

async function send() {
  const found = await findFaults();
  if (found.length) {
    showErrors(form, found);
    return;
  }
  // A second change of phone would meet the first one's result and be told that the old number is wrong: never repeated unasked.
  await post('/api/recover/' + (isPhone() ? 'phone' : 'password'), body(), { isSingle: isPhone() });
  if (isPhone()) tab.set('login_phone', form.elements.new_phone.value);
  else signedIn();
  done(
    isPhone()
      ? ['手机号已改好', '请用新手机号登录。', '登录', '/login']
      : ['密码已改好', '您已登录。为了防止别人冒用，请先做一次人脸核验。', '继续', '/'],
  );
}

function done(words) {
  form.reset();
  show(form, false);
  show(byId('switch'), false);
  fill(byId('done-title'), words[0]);
  fill(byId('done-words'), words[1]);
  fill(byId('done-next'), words[2]);
  byId('done-next').setAttribute('href', words[3]);
  show(byId('done'), true);
  announce(byId('done-title'));
}

function draw() {
  const words = isPhone() ? '修改手机号' : '找回密码';
  fill(byId('title'), words);
  document.title = words + ' · 梅江区入学报名';
  setPlace(words);
  Array.from(document.querySelectorAll('[data-only]')).forEach((node) => {
    const isHere = node.getAttribute('data-only') === (isPhone() ? 'phone' : 'password');
    show(node, isHere);
    Array.from(node.querySelectorAll('input')).forEach((input) => {
      input.disabled = !isHere;
    });
  });
}

watch(form, Object.assign({ old_phone: 'phone', new_phone: 'phone' }, FACTS));
watchPassword(form, avoid);
reveal(form);
suggest(form, avoid);
handle(form, send);
window.addEventListener('hashchange', draw);
draw();
