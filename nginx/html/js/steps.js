/*
 * （广东省户籍）电子证照授权: the entry that holds both steps. First the one question, 孩子户口在哪里, which decides each child's
 * door; then the two cards; and beside them the door for families without a Guangdong register or without a face check.
 */
import { call } from './api.js';
import { askBefore, demote } from './before.js';
import { byId, fill, h, show } from './dom.js';
import { handle, pressed, showErrors, showProblem } from './form.js';
import { launch } from './launch.js';
import { takenNote } from './notes.js';
import { offerFollow } from './offer.js';
import { announce, onReturn, setPlace } from './place.js';
import { mustSignIn } from './session.js';
import { APPLICATION, AUTHORIZATION, BINDING, isAuthorized, isBound, isOpen, PLACE_WORDS, PLACES } from './words.js';

let session = null;

function choice(student, place) {
  const id = 'place-' + student.id + '-' + place;
  return h(
    'label',
    { class: 'choice', for: id },
    h('input', { type: 'radio', id, name: 'place-' + student.id, value: place, checked: student.register_place === place }),
    PLACES[place],
  );
}

function question(student) {
  const name = 'place-' + student.id;
  return h(
    'fieldset',
    { class: 'field' },
    h('legend', { 'data-label': student.name }, student.name + '的户口在哪里'),
    h(
      'div',
      { class: 'choices' },
      Object.keys(PLACES).map((place) => choice(student, place)),
    ),
    h('p', { class: 'error', id: name + '-error', hidden: true }),
  );
}

/* Asked for whoever has no answer yet; #where asks again for every child that may still change. */
function asked() {
  const open = session.students.filter(isOpen);
  return location.hash === '#where' ? open.filter((student) => !isBound(student)) : open.filter((student) => !student.route);
}

async function answer(form) {
  const students = asked();
  const missing = students.filter((student) => !form.elements['place-' + student.id].value);
  if (missing.length) {
    showErrors(
      form,
      missing.map((student) => ({ field: 'place-' + student.id, message: '请选一个。' })),
    );
    return;
  }
  for (const student of students) {
    const place = form.elements['place-' + student.id].value;
    if (place !== student.register_place || !student.route)
      await call('PATCH', '/api/students/' + student.id, { register_place: place });
  }
  history.replaceState(null, '', location.pathname);
  await load();
  announce(byId('title'));
}

function stateLine(student, words, isDone) {
  return h('li', {}, h('span', {}, student.name), h('span', { class: isDone ? 'good' : 'quiet' }, (isDone ? '✓ ' : '') + words));
}

function launchButton(kind, block, isPrimary) {
  const button = h(
    'button',
    { type: 'button', class: 'weui-btn ' + (isPrimary ? 'weui-btn_primary' : 'weui-btn_default'), 'data-busy': '正在前往…' },
    '立即绑定',
  );
  button.addEventListener('click', () => pressed(block, button, () => launch(kind, null, block)));
  return button;
}

/* The transaction that is under way, for a look at its result. */
function pendingLink(students, part, path) {
  const pending = students.find((student) => student[part].status === 'pending' || student[part].status === 'incomplete');
  return (
    pending &&
    pending[part].id &&
    h('p', { class: 'more' }, h('a', { href: path + '?id=' + pending[part].id }, '上次办到哪里了，看结果'))
  );
}

/* Person by person what will be asked for. */
function lookLink(path) {
  return h('p', { class: 'more' }, h('a', { href: path }, '看每个人要办哪些证照'));
}

