/* One field of the application: drawn from its line in the table and its value, read back from the form, put in words. */
import { dateWords, h } from './dom.js';
import { relationName } from './codes.js';
import { KINDS as RULES } from './fields.js';
import { LICENSES } from './words.js';

/** What stands for an answer that is still owed. */
export const NOT_YET = '还没有填';

const SCHOOL_LIMIT = 3;

function errorPlace(name) {
  return h('p', { class: 'error', id: name + '-error', hidden: true });
}

function described(field, name) {
  return (field.hint ? name + '-hint ' : '') + name + '-error';
}

function hint(field, name) {
  return field.hint && h('p', { class: 'hint', id: name + '-hint' }, field.hint);
}

function box(field, name, input) {
  return h(
    'div',
    { class: 'field' },
    h(
      'label',
      { for: name, 'data-label': field.label },
      field.label,
      field.isOptional && h('span', { class: 'quiet' }, '（可不填）'),
    ),
    hint(field, name),
    input,
    errorPlace(name),
  );
}

function group(field, name, inputs) {
  return h(
    'fieldset',
    { class: 'field', 'aria-describedby': described(field, name) },
    h('legend', { 'data-label': field.label }, field.label, field.isOptional && h('span', { class: 'quiet' }, '（可不填）')),
    hint(field, name),
    inputs,
    errorPlace(name),
  );
}

const TYPING = {
  text: { maxlength: '100' },
  long: { maxlength: '220', autocomplete: 'street-address' },
  name: { maxlength: '100', autocapitalize: 'none' },
  id: { maxlength: '60', autocapitalize: 'characters' },
  phone: { maxlength: '40', inputmode: 'tel' },
};

function input(field, name, value) {
  return h(
    'input',
    Object.assign(
      {
        type: 'text',
        id: name,
        name,
        value: value || '',
        autocomplete: 'off',
        spellcheck: 'false',
        enterkeyhint: 'next',
        'aria-describedby': described(field, name),
      },
      TYPING[field.kind],
    ),
  );
}

function option(code, words, value) {
  return h('option', { value: code, selected: code === (value || '') }, words);
}

function select(field, name, value, options) {
  const isKnown = !value || options.some((one) => one[0] === value);
  return h(
    'select',
    { id: name, name, 'data-field': field.name, 'aria-describedby': described(field, name) },
    option('', '请选择', value),
    options.map(([code, words]) => option(code, words, value)),
    !isKnown && option(value, relationName(value), value),
  );
}

function radios(field, name, value) {
  return h(
    'div',
    { class: 'choices' },
    field.options.map(([code, words]) =>
      h(
        'label',
        { class: 'choice', for: name + '-' + code },
        h('input', {
          type: 'radio',
          id: name + '-' + code,
          name,
          value: code,
          checked: value !== undefined && String(value) === code,
        }),
        words,
      ),
    ),
  );
}

function date(field, name, value) {
  const parts = String(value || '').split('-');
  const part = (key, words, i, width) => [
    h('input', {
      type: 'text',
      inputmode: 'numeric',
      id: name + '.' + key,
      name: name + '.' + key,
      'data-field': name,
      class: width,
      maxlength: '4',
      autocomplete: 'off',
      value: (parts[i] || '').replace(/^0+(?=.)/, ''),
      'aria-describedby': described(field, name),
    }),
    h('label', { for: name + '.' + key }, words),
  ];
  return h('div', { class: 'date' }, part('y', '年', 0, 'long'), part('m', '月', 1, 'short'), part('d', '日', 2, 'short'));
}

/* The schools in the order of preference, the catchment's own offered first. */
function schools(field, name, value, context) {
  const options = context.schools.map((school) => [school.id, school.name + (school.in_catchment ? '（本学区）' : '')]);
  return Array.from({ length: Math.min(SCHOOL_LIMIT, options.length) }, (_, i) =>
    h(
      'div',
      {},
      h('label', { class: 'hint', for: name + '.' + i }, '第' + '一二三'[i] + '志愿' + (i ? '（可不填）' : '')),
      select({ name, hint: null }, name + '.' + i, (value || [])[i], options),
    ),
  );
}

function siblings(field, name, value, context) {
  return h(
    'div',
    { class: 'choices' },
    context.siblings.map((student) =>
      h(
        'label',
        { class: 'choice', for: name + '.' + student.id },
        h('input', {
          type: 'checkbox',
          id: name + '.' + student.id,
          name: name + '.' + student.id,
          'data-field': name,
          value: student.id,
          checked: (value || []).indexOf(student.id) >= 0,
        }),
        student.name,
      ),
    ),
  );
}

