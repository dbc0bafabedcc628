/* What of the application only has to be read: check-your-answers, two versions side by side, and what became of it. */
import { get, newKey, post } from './api.js';
import { byId, day, fill, h, show } from './dom.js';
import { pressed } from './form.js';
import { announce } from './place.js';
import { SECTIONS, fieldsOf } from './apply_form.js';
import { NOT_YET, words } from './apply_fields.js';
import { APPLICATION } from './words.js';

const NEXT = {
  submitted: '学校会核对资料。结果会发短信到您的手机，也可以随时回来看。',
  accepted: '资料已审核通过，请等录取结果。',
  admitted: '请按学校通知的时间报到。',
  not_admitted: '请看通知里的说明，或拨打下面的电话。',
  student_taken: '由那位家长继续报名即可。如有不同意见，请带户口簿到学区学校，或拨打下面的电话。',
};

function pair(label, value) {
  return h('div', {}, h('dt', {}, label), h('dd', { class: value === NOT_YET ? 'bad' : '' }, value));
}

function answers(section, values, context) {
  if (section.key !== 'guardians')
    return h(
      'dl',
      { class: 'pairs' },
      fieldsOf(section, values || {})
        .filter((field) => field.kind !== 'siblings' || context.siblings.length)
        .map((field) => pair(field.label, words(field, (values || {})[field.name], context))),
    );
  return (values || []).map((entry) =>
    h(
      'dl',
      { class: 'pairs' },
      section.entry.map((field) => pair(field.label, words(field, entry[field.name], context))),
    ),
  );
}

function identity(context) {
  return h('dl', { class: 'pairs' }, pair('姓名', context.student.name), pair('身份证件号码', context.student.id_no));
}

/* Problems that no page of the form can mend lead to where they can be. */
const ELSEWHERE = { route: '/steps', binding: '/steps', authorization: '/steps' };

function problemItems(context, here) {
  return context.application.problems.map((one) =>
    h(
      'li',
      {},
      one.section === 'student' && one.field === 'birth_date'
        ? one.message || '孩子的年龄不在今年招生范围内，见政策文件。'
        : h('a', { href: ELSEWHERE[one.section] || here(one.section) }, titleOf(one) + '：' + one.message),
    ),
  );
}

function titleOf(problem) {
  const section = SECTIONS.find((one) => one.key === problem.section);
  if (!section) return '电子证照';
  const field = section.fields.concat(section.entry || []).find((one) => one.name === problem.field.replace(/^\d\./, ''));
  return section.title + (field ? ' · ' + field.label : '');
}

function submitPart(block, context, submit) {
  if (context.application.problems.length) return h('p', { class: 'quiet' }, '补好上面标出的，就能提交。已经填的都保存好了。');
  if (context.season.state !== 'open')
    return h(
      'p',
      { class: 'note' },
      context.season.state === 'closed'
        ? '今年的报名时间已过，不能提交了。请拨打下面的电话。'
        : '都填好了。' + day(context.season.opens_at, true) + ' 开始提交，到时回来按“提交报名”，先后次序不影响录取。',
    );
  const button = h('button', { type: 'button', class: 'weui-btn weui-btn_primary', 'data-busy': '正在提交…' }, '提交报名');
  button.addEventListener('click', () => pressed(block, button, submit));
  return button;
}

/** drawCheck(block, context, here, submit): 核对, all answers, and the button that hands them in. */
export function drawCheck(block, context, here, submit) {
  const { application } = context;
  fill(
    block,
    application.problems.length > 0 &&
      h(
        'section',
        { class: 'summary' },
        h('h2', {}, '还有 ' + application.problems.length + ' 处要补'),
        h('ul', {}, problemItems(context, here)),
      ),
    SECTIONS.map((section) =>
      h(
        'section',
        { class: 'card' },
        h('h2', {}, section.title),
        section.key === 'student' && identity(context),
        answers(section, application.sections[section.key], context),
        h('p', {}, h('a', { class: 'text-button start', href: '#' + section.key }, '修改' + section.title)),
      ),
    ),
    application.verify_in_person &&
      h(
        'p',
        { class: 'card note' },
        h('b', {}, '到校核验：'),
        '提交以后，请按通知的时间带户口簿、居住材料原件到学校，由工作人员当面核对。',
      ),
    h('section', { class: 'card' }, h('p', {}, '提交后不能自己再改，要改可以先撤回。'), submitPart(block, context, submit)),
  );
}

