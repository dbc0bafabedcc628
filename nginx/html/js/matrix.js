/*
 * Person × licence, as one card a person: each licence signed, missing, not held or not needed, in words and colour, and what is
 * missing with its own way back. Before leaving nothing is missing yet: then it says what will be needed.
 */
import { day, h } from './dom.js';
import { LICENSES } from './words.js';

const ORDER = ['household_register', 'real_estate', 'birth_certificate', 'identity_credential'];
const SIGNS = { good: '✓ ', bad: '✗ ', todo: '○ ', quiet: '' };

/* Whoever has no real-estate certificate goes on: it is never red. */
const WORDS = {
  bindings: {
    signed: ['good', (cell) => (cell.license === 'birth_certificate' ? '已关联' : '已申领')],
    missing: ['bad', (cell) => (cell.license === 'birth_certificate' ? '还没关联' : '还没申领')],
    needed: ['todo', (cell) => (cell.license === 'birth_certificate' ? '要关联' : '要申领')],
    unknown: ['quiet', () => '核验本人后才知道'],
    later: ['quiet', () => '第二步再办'],
  },
  authorizations: {
    signed: ['good', (cell) => (cell.signed_on ? day(cell.signed_on.slice(0, 10) + 'T12:00:00+08:00') + '已授权' : '已授权')],
    missing: ['bad', () => '缺'],
    not_held: ['bad', () => '还没申领'],
    needed: ['todo', () => '要勾选'],
    unreadable: ['bad', () => '读不出来'],
    waiting: ['todo', () => '正在取'],
  },
};

function wordsOf(kind, cell) {
  if (cell.license === 'real_estate' && ['not_held', 'not_needed', 'missing', 'needed'].indexOf(cell.state) >= 0)
    return ['quiet', kind === 'bindings' ? '不用' : cell.state === 'needed' ? '有房产的再勾' : '没有也可以继续'];
  const [colour, words] = WORDS[kind][cell.state];
  return [colour, words(cell)];
}

/** isOpen(cell): does this cell keep the family from going on? */
export function isOpen(cell) {
  return cell.license !== 'real_estate' && ['missing', 'not_held', 'unreadable'].indexOf(cell.state) >= 0;
}

let lines = 0;

function line(kind, cell) {
  const [colour, words] = wordsOf(kind, cell);
  const id = 'cell-' + (lines += 1);
  if (cell.way) cell.way.setAttribute('aria-describedby', id);
  return h(
    'li',
    { class: 'cell cell-' + colour },
    h('span', { id }, LICENSES[cell.license]),
    h(colour === 'quiet' ? 'span' : 'b', { class: colour }, SIGNS[colour] + words),
    cell.way && h('div', { class: 'cell-way' + (cell.way.classList.contains('text-button') ? ' cell-way-short' : '') }, cell.way),
  );
}

/* What nobody asks of this person, in one line: said, without making the card long. */
function notNeeded(cells) {
  const rest = ORDER.filter((license) => !cells.some((cell) => cell.license === license));
  return rest.length > 0 && h('p', { class: 'cells-rest' }, '不用：' + rest.map((license) => LICENSES[license]).join('、'));
}

/**
 * personCard(kind, person): `person` is {title, verdict: [colour, words], cells: [{license, state, signed_on?, way?}], note?}. A
 * person without cells is an empty card.
 */
export function personCard(kind, { title, verdict: [colour, words], cells, note }) {
  const sorted = cells.slice().sort((a, b) => ORDER.indexOf(a.license) - ORDER.indexOf(b.license));
  return h(
    'section',
    { class: 'card person person-' + colour + (cells.length ? '' : ' person-empty') },
    h('h2', { class: 'person-head' }, h('span', {}, title), h('b', { class: colour }, SIGNS[colour] + words)),
    sorted.length > 0 && [h('ul', { class: 'cells' }, sorted.map((cell) => line(kind, cell))), notNeeded(sorted)],
    note,
  );
}
