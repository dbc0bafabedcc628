/* One page of the application: its fields in one column, the button, and the line that says when it was saved. */
import { draw, dateFault, read } from './apply_fields.js';
import { byId, fill, h } from './dom.js';
import { KINDS, watchField } from './fields.js';
import { answersOf, fieldsOf, PAGES, SECTIONS } from './apply_form.js';

/* The page's answers, those included that a change of another answer has taken off the page: it may bring them back. */
let typed = {};

function sourceOf(context, section, name) {
  return context.application.sources[section.key + '.' + name] || null;
}

function watchAll(form, fields, prefix) {
  fields.forEach((field) => {
    const input = form.elements[prefix + field.name];
    if (KINDS[field.kind] && input && input.type !== 'hidden')
      watchField(form, input, field.isOptional ? optional(KINDS[field.kind]) : masked(KINDS[field.kind]));
  });
}

/* A number that came back masked is left alone until it is typed anew. */
function masked(kind) {
  return {
    fold: (text) => (/\*/.test(text) ? text : kind.fold(text)),
    fault: (text, isDone) => (/\*/.test(text) ? '' : kind.fault(text, isDone)),
  };
}

function optional(kind) {
  return { fold: kind.fold, fault: (text, isDone) => (text === '' ? '' : kind.fault(text, isDone)) };
}

/* The account holder stands there already: only the relation is asked. */
function holder(section, entry, context) {
  return [
    h('h2', {}, '监护人 ' + entry.name),
    h('p', { class: 'quiet' }, '就是您本人，号码和电话照账号的，不用再填。'),
    draw(section.entry[0], '0.relation', entry.relation, null, context),
  ];
}

function guardian(section, entry, i, context) {
  return [
    h('h2', {}, i === 0 ? '监护人' : '另一位监护人'),
    section.entry.map((field) => draw(field, i + '.' + field.name, entry[field.name], null, context)),
  ];
}

function drawGuardians(form, section, values, context) {
  const entries = values.length ? values : [{}];
  const place = h(
    'div',
    { id: 'entries' },
    entries.map((entry, i) =>
      h(
        'div',
        { class: 'entry', 'data-entry': String(i), 'data-holder': entry.holder },
        entry.holder ? holder(section, entry, context) : guardian(section, entry, i, context),
      ),
    ),
  );
  const more = h(
    'button',
    { type: 'button', class: 'text-button start', id: 'more-guardian' },
    entries.length > 1 ? '去掉另一位监护人' : '还有另一位监护人，添加',
  );
  more.addEventListener('click', () => {
    const now = readGuardians(form, section, context);
    const others = now.length > 1 ? now.slice(0, 1) : now.concat({});
    others.forEach((entry, i) => Object.assign(entry, shown(entries[i])));
    drawSection(form, section, others, context);
    form.dispatchEvent(new Event('change'));
  });
  return [place, h('p', {}, more)];
}

/* What is shown of the holder, and is no part of what is sent. */
function shown(entry) {
  return entry && entry.holder ? { holder: true, name: entry.name, id_no: entry.id_no, phone: entry.phone } : {};
}

function readGuardians(form, section, context) {
  const known = context.application.sections.guardians || [];
  return Array.from(form.querySelectorAll('[data-entry]')).map((node, i) => {
    if (node.hasAttribute('data-holder')) return { relation: form.elements[i + '.relation'].value, name: (known[i] || {}).name };
    return section.entry.reduce(
      (entry, field) => Object.assign(entry, { [field.name]: read(form, field, i + '.' + field.name) }),
      {},
    );
  });
}

function nextWords(section) {
  const next = SECTIONS[SECTIONS.indexOf(section) + 1];
  return '下一步：' + (next ? next.title : '核对');
}

/* Answers that were taken from a licence which is gone since. */
function lostNote(section, context) {
  const lost = (context.application.lost_sources || []).filter((field) => field.indexOf(section.key + '.') === 0);
  const labels = section.fields.filter((field) => lost.indexOf(section.key + '.' + field.name) >= 0).map((field) => field.label);
  const words = '授权已撤回或到期，证照资料已删除。这一页的' + labels.join('、') + '原来取自电子证照，请对照证件核对。';
  return labels.length > 0 && h('p', { class: 'note' }, words);
}

/** drawSection(form, section, values, context): the whole page. */
export function drawSection(form, section, values, context) {
  const isList = section.key === 'guardians';
  const known = values || (isList ? [] : {});
  const next = PAGES[PAGES.indexOf(section.key) + 1];
  fill(
    form,
    !isList && lostNote(section, context),
    isList ? drawGuardians(form, section, known, context) : h('div', { id: 'fields' }),
    h('p', { class: 'quiet center', id: 'saved', role: 'status' }),
    h('button', { type: 'submit', class: 'weui-btn weui-btn_primary', 'data-busy': '正在保存…' }, nextWords(section)),
    h('p', { class: 'more', id: 'later', hidden: true }, h('a', { href: '#' + next }, '先填后面的，这里以后再补')),
  );
  if (isList) {
    known.concat(known.length ? [] : [{}]).forEach((entry, i) => watchAll(form, section.entry, i + '.'));
    return;
  }
  typed = Object.assign({}, known);
  drawFields(form, section, context);
}

function drawFields(form, section, context) {
  const fields = fieldsOf(section, typed);
  fill(
    byId('fields'),
    fields.map((field) => draw(field, field.name, typed[field.name], sourceOf(context, section, field.name), context)),
  );
  watchAll(form, fields, '');
  form.setAttribute('data-fields', fields.map((field) => field.name).join());
}

/** redrawSection(form, section, context): an answer may bring or take other questions; the others keep what was typed. */
export function redrawSection(form, section, context) {
  if (section.key === 'guardians') return;
  readSection(form, section, context);
  if (
    fieldsOf(section, typed)
      .map((field) => field.name)
      .join() === form.getAttribute('data-fields')
  )
    return;
  const focused = document.activeElement && document.activeElement.id;
  drawFields(form, section, context);
  if (focused && byId(focused)) byId(focused).focus();
}

/** readSection(form, section, context): the section as it is sent: the whole of it. */
export function readSection(form, section, context) {
  if (section.key === 'guardians') return readGuardians(form, section, context);
  section.fields
    .filter((field) => present(form, field))
    .forEach((field) => {
      typed[field.name] = read(form, field, field.name);
    });
  return answersOf(section, typed);
}

function present(form, field) {
  return Array.from(form.elements).some((one) => one.name === field.name || one.getAttribute('data-field') === field.name);
}

/** ownFaults(form, section): what this page can say better than the server, because it saw what was typed. */
export function ownFaults(form, section) {
  return section.fields
    .filter((field) => field.kind === 'date' && form.elements[field.name + '.y'])
    .map((field) => ({ field: field.name, text: read(form, field, field.name) }))
    .filter((one) => one.text)
    .map((one) => ({ field: one.field, message: dateFault(one.text) }))
    .filter((fault) => fault.message);
}