/* From a licence: read-only, marked with where from and since when, and with a way to say that it is wrong. */
function fromLicense(field, name, value, source) {
  const wrong = h(
    'p',
    { class: 'note', hidden: true },
    '这里照证照原样填，不能在网上改。如有错误，请带户口簿到派出所更正后重新授权；' +
      '来不及的，照常提交，到学校核验时出示原件，由工作人员更正。',
  );
  return h(
    'div',
    { class: 'field' },
    h(
      'p',
      { class: 'label' },
      field.label,
      h('span', { class: 'tag' }, '电子证照 ' + (source.issued_on ? dateWords(source.issued_on) : '')),
    ),
    h('span', { class: 'still' }, words(field, value)),
    h('input', { type: 'hidden', name, value: field.kind === 'boolean' ? String(value) : value }),
    h(
      'p',
      { class: 'quiet' },
      '来自授权的' + (LICENSES[source.license] || '电子证照') + '。',
      h(
        'button',
        {
          type: 'button',
          class: 'text-button',
          click: () => {
            wrong.hidden = !wrong.hidden;
          },
        },
        '内容有误',
      ),
    ),
    wrong,
  );
}

/** draw(field, name, value, source, context): the field's block; `name` is its place in the section ("0.id_no"). */
export function draw(field, name, value, source, context) {
  if (source && value) return fromLicense(field, name, value, source);
  if (field.kind === 'select') return box(field, name, select(field, name, value, field.options));
  if (field.kind === 'choice' || field.kind === 'boolean') return group(field, name, radios(field, name, value));
  if (field.kind === 'date') return group(field, name, date(field, name, value));
  if (field.kind === 'schools') return group(field, name, schools(field, name, value, context));
  if (field.kind === 'siblings')
    return context.siblings.length > 0 ? group(field, name, siblings(field, name, value, context)) : null;
  return box(field, name, input(field, name, value === undefined ? field.preset : value));
}

function parts(form, name) {
  return Array.from(form.elements).filter((one) => one.getAttribute('data-field') === name);
}

function readDate(form, name) {
  const fixed = form.elements[name];
  if (fixed) return fixed.value;
  const [year, month, dayOf] = ['y', 'm', 'd'].map((key) => RULES.phone.fold(form.elements[name + '.' + key].value));
  return year || month || dayOf ? year + '-' + month.padStart(2, '0') + '-' + dayOf.padStart(2, '0') : '';
}

/** read(form, field, name): the field's value for the section, undefined where nothing is to be said. */
export function read(form, field, name) {
  if (field.kind === 'date') return readDate(form, name) || undefined;
  if (field.kind === 'schools')
    return parts(form, name)
      .map((one) => one.value)
      .filter((id, i, all) => id && all.indexOf(id) === i);
  if (field.kind === 'siblings')
    return parts(form, name)
      .filter((one) => one.checked)
      .map((one) => one.value);
  const element = form.elements[name];
  if (!element) return undefined;
  if (field.kind === 'boolean') return element.value === '' ? undefined : element.value === 'true';
  const rule = RULES[field.kind];
  return (rule ? rule.fold(element.value) : element.value.trim()) || undefined;
}

/** dateFault(text): what is wrong with year-month-day as it was typed; "没有 13 月". */
export function dateFault(text) {
  const [year, month, dayOf] = text.split('-').map(Number);
  if (!/^\d{4}-/.test(text)) return '请填四位的年份，例如 2019。';
  if (!(month >= 1 && month <= 12)) return month ? '没有 ' + month + ' 月。请核对月份（1–12）。' : '请填月份（1–12）。';
  if (!(dayOf >= 1 && dayOf <= new Date(Date.UTC(year, month, 0)).getUTCDate()))
    return dayOf ? year + ' 年 ' + month + ' 月没有 ' + dayOf + ' 日，请核对。' : '请填几日。';
  return Date.UTC(year, month - 1, dayOf) > Date.now() + 8 * 3600 * 1000 ? '这一天还没有到，请核对。' : '';
}

/** words(field, value, context): a value as a parent reads it. */
export function words(field, value, context) {
  if (value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0))
    return field.isOptional ? '没有填' : NOT_YET;
  if (field.kind === 'date') return dateWords(value);
  if (field.kind === 'schools') return value.map((id, i) => i + 1 + '. ' + nameOf(context.schools, id)).join('　');
  if (field.kind === 'siblings') return value.map((id) => nameOf(context.siblings, id)).join('、');
  const found = (field.options || []).find((one) => one[0] === String(value));
  return found ? found[1] : field.kind === 'select' ? relationName(value) : String(value);
}

function nameOf(list, id) {
  const found = list.find((one) => one.id === id);
  return found ? found.name : '不在今年名单上的学校';
}