/* Only what differs is worth reading twice. */
function difference(section, conflict, context) {
  const { mine, theirs } = conflict;
  if (section.key === 'guardians') return section;
  const differs = (field) => words(field, mine[field.name], context) !== words(field, theirs[field.name], context);
  return Object.assign({}, section, {
    fields: section.fields.filter(differs).map((field) => Object.assign({}, field, { when: null })),
  });
}

function version(title, section, data, context, button) {
  return h('section', {}, h('h3', {}, title), answers(section, data, context), button);
}

/** drawConflict(block, conflict, context, choose): what was typed here and what was saved elsewhere. */
export function drawConflict(block, conflict, context, choose) {
  const section = SECTIONS.find((one) => one.key === conflict.section);
  const shown = difference(section, conflict, context);
  const pick = (text, data, look) =>
    h('button', { type: 'button', class: 'weui-btn ' + look, click: () => choose(section.key, data) }, text);
  fill(
    block,
    h('h2', { id: 'conflict-title' }, '这一页在别处也改过'),
    h('p', {}, '另一个窗口或另一部手机刚保存过。两份都在，请选一份。'),
    version('这里填的', shown, conflict.mine, context, pick('用这里填的', conflict.mine, 'weui-btn_primary')),
    version('别处保存的', shown, conflict.theirs, context, pick('用别处保存的', conflict.theirs, 'weui-btn_default')),
  );
  show(block, true);
  announce(byId('conflict-title'));
}

async function drawEvents(place, context) {
  const answer = await get('/api/applications/' + context.student.id + '/events');
  fill(
    place,
    answer.events.map((one) =>
      h('li', { class: 'done' }, one.title + ' · ' + day(one.at, true), one.reason && '：' + one.reason),
    ),
  );
}

/* A question in the place of the button, for what cannot be undone by a second press. */
function withdrawPart(block, context, reload) {
  const place = h('div', {});
  const key = newKey();
  const take = h('button', { type: 'button', class: 'text-button', 'data-busy': '正在撤回…' }, '确定撤回');
  take.addEventListener('click', () =>
    pressed(block, take, async () => {
      await post('/api/applications/' + context.student.id + '/withdraw', {}, { key });
      await reload();
    }),
  );
  const offer = () => fill(place, h('button', { type: 'button', class: 'text-button start', click: ask }, '要修改？先撤回报名'));
  const ask = () =>
    fill(
      place,
      h('p', { class: 'note' }, '撤回后可以修改，改好要在截止前重新提交，回执号不变。'),
      h('p', {}, take, h('button', { type: 'button', class: 'text-button', click: offer }, '不撤回')),
    );
  offer();
  return place;
}

/** drawFollowed(block, context, reload): after submission: the receipt, the state, the history. */
export function drawFollowed(block, context, reload) {
  const { application } = context;
  const events = h('ol', { class: 'works' });
  const waiting = context.session.students.find((one) => one.next === 'enroll' && one.id !== context.student.id);
  fill(
    block,
    h(
      'section',
      { class: 'card card-good' },
      h('h2', { class: 'good' }, '✓ ' + APPLICATION[application.status]),
      application.receipt_no &&
        h(
          'div',
          {},
          h('p', { class: 'quiet' }, '报名回执号（请截图保存）'),
          h('p', { class: 'receipt', id: 'receipt' }, application.receipt_no),
        ),
      h('p', {}, NEXT[application.status]),
      application.verify_in_person &&
        h('p', { class: 'note' }, h('b', {}, '到校核验：'), '请按通知的时间带户口簿、居住材料原件到学校，由工作人员当面核对。'),
      h(
        'a',
        { class: 'weui-btn weui-btn_primary', href: waiting ? '/apply?student=' + waiting.id : '/' },
        waiting ? '接着给' + waiting.name + '报名' : '回首页',
      ),
    ),
    h('section', { class: 'card' }, h('h2', {}, '办理经过'), events),
    h(
      'section',
      { class: 'card' },
      h(
        'details',
        {},
        h('summary', {}, '看填了什么'),
        identity(context),
        SECTIONS.map((section) => [h('h3', {}, section.title), answers(section, application.sections[section.key], context)]),
      ),
      application.status === 'submitted' && withdrawPart(block, context, reload),
    ),
  );
  drawEvents(events, context).catch(() => fill(events, h('li', {}, '办理经过暂时查不到，请稍后再看。')));
}
