/* 这不是我 (#TOKEN): the link of a message takes a change of password or phone back. The token leaves the address at once. */
import { post } from './api.js';
import { byId, show } from './dom.js';
import { pressed } from './form.js';
import { announce } from './place.js';

const token = location.hash.slice(1);
const question = byId('undo');
const button = byId('undo-button');

async function undo() {
  await post('/api/recover/undo', { token });
  show(question, false);
  show(byId('done'), true);
  announce(byId('done-title'));
}

history.replaceState(null, '', location.pathname);
show(question, Boolean(token));
show(byId('no-token'), !token);
button.addEventListener('click', () => pressed(question, button, undo));
