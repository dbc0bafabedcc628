/* 办理记录 of a binding or an authorization, folded; and the way to the receipt of what was signed. */
import { get } from './api.js';
import { day, fill, h } from './dom.js';
import { showProblem } from './form.js';
import { LICENSES } from './words.js';

function entry(event) {
  return h(
    'li',
    {},
    h('span', { class: 'quiet' }, day(event.at, true)),
    ' ',
    event.title + (event.student ? '（' + event.student + '）' : ''),
    (event.missing || []).map((one) => h('p', { class: 'quiet' }, one.message)),
    (event.licenses || []).map((one) => h('p', { class: 'quiet' }, LICENSES[one.license] + '：' + one.message)),
  );
}

/** historyOf(kind, id): the history of /api/KIND/ID, asked for when it is opened. */
export function historyOf(kind, id) {
  const list = h('div', {}, h('p', { class: 'quiet' }, '正在取记录…'));
  const block = h('details', { class: 'card events' }, h('summary', {}, '办理记录'), list);
  let isAsked = false;
  block.addEventListener('toggle', async () => {
    if (!block.open || isAsked) return;
    isAsked = true;
    try {
      const answer = await get('/api/' + kind + '/' + id + '/events');
      fill(list, h('ol', {}, answer.events.map(entry)));
    } catch (problem) {
      isAsked = false;
      fill(list);
      showProblem(list, problem);
    }
  });
  return block;
}

/** withHistory(block, kind, draw): draw, and at the end of ${block} the receipt and the history of what has a result. */
export function withHistory(block, kind, draw) {
  return (state, session, isReturn) => {
    draw(state, session, isReturn);
    if (!state || state.poll_after_ms) return;
    if (state.expires_at) {
      const words = '授权回执（有效至' + day(state.expires_at) + '，可打印、可撤回）';
      block.appendChild(h('p', { class: 'more' }, h('a', { href: '/receipt?id=' + state.id }, words)));
    }
    block.appendChild(historyOf(kind, state.id));
  };
}
