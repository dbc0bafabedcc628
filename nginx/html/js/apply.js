/*
 * 入学报名: one subject a page (its own address: #household …), saved at every step, checked before it is submitted, followed
 * afterwards. This module walks; apply_section.js draws a page, apply_view.js what only has to be read.
 */
import { get, newKey, post } from './api.js';
import { byId, clock, fill, h, show } from './dom.js';
import { clearErrors, handle, showErrors, showProblem } from './form.js';
import { limitedCard, takenNote } from './notes.js';
import { announce, onReturn, parameter, setPlace } from './place.js';
import { PAGES, SECTIONS } from './apply_form.js';
import { Conflict, Saver } from './apply_save.js';
import { drawSection, ownFaults, readSection, redrawSection } from './apply_section.js';
import { drawCheck, drawConflict, drawFollowed } from './apply_view.js';
import { mustSignIn } from './session.js';

const form = byId('section');
const view = byId('view');
const AUTOSAVE_MS = 1200;

const context = { session: null, student: null, siblings: [], schools: [], season: null, application: null };
let saver = null;
let page = null;
let timer = null;
let savedAt = null;
let submitKey = newKey();

function isEditable() {
  return ['draft', 'returned', 'withdrawn'].indexOf(context.application.status) >= 0;
}

function here(key) {
  return '/apply?student=' + context.student.id + '#' + key;
}

/* 已自动保存 is only said when it is true: the time is the server's answer. */
function onState(state, moment) {
  const line = byId('saved');
  if (state === 'saved') savedAt = moment;
  if (line)
    fill(
      line,
      { saving: '正在保存…', open: '还没保存到平台，已留在这部手机上', saved: '已自动保存 · ' + (savedAt ? clock(savedAt) : '') }[
        state
      ],
    );
}

/* 换手机接着办, at this very page of the form. */
function offerHandoff() {
  const link = byId('handoff').querySelector('a');
  link.href = '/handoff?page=apply&student=' + context.student.id + '&section=' + page;
  show(byId('handoff'), true);
}

async function findSchools() {
  const sections = context.application.sections;
  const residence = sections.residence || {};
  const address = (residence.same_as_household !== true && residence.address) || (sections.household || {}).address;
  const answer = address ? await post('/api/schools/search', { address }) : await get('/api/schools');
  context.schools = answer.schools;
}

async function drawPage() {
  clearTimeout(timer);
  const section = SECTIONS.find((one) => one.key === page);
  show(byId('conflict'), false);
  show(byId('progress'), true);
  byId('progress').value = PAGES.indexOf(page) + 1;
  fill(byId('title'), section ? section.title : '核对');
  fill(byId('lead'), '第 ' + (PAGES.indexOf(page) + 1) + ' 页，共 ' + PAGES.length + ' 页 · ' + context.student.name);
  setPlace('第 3 步-' + (PAGES.indexOf(page) + 1));
  // To be checked is what the platform holds, not what this page believes to have sent.
  if (page === 'check') Object.assign(context.application, await get('/api/applications/' + context.student.id));
  if (page === 'wishes' || page === 'check') await findSchools();
  show(form, Boolean(section));
  show(view, !section);
  offerHandoff();
  if (!section) {
    drawCheck(view, context, here, submit);
    return;
  }
  const kept = saver.unsaved(section.key);
  drawSection(form, section, kept ? kept.data : context.application.sections[section.key], context);
  if (savedAt) onState('saved', savedAt);
  if (kept && kept.isStale) explain(new Conflict(section.key, kept.data, context.application.sections[section.key]));
  else if (kept) await saveNow(section).catch(explain);
}

function drawStatus() {
  show(form, false);
  show(view, true);
  show(byId('handoff'), false);
  show(byId('progress'), false);
  fill(byId('title'), '入学报名');
  fill(byId('lead'), context.student.name);
  setPlace('第 3 步-7');
  drawFollowed(view, context, load);
}

function explain(problem) {
  if (problem instanceof Conflict) drawConflict(byId('conflict'), problem, context, choose);
  else showProblem(form, problem);
}

