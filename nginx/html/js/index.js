/* 首页: the road itself, with each child's state on it. */
import { get } from './api.js';
import { byId, clock, day, fill, h, show } from './dom.js';
import { problemBox } from './form.js';
import { limitedCard, otherWeChatCard, takenNote, voidCard } from './notes.js';
import { offerFollow } from './offer.js';
import { onReturn, setPlace } from './place.js';
import { signOut, tryWeChat, whoAmI } from './session.js';
import { phone } from './store.js';
import { APPLICATION, AUTHORIZATION, BINDING, isAuthorized, isBound, isOpen, PLACE_WORDS } from './words.js';

function daysLeft(from, to) {
  return Math.floor((new Date(to) - new Date(from)) / 86400000);
}

function seasonWords(season) {
  const left = daysLeft(season.now, season.closes_at);
  const words = {
    before: ['还没开始', day(season.register_from, true) + ' 开放注册'],
    registration: ['可以注册和准备', day(season.opens_at, true) + ' 开始提交'],
    open: [
      '报名进行中',
      day(season.closes_at, true) + ' 截止 · ' + (left > 0 ? '还有 ' + left + ' 天' : '今天 ' + clock(season.closes_at) + ' 前'),
    ],
    closed: ['报名已结束', day(season.closes_at, true) + ' 已截止'],
  };
  if (season.state === 'open' && left === 0 && day(season.now) !== day(season.closes_at))
    words.open[1] = day(season.closes_at, true) + ' 截止 · 不到 1 天';
  return words[season.state] || words.closed;
}

async function drawSeason() {
  try {
    const words = seasonWords(await get('/api/season'));
    fill(byId('season'), h('h2', {}, words[0]), h('p', { class: 'quiet' }, words[1]));
  } catch (problem) {
    fill(byId('season'), h('p', { class: 'quiet' }, '招生时间暂时查不到，请稍后再看。'));
  }
}

function step(number, title, state, words, action) {
  const mark = { done: '✓', missing: '!' }[state] || String(number);
  return h(
    'li',
    { class: state },
    h('span', { class: 'mark', 'aria-hidden': 'true' }, mark),
    h('div', { class: 'body' }, h('h3', {}, title), words, action),
  );
}

function button(text, href, isPrimary) {
  return h('a', { class: 'weui-btn ' + (isPrimary ? 'weui-btn_primary' : 'weui-btn_default'), href }, text);
}

/* Step one and two share their shape: done, now, or not yet. */
function licenceSteps(student, isFirst) {
  const isNow = (next) => student.next === next;
  const bindWords = h(
    'p',
    { class: isBound(student) ? 'good' : '' },
    isNow('bind') && student.binding.status === 'none'
      ? '在“个人数字空间”刷脸、关联孩子，约 5 分钟。'
      : BINDING[student.binding.status],
  );
  const authorizeWords = isNow('authorize')
    ? h(
        'p',
        {},
        student.authorization.status === 'none'
          ? '在“个人数字空间”签署，约 3 分钟。'
          : AUTHORIZATION[student.authorization.status] + '。',
        h('b', {}, '记得滑到页面底部，点“添加”把孩子加进来。'),
      )
    : h('p', { class: isAuthorized(student) ? 'good' : '' }, AUTHORIZATION[student.authorization.status]);
  const go = (text) => (isFirst ? button(text, '/steps', true) : h('p', {}, '和上面的孩子一起办，一次就好。'));
  return [
    step(
      1,
      '第一步：绑定学生信息',
      isBound(student) ? 'done' : isNow('bind') ? 'now' : '',
      bindWords,
      isNow('bind') && go('去绑定学生信息'),
    ),
    step(
      2,
      '第二步：电子证照授权',
      isAuthorized(student) ? 'done' : isNow('authorize') ? 'now' : '',
      authorizeWords,
      isNow('authorize') && go('去授权电子证照'),
    ),
  ];
}

