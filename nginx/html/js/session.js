/* Who is signed in, where to go after signing in, and how to leave. */
import { call, get } from './api.js';
import { forgetAll, phone, tab } from './store.js';

export const isWeChat = /MicroMessenger/i.test(navigator.userAgent);

/** The session, or null for a visitor. */
export async function whoAmI() {
  try {
    const session = await get('/api/session');
    signedIn();
    // Loaded for who is signed in alone: a visitor's first page is light.
    import('./idle.js').then(({ watchIdle }) => watchIdle(session.ends_in_s, { toLogin, signOut }));
    return session;
  } catch (problem) {
    if (problem.code !== 'not_signed_in') throw problem;
    phone.set('known', null);
    return null;
  }
}

/** The session; a visitor goes to the login page and comes back to where he was. Then this never resolves. */
export async function mustSignIn() {
  const session = await whoAmI();
  if (session) return session;
  toLogin();
  return new Promise(() => {});
}

function toLogin() {
  location.replace('/login?next=' + encodeURIComponent(location.pathname + location.search + location.hash));
}

/** owner(session): a name for the account that is signed in, so that what one parent typed is never shown to another. */
export function owner(session) {
  return session.students.length ? session.students[0].id : session.guardian.phone;
}

/** ownPath(text): a path of this site's pages, or "/" for everything else (//evil, /\evil, https:, the API). */
export function ownPath(text) {
  try {
    const url = new URL(text || '/', location.origin);
    const isOwn = url.origin === location.origin && /^\//.test(text) && !/^\/(\/|api\/|sandbox\/)/.test(url.pathname);
    return isOwn ? url.pathname + url.search + url.hash : '/';
  } catch (malformed) {
    return '/';
  }
}

export function signedIn() {
  tab.set('signed_out', null);
  phone.set('signed_out', null);
  phone.set('known', true);
}

export async function signOut() {
  await call('DELETE', '/api/session');
  forgetAll();
  phone.set('signed_out', true);
  location.replace('/');
}

/*
 * In WeChat a visitor of the home page, or one who brings a code from another phone, goes once through WeChat's own sign-in. Not after signing out, and not again in this
 * tab: who comes back without being signed in wants to read.
 */
export function tryWeChat(next) {
  if (!isWeChat || phone.get('signed_out') || tab.get('wechat_at')) return false;
  goToWeChat(next || '/');
  return true;
}

/** Has this page's browser just been through WeChat's sign-in, so that the server still knows whose WeChat it is? */
function hasSeenWeChat() {
  return Date.now() - (tab.get('wechat_at') || 0) < 8 * 60 * 1000;
}

/* The server remembers a WeChat for ten minutes; who typed longer than that passes through it again before signing in. */
export function renewWeChat(next) {
  if (!isWeChat || !tab.get('wechat_at') || hasSeenWeChat()) return false;
  goToWeChat(next);
  return true;
}

function goToWeChat(next) {
  tab.set('wechat_at', Date.now());
  location.replace('/api/wechat/authorize?next=' + encodeURIComponent(next));
}
