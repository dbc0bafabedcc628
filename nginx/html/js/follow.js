/*
 * Coming back from 广东省个人数字空间, or coming back later: find the transaction, hand in the one-time code, and ask until the
 * result is final. The code stands in the address's fragment and is taken out of it at once.
 */
import { get, post } from './api.js';
import { mustSignIn } from './session.js';
import { parameter } from './place.js';
import { tab } from './store.js';

/* Take code and id out of the address, before anything else and before a detour over the login page. */
function takeReturn(kind) {
  const fragment = new URLSearchParams(location.hash.slice(1));
  if (!fragment.get('code')) return;
  tab.set('return.' + kind, { code: fragment.get('code'), id: fragment.get('id') });
  const id = fragment.get('id');
  history.replaceState(null, '', location.pathname + (id ? '?id=' + encodeURIComponent(id) : ''));
}

/* A code that another browser launched is none of ours (404): the result counts all the same, so just ask for it. */
async function handIn(kind) {
  const back = tab.get('return.' + kind);
  if (!back) return null;
  try {
    const state = await post('/api/' + kind + '/return', { code: back.code });
    return state;
  } catch (problem) {
    if (problem.code !== 'not_found' && problem.code !== 'validation_failed') throw problem;
    return null;
  } finally {
    tab.set('return.' + kind, null);
  }
}

/* Without an id in hand: the one that is pending, else the latest that a student shows. */
function idOf(kind, session) {
  const part = kind === 'bindings' ? 'binding' : 'authorization';
  const known = session.students.map((student) => student[part]).filter((one) => one.id);
  const pending = known.find((one) => one.status === 'pending');
  return pending ? pending.id : known.length ? known[known.length - 1].id : null;
}

/* A pause that ends early when the parent looks at the page again. */
function pause(ms) {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
      resolve();
    }
    function seen() {
      if (!document.hidden) done();
    }
    document.addEventListener('visibilitychange', seen);
  });
}

/**
 * follow(kind, draw): draw(state, session, isReturn) after every answer; state is null when there is nothing to follow. When the
 * state is final the session is asked again first, so that draw sees what is next.
 */
export async function follow(kind, draw) {
  takeReturn(kind);
  let session = await mustSignIn();
  const returned = await handIn(kind);
  const id = (returned && returned.id) || parameter('id') || tab.get(kind) || idOf(kind, session);
  if (!id) {
    draw(null, session, false);
    return;
  }
  for (let state = returned || (await ask(kind, id)); ; state = await ask(kind, id)) {
    if (!state || !state.poll_after_ms) {
      session = await mustSignIn();
      draw(state, session, Boolean(returned));
      return;
    }
    draw(state, session, Boolean(returned));
    await pause(state.poll_after_ms);
  }
}

async function ask(kind, id) {
  try {
    return await get('/api/' + kind + '/' + encodeURIComponent(id));
  } catch (problem) {
    if (problem.code === 'not_found') return null;
    throw problem;
  }
}
