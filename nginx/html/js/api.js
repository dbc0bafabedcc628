/*
 * The only module that knows fetch. It sends JSON, turns whatever goes wrong into a Problem, and repeats by itself what a
 * lost connection or a busy server left open: the same request, with the same Idempotency-Key, until it is answered.
 * Whoever wants to tell the parent listens with onWaiting().
 */

const TIMEOUT_MS = 20000;
const GIVE_UP_MS = 180000;
const PAUSES_S = [1, 2, 3, 5, 8, 10, 15, 20];
const REPEATED = ['offline', 'busy', 'unavailable'];

/** What was answered instead of a result. `code` is the contract's, or "offline" when nothing was answered at all. */
export class Problem extends Error {
  constructor(code, status, body, retryAfterS) {
    super(code);
    this.code = code;
    this.status = status;
    this.ref = body.ref || '';
    this.detail = body.detail || '';
    this.errors = body.errors || [];
    this.body = body;
    this.retryAfterS = retryAfterS;
  }
}

const listeners = [];

/** onWaiting(listener): called with {code, seconds} before each pause, and with null when the answer is there. */
export function onWaiting(listener) {
  listeners.push(listener);
}

function tell(state) {
  listeners.forEach((listener) => listener(state));
}

/** A fresh Idempotency-Key: one for each thing a parent decides to send. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function once(method, path, options) {
  const headers = { Accept: 'application/json' };
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
  if (options.text !== undefined) headers['Content-Type'] = 'application/json';
  if (options.key) headers['Idempotency-Key'] = options.key;
  if (options.version !== undefined) headers['If-Match'] = '"' + options.version + '"';
  try {
    const answer = await fetch(path, {
      method,
      headers,
      body: options.text,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: abort.signal,
    });
    return await read(answer);
  } catch (error) {
    throw error instanceof Problem ? error : new Problem('offline', 0, {}, null);
  } finally {
    clearTimeout(timer);
  }
}

async function read(answer) {
  const text = await answer.text();
  const isJson = /json/.test(answer.headers.get('Content-Type') || '');
  const body = isJson && text ? JSON.parse(text) : {};
  if (answer.ok) return body;
  const code = body.code || (answer.status === 502 || answer.status === 503 ? 'busy' : 'internal');
  const after = Number(answer.headers.get('Retry-After'));
  throw new Problem(code, answer.status, body, after > 0 ? after : null);
}

/** Pauses differ a little from phone to phone, so that a whole district does not come back in the same second. */
function pauseMs(attempt, retryAfterS) {
  const seconds = retryAfterS || PAUSES_S[Math.min(attempt, PAUSES_S.length - 1)];
  return Math.round(seconds * 1000 * (1 + Math.random() * 0.25));
}

/**
 * call(method, path, body, options): the answer's JSON, or a Problem thrown. Options:
 *   key      Idempotency-Key
 *   version  If-Match
 *   isSingle never repeat: the parent must hear that the outcome is unknown
 *   isQuiet  do not tell the listeners (background polling)
 */
export async function call(method, path, body, options = {}) {
  const text = body === undefined || body === null ? undefined : JSON.stringify(body);
  const started = Date.now();
  let isTold = false;
  for (let attempt = 0; ; attempt++) {
    try {
      const result = await once(method, path, Object.assign({ text }, options));
      if (isTold) tell(null);
      return result;
    } catch (problem) {
      if (options.isSingle && problem.code === 'offline') problem.code = 'unclear';
      const wait = pauseMs(attempt, problem.retryAfterS);
      if (options.isSingle || REPEATED.indexOf(problem.code) < 0 || Date.now() + wait - started > GIVE_UP_MS) {
        if (isTold) tell(null);
        throw problem;
      }
      if (!options.isQuiet) {
        tell({ code: problem.code, seconds: Math.ceil(wait / 1000) });
        isTold = true;
      }
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

export const get = (path, options) => call('GET', path, undefined, options);
export const post = (path, body, options) => call('POST', path, body || {}, options);
