/* The page that waits: what is being done, that nothing has to be pressed, and after 5 s how long at most. */
import { byId, fill, h, show } from './dom.js';
import { pressed } from './form.js';
import { launch } from './launch.js';
import { announce, setPlace } from './place.js';

let since = null;
let heading = null;

/** isNewTitle(words): set the page's heading; did it change? Only then is it worth the reader's focus. */
export function isNewTitle(words) {
  const isNew = heading !== null && heading !== words;
  heading = words;
  fill(byId('title'), words);
  document.title = words + ' · 梅江区入学报名';
  return isNew;
}

function stepItems(steps) {
  const now = steps.findIndex((step) => !step.done);
  return steps.map((step, i) =>
    h(
      'li',
      { class: step.done ? 'done' : i === now ? 'now' : '' },
      step.title,
      h('span', { class: 'spoken' }, step.done ? '，已完成' : i === now ? '，正在办' : ''),
    ),
  );
}

/* Who is not back from the province yet goes on there; POST gives the same transaction as long as it is open. */
function goOn(kind) {
  const block = byId('result');
  const button = h('button', { type: 'button', class: 'text-button' }, '还没办完？继续办理');
  button.addEventListener('click', () => pressed(block, button, () => launch(kind, null, block)));
  return h('p', { class: 'more' }, button);
}

/** drawWaiting(kind, state, words, place): draws once, then only moves the steps on, so that nothing under a finger jumps. */
export function drawWaiting(kind, state, words, place) {
  if (since === null || !byId('works')) {
    since = Date.now();
    if (isNewTitle(words)) announce(byId('title'));
    fill(byId('lead'), '什么都不用按，结果出来会自己变。');
    fill(
      byId('result'),
      h(
        'section',
        { class: 'card' },
        h('ol', { class: 'works', id: 'works' }),
        h('p', { class: 'quiet', id: 'patience', role: 'status' }),
      ),
      goOn(kind),
    );
    setPlace(place);
  }
  fill(byId('works'), stepItems(state.steps || []));
  if (Date.now() - since > 5000)
    fill(byId('patience'), '在那边办完以后，一般几秒钟出结果，最多两分钟。您可以关掉这个页面，过一会儿从首页回来看结果。');
  show(byId('patience'), Date.now() - since > 5000);
}