function drawCards() {
  const students = session.students.filter((student) => student.route === 'licences' && isOpen(student));
  const toBind = students.filter((student) => student.next === 'bind');
  const toAuthorize = students.filter((student) => student.next === 'authorize');
  const isBinding = toBind.length > 0;
  const isAuthorizing = !isBinding && toAuthorize.length > 0;
  const bind = byId('bind-card');
  const authorize = byId('authorize-card');
  show(byId('cards'), students.length > 0);
  fill(
    byId('bind-state'),
    students.map((student) => stateLine(student, BINDING[student.binding.status], isBound(student))),
  );
  fill(
    byId('authorize-state'),
    students.map((student) =>
      stateLine(student, isBound(student) ? AUTHORIZATION[student.authorization.status] : '先办第一步', isAuthorized(student)),
    ),
  );
  const bindButton = isBinding && launchButton('bindings', bind, true);
  show(byId('before'), isBinding);
  if (isBinding) askBefore(byId('before'), toBind, (canLink) => demote(bindButton, canLink));
  fill(byId('bind-go'), bindButton, isBinding && lookLink('/bind'), pendingLink(toBind, 'binding', '/bind'));
  fill(
    byId('authorize-go'),
    toAuthorize.length > 0 && [launchButton('authorizations', authorize, isAuthorizing), lookLink('/authorize')],
    pendingLink(toAuthorize, 'authorization', '/authorize'),
  );
  show(byId('bind-pictures'), isBinding);
  show(byId('authorize-pictures'), toAuthorize.length > 0 || isBinding);
  show(byId('add-picture'), toAuthorize.length > 0);
  fill(
    byId('apply-go'),
    students
      .filter((student) => student.next === 'enroll')
      .map((student, i) =>
        h(
          'section',
          { class: 'card card-good' },
          h('h2', {}, student.name + '：两步都办好了'),
          h(
            'a',
            {
              class: 'weui-btn ' + (isBinding || isAuthorizing || i > 0 ? 'weui-btn_default' : 'weui-btn_primary'),
              href: '/apply?student=' + student.id,
            },
            '下一步：入学报名',
          ),
        ),
      ),
  );
  setPlace(isBinding ? '第 1 步-1' : isAuthorizing ? '第 2 步-1' : '第 1 步');
  return isBinding || isAuthorizing;
}

/* Families on their own door: a paper route needs no face and no licence. */
function drawDoors(hasPrimary) {
  const others = session.students.filter((student) => student.route && student.route !== 'licences' && isOpen(student));
  fill(
    byId('doors'),
    others.map((student, i) =>
      h(
        'section',
        { class: 'card' },
        h('h2', {}, student.name + '：到校核验'),
        h(
          'p',
          { class: 'quiet' },
          student.route === 'in_person'
            ? '不用人脸识别。先在网上填报名表，再按通知带户口簿原件到学校，由工作人员当面核对。'
            : (PLACE_WORDS[student.register_place] || '不用广东省的电子证照') +
                '，不用办上面两步。先在网上填报名表，再按通知带材料原件到学校核验。',
        ),
        h(
          'a',
          {
            class: 'weui-btn ' + (hasPrimary || i > 0 ? 'weui-btn_default' : 'weui-btn_primary'),
            href: '/apply?student=' + student.id,
          },
          '下一步：入学报名',
        ),
        student.route === 'in_person' &&
          routeButton(student, student.register_place === 'guangdong' ? 'licences' : 'materials', '改回网上办理'),
      ),
    ),
  );
  const walkers = session.students.filter((student) => student.route === 'licences' && isOpen(student) && !isAuthorized(student));
  show(byId('other-door'), walkers.length > 0 || others.length > 0);
  show(byId('no-face'), walkers.length > 0);
  fill(
    byId('no-face-go'),
    walkers.map((student) => routeButton(student, 'in_person', student.name + '改为到校核验')),
  );
}

function routeButton(student, route, words) {
  const block = byId('other-door');
  const button = h('button', { type: 'button', class: 'text-button start' }, words);
  button.addEventListener('click', () =>
    pressed(block, button, async () => {
      await call('PATCH', '/api/students/' + student.id, { route });
      await load();
      announce(byId('title'));
    }),
  );
  return h('p', {}, button);
}

/* Children with nothing left to do here: lost to another parent, or handed in. */
function drawEnded() {
  const ended = session.students.filter((student) => !isOpen(student));
  fill(
    byId('ended'),
    ended.map((student) =>
      h(
        'section',
        { class: 'card' },
        h('h2', {}, student.name),
        student.binding.status === 'student_taken'
          ? takenNote()
          : h(
              'p',
              {},
              APPLICATION[student.application.status] + '，这里不用再办。',
              h('a', { href: '/apply?student=' + student.id }, '查看报名表和回执'),
            ),
      ),
    ),
  );
}

function draw() {
  const students = asked();
  const isAsking = students.length > 0;
  show(byId('where'), isAsking);
  show(byId('answered'), !isAsking);
  show(byId('loading'), false);
  if (isAsking) {
    fill(byId('questions'), students.map(question));
    setPlace('第 1 步前');
    return;
  }
  drawDoors(drawCards());
  drawEnded();
  show(byId('nobody'), session.students.length === 0);
}

async function load() {
  try {
    session = await mustSignIn();
    draw();
    offerFollow(byId('follow'), session).catch(() => {});
  } catch (problem) {
    show(byId('loading'), false);
    showProblem(byId('main'), problem);
  }
}

handle(byId('where'), () => answer(byId('where')));
window.addEventListener('hashchange', () => session && draw());
onReturn(load);
load();
