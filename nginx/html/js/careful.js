/* Buttons that look like links, and the question before what cannot be taken back. */
import { fill, h } from './dom.js';
import { pressed } from './form.js';

/** action(words, block, work): a button that looks like a link, and does ${work} once. */
export function action(words, block, work) {
  const button = h('button', { type: 'button', class: 'text-button start' }, words);
  button.addEventListener('click', () => pressed(block, button, work));
  return button;
}

/**
 * carefully(words, question, block, work): the same, but a question stands in the place of the button first, so that a slip of the
 * thumb removes nothing.
 */
export function carefully(words, question, block, work) {
  const place = h('div', {});
  const ask = () =>
    fill(
      place,
      h('p', { class: 'note' }, question),
      h('p', {}, action(words, block, work), h('button', { type: 'button', class: 'text-button', click: offer }, '不用了')),
    );
  function offer() {
    fill(place, h('button', { type: 'button', class: 'text-button start', click: ask }, words));
  }
  offer();
  return place;
}