function applyStep(number, student, isFirst) {
  const status = student.application.status;
  const isNow = student.next === 'enroll';
  const isDone = !isOpen(student);
  const title = (number === 3 ? '第三步：' : '') + '入学报名';
  const href = '/apply?student=' + student.id;
  const words = h(
    'p',
    { class: isDone ? 'good' : '' },
    isNow || isDone || status !== 'none' ? APPLICATION[status] : '填写并提交报名表，多数内容会自动填好',
  );
  const texts = { none: '填写报名表', draft: '接着填报名表', returned: '修改报名表', withdrawn: '重新填写报名表' };
  return step(
    number,
    title,
    isDone ? 'done' : isNow ? 'now' : '',
    words,
    isNow ? button(texts[status] || '填写报名表', href, isFirst) : isDone && h('p', {}, h('a', { href }, '查看报名表和回执')),
  );
}

function road(student, isFirst) {
  if (student.binding.status === 'student_taken') return takenNote();
  if (student.next === 'route')
    return h(
      'ol',
      { class: 'road' },
      step(
        1,
        '先回答一个问题：孩子户口在哪里',
        'now',
        h('p', {}, '决定怎么办理，提交前都可以改。'),
        isFirst ? button('去回答', '/steps', true) : h('p', {}, '和上面的孩子一起回答。'),
      ),
    );
  if (student.route === 'licences')
    return h('ol', { class: 'road' }, licenceSteps(student, isFirst), applyStep(3, student, isFirst));
  return h(
    'ol',
    { class: 'road' },
    h(
      'li',
      { class: 'done' },
      h('span', { class: 'mark', 'aria-hidden': 'true' }, '✓'),
      h('div', { class: 'body' }, h('h3', {}, '到校核验'), h('p', {}, '不用人脸识别。先填报名表，再按通知带材料到学校。')),
    ),
    applyStep(2, student, isFirst),
  );
}

function child(student, isFirst) {
  const where = PLACE_WORDS[student.register_place];
  return h(
    'section',
    { class: 'card' },
    h('p', { class: 'quiet' }, h('b', {}, student.name), where && ' · ' + where),
    student.route === 'licences' && h('p', {}, h('a', { href: '/steps' }, '（广东省户籍）电子证照授权')),
    road(student, isFirst),
  );
}

/*
 * The first child of each thing to do carries the button; the very first thing carries the primary one, unless a face check goes
 * before it.
 */
function drawChildren(session) {
  const seen = {};
  let isFirst = !session.guardian.limited && !session.guardian.password_void;
  return session.students.map((student) => {
    const key = student.next === 'enroll' ? student.id : student.next;
    const carries = student.next !== 'done' && !seen[key];
    const node = child(student, carries && (isFirst || student.next !== 'enroll'));
    seen[key] = true;
    isFirst = isFirst && !carries;
    return node;
  });
}

async function drawRoad() {
  const session = await whoAmI();
  if (!session) {
    if (!tryWeChat()) showVisitor();
    return;
  }
  show(byId('visitor'), false);
  fill(
    byId('family'),
    h(
      'p',
      { class: 'more' },
      '您好，' + session.guardian.name,
      h('a', { href: '/account' }, '我的账号'),
      h('button', { type: 'button', class: 'text-button', click: signOut }, '退出登录'),
    ),
    session.guardian.limited ? limitedCard() : session.guardian.password_void && voidCard(),
    session.wechat_here === 'other' && !session.guardian.limited && otherWeChatCard(session),
    session.students.length === 0 &&
      h('section', { class: 'card' }, h('p', {}, '还没有孩子。'), button('添加孩子', '/account', true)),
    drawChildren(session),
    h('div', { id: 'follow' }),
  );
  // An offer only: without an answer the road is there.
  offerFollow(byId('follow'), session).catch(() => {});
  const first = session.students.find((student) => student.next !== 'done');
  setPlace(
    '首页' + (first ? { route: '，第 1 步前', bind: '，第 1 步', authorize: '，第 2 步', enroll: '，第 3 步' }[first.next] : ''),
  );
}

function showVisitor() {
  show(byId('visitor'), true);
  fill(byId('family'));
}

async function draw() {
  try {
    await drawRoad();
  } catch (problem) {
    showVisitor();
    fill(byId('family'), h('section', { class: 'summary', role: 'alert' }, problemBox(problem)));
  }
}

if (phone.get('known')) {
  show(byId('visitor'), false);
  fill(byId('family'), h('p', { class: 'card quiet', role: 'status' }, '正在查看办理进度…'));
}
drawSeason();
draw();
onReturn(draw);