/* Both versions are on the screen; the parent picks one of them. */
async function choose(section, data) {
  show(byId('conflict'), false);
  context.application.sections[section] = data;
  saver.forget(section);
  drawSection(
    form,
    SECTIONS.find((one) => one.key === section),
    data,
    context,
  );
  await saveNow(SECTIONS.find((one) => one.key === section)).catch(explain);
  announce(byId('title'));
}

function saveNow(section) {
  clearTimeout(timer);
  return saver.save(section.key, readSection(form, section, context));
}

function autosave() {
  const section = SECTIONS.find((one) => one.key === page);
  clearTimeout(timer);
  saver.keep(section.key, readSection(form, section, context));
  timer = setTimeout(() => saveNow(section).catch(explain), AUTOSAVE_MS);
}

/* 下一步: saved first, then judged; the server's problems of this page stand beside its fields. */
async function goOn() {
  const section = SECTIONS.find((one) => one.key === page);
  let problems;
  try {
    problems = await saveNow(section);
  } catch (problem) {
    if (!(problem instanceof Conflict)) throw problem;
    explain(problem);
    return;
  }
  const own = ownFaults(form, section);
  const said = own.map((fault) => fault.field);
  const order = section.fields.map((field) => field.name);
  const found = own
    .concat(problems.filter((one) => one.section === section.key && one.field !== 'birth_date' && said.indexOf(one.field) < 0))
    .sort((a, b) => order.indexOf(a.field) - order.indexOf(b.field));
  if (found.length) {
    showErrors(form, found);
    show(byId('later'), true);
    return;
  }
  location.hash = '#' + PAGES[PAGES.indexOf(page) + 1];
}

async function submit() {
  try {
    await post('/api/applications/' + context.student.id + '/submit', {}, { key: submitKey });
  } catch (problem) {
    // Something is missing after all (a licence ran out, a school left the list): the page says what.
    if (problem.code === 'validation_failed') await load();
    throw problem;
  } finally {
    submitKey = newKey();
  }
  history.replaceState(null, '', '/apply?student=' + context.student.id);
  await load();
  announce(byId('title'));
}

/* The page that the address names; without a name the first that is not complete. */
function pageOfAddress() {
  const named = location.hash.slice(1);
  if (PAGES.indexOf(named) >= 0) return named;
  if (context.application.version === 0) return PAGES[0];
  const open = PAGES.find((key) => context.application.problems.some((one) => one.section === key));
  return open || 'check';
}

async function walk() {
  if (!context.application) return;
  const isTaken = context.student.binding.status === 'student_taken';
  if (context.session.guardian.limited || isTaken) {
    show(view, true);
    fill(view, isTaken ? h('section', { class: 'card' }, takenNote()) : limitedCard());
    return;
  }
  if (!isEditable()) {
    drawStatus();
    return;
  }
  page = pageOfAddress();
  clearErrors(form);
  await drawPage();
}

async function load() {
  try {
    context.session = await mustSignIn();
    const wanted = parameter('student');
    const students = context.session.students;
    context.student =
      students.find((one) => one.id === wanted) || (wanted ? null : students.find((one) => one.next === 'enroll') || students[0]);
    if (!context.student) {
      location.replace('/');
      return;
    }
    context.siblings = students.filter((one) => one.id !== context.student.id);
    [context.season, context.application] = await Promise.all([
      get('/api/season'),
      get('/api/applications/' + context.student.id),
    ]);
    saver = new Saver(context.application, onState);
    show(byId('loading'), false);
    await walk();
  } catch (problem) {
    show(byId('loading'), false);
    show(view, true);
    showProblem(view, problem, [['回首页', '/']]);
  }
}

form.addEventListener('change', () => {
  const section = SECTIONS.find((one) => one.key === page);
  redrawSection(form, section, context);
  autosave();
});
form.addEventListener('input', autosave);
handle(form, goOn);
window.addEventListener('hashchange', async () => {
  try {
    await walk();
    announce(byId('title'));
  } catch (problem) {
    showProblem(view, problem);
  }
});
onReturn(load);
load();
