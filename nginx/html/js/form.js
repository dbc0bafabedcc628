/*
 * The only module that shows errors: beside the field, in a summary at the top with links, the 求助编号 large; and the line that
 * says that a request is being repeated. A page hands over a Problem and never words it itself.
 *
 * A field in the page is <div class="field"> with <label>, the input with id and name, and <p class="error" id="NAME-error">.
 */
import { onWaiting, Problem } from './api.js';
import { byId, fill, h, show } from './dom.js';
import './site.js';

const TEXTS = {
  offline: '网络断了，没有收到结果。请看看手机信号，再按一次。您填的内容都还在。',
  unclear: '网络断了，不知道改成了没有。请先用新的手机号或密码登录试试，登录不了再提交一次。',
  busy: '现在办理的人很多，还没排到。请过一会儿再按一次。您填的内容都还在，先后次序不影响录取。',
  unavailable: '系统正在恢复，请过一会儿再按一次。您填的内容都还在。',
  internal: '系统出了点问题，请过一会儿再试。还不行就打电话，说出下面的求助编号。',
  provider_unavailable: '省里的“个人数字空间”暂时连不上。请过几分钟再按一次，已经办好的不会丢。',
  identity_check_required: '账号刚用资料找回过。为了安全，先做一次人脸核验，才能继续。',
  not_signed_in: '您已退出登录，请重新登录。',
};

/* The way on after a refusal: a code's links stand under its sentence. */
const WAYS = {
  phone_taken: [
    ['去登录', '/login'],
    ['找回密码', '/recover'],
  ],
  guardian_taken: [
    ['去登录', '/login'],
    ['找回密码', '/recover'],
  ],
  bad_credentials: [['找回密码', '/recover']],
  identity_check_required: [['去做人脸核验', '/bind']],
  student_taken: [['看看怎么办', '/guide']],
};

function waysAfter(problem) {
  if (problem.code !== 'not_signed_in') return WAYS[problem.code] || [];
  return [['登录', '/login?next=' + encodeURIComponent(location.pathname + location.search + location.hash)]];
}

/** fieldError(form, name, message): set the error beside a field, or take it away with an empty message. */
export function fieldError(form, name, message) {
  const place = byId(name + '-error');
  if (!place) return false;
  fill(place, message);
  show(place, Boolean(message));
  inputsOf(form, name).forEach((one) => {
    if (message) one.setAttribute('aria-invalid', 'true');
    else one.removeAttribute('aria-invalid');
  });
  return true;
}

/* A field is one input, a group of radio buttons, or several inputs that say with data-field whose parts they are. */
function inputsOf(form, name) {
  return Array.from(form.elements).filter((one) => one.name === name || one.getAttribute('data-field') === name);
}

function labelOf(form, name) {
  const first = inputsOf(form, name)[0];
  const box = first && first.closest('.field');
  const label = box && box.querySelector('[data-label], legend, label');
  return label ? label.getAttribute('data-label') || label.textContent.trim() : '';
}

function summaryOf(form) {
  let box = form.querySelector('.summary');
  if (!box) {
    box = h('div', { class: 'summary', role: 'alert', tabindex: '-1' });
    form.insertBefore(box, form.firstChild);
  }
  return box;
}

/** clearErrors(form): before the next try. */
export function clearErrors(form) {
  const box = form.querySelector('.summary');
  if (box) box.parentNode.removeChild(box);
  Array.from(form.querySelectorAll('.error')).forEach((place) => fieldError(form, place.id.replace(/-error$/, ''), ''));
}

/** showErrors(form, errors): [{field, message}] beside the fields and in the summary, which takes the focus. */
export function showErrors(form, errors) {
  const items = errors.map((error) => {
    const isBeside = fieldError(form, error.field, error.message);
    const first = inputsOf(form, error.field)[0];
    const words = [labelOf(form, error.field), error.message].filter(Boolean).join('：');
    return h('li', {}, isBeside && first ? h('a', { href: '#' + first.id, click: (event) => jump(event, first) }, words) : words);
  });
  const box = summaryOf(form);
  fill(box, h('h2', {}, errors.length === 1 ? '有一处要改' : '有 ' + errors.length + ' 处要改'), h('ul', {}, items));
  box.focus();
}

function jump(event, input) {
  event.preventDefault();
  input.focus();
  if (input.scrollIntoView) input.scrollIntoView({ block: 'center' });
}

function minutes(seconds) {
  if (seconds < 90) return Math.ceil(seconds) + ' 秒';
  return seconds < 5400 ? Math.ceil(seconds / 60) + ' 分钟' : Math.ceil(seconds / 3600) + ' 小时';
}

/** problemWords(problem): the sentence for the parent. */
export function problemWords(problem) {
  if (!(problem instanceof Problem)) return TEXTS.internal;
  const words = problem.detail || TEXTS[problem.code] || TEXTS.internal;
  return problem.code === 'too_many_attempts' && problem.retryAfterS
    ? words.replace(/。?$/, '。') + minutes(problem.retryAfterS) + '后可以再试。'
    : words;
}

/** problemBox(problem): sentence, ways on, 求助编号. */
export function problemBox(problem, moreWays) {
  if (!(problem instanceof Problem)) console.error(problem);
  const ways = waysAfter(problem).concat(moreWays || []);
  return [
    h('p', { class: 'summary-words' }, problemWords(problem)),
    ways.length > 0 &&
      h(
        'p',
        { class: 'ways' },
        ways.map(([text, href]) => h('a', { href }, text)),
      ),
    problem.ref && h('p', { class: 'ref' }, '求助编号 ', h('b', {}, problem.ref.replace(/^(\d{4})(\d{4})$/, '$1 $2'))),
  ];
}

/** showProblem(form, problem, ways): whatever came back, where the parent looks. `form` may be any block of the page. */
export function showProblem(form, problem, ways) {
  if (problem.code === 'validation_failed' && problem.errors.length > 0 && form.elements) {
    showErrors(form, problem.errors);
    return;
  }
  const box = summaryOf(form);
  fill(box, problemBox(problem, ways));
  box.focus();
}

/** handle(form, work): on submit run `work` once at a time, its button saying so; show what goes wrong. */
export function handle(form, work) {
  let isRunning = false;
  form.setAttribute('novalidate', '');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (isRunning) return;
    isRunning = true;
    await pressed(form, form.querySelector('button[type=submit]'), work);
    isRunning = false;
  });
}

/** pressed(block, button, work): the same for a single button. Resolves to true when `work` went well. */
export async function pressed(block, button, work) {
  const words = button.textContent;
  if (button.getAttribute('aria-disabled')) return false;
  button.setAttribute('aria-disabled', 'true');
  button.textContent = button.getAttribute('data-busy') || '请稍候…';
  try {
    if (block.elements) clearErrors(block);
    else clearSummary(block);
    await work();
    return true;
  } catch (problem) {
    showProblem(block, problem, null);
    return false;
  } finally {
    button.removeAttribute('aria-disabled');
    button.textContent = words;
  }
}

function clearSummary(block) {
  const box = block.querySelector('.summary');
  if (box) box.parentNode.removeChild(box);
}

/* The line at the foot of the screen while a request is repeated. */
const WAITING = {
  offline: '网络不稳，正在重试。您填的内容都在，不用重按。',
  busy: '现在人多，正在排队重试。不用重按，先后次序不影响录取。',
  unavailable: '系统正在恢复，正在重试。您填的内容都在，不用重按。',
};

onWaiting((state) => {
  let line = byId('waiting');
  if (!line) {
    line = h('p', { id: 'waiting', class: 'waiting', role: 'status' });
    document.body.appendChild(line);
  }
  show(line, Boolean(state));
  fill(line, state ? WAITING[state.code] + '（' + state.seconds + ' 秒后）' : '');
});
