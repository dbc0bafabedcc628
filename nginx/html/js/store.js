/*
 * What a page remembers. A registration lives in sessionStorage and ends with the tab; an application's unsent draft lives in
 * localStorage without a full identity number and goes at sign-out. A password is never remembered.
 */

const PREFIX = 'enroll.';

function within(storage, work) {
  try {
    return work(storage);
  } catch (refused) {
    return null; // Storage is full or switched off: the page works on, only without a memory.
  }
}

function read(storage, name) {
  return within(storage, (s) => JSON.parse(s.getItem(PREFIX + name)));
}

function write(storage, name, value) {
  within(storage, (s) => (value === null ? s.removeItem(PREFIX + name) : s.setItem(PREFIX + name, JSON.stringify(value))));
}

/** For this tab only. */
export const tab = {
  get: (name) => read(window.sessionStorage, name),
  set: (name, value) => write(window.sessionStorage, name, value),
};

/** For this phone, until sign-out. Whatever is called id_no is left out, however deep it stands. */
export const phone = {
  get: (name) => read(window.localStorage, name),
  set: (name, value) => write(window.localStorage, name, value === null ? null : withoutNumbers(value)),
};

export function withoutNumbers(value) {
  if (Array.isArray(value)) return value.map(withoutNumbers);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !/id_no$|password/.test(name))
      .map(([name, inner]) => [name, withoutNumbers(inner)]),
  );
}

/** At sign-out: nothing of a family stays on the phone. */
export function forgetAll() {
  [window.sessionStorage, window.localStorage].forEach((storage) =>
    within(storage, (s) => {
      Object.keys(s)
        .filter((name) => name.startsWith(PREFIX))
        .forEach((name) => s.removeItem(name));
    }),
  );
}

/** keepDraft(form, name): fill the form from this tab's draft, and keep it up to date while the parent types. */
export function keepDraft(form, name) {
  return keepFields(form, name, (field) => field.type !== 'password');
}

/**
 * keepTyped(form, name, owner): the same for somebody who is signed in, whose session may end while he types: without numbers
 * and passwords, and for nobody but him.
 */
export function keepTyped(form, name, owner) {
  return keepFields(form, 'typed.' + name + '.' + owner, (field) => field.type !== 'password' && !/id_no$|password/.test(field.name));
}

function keepFields(form, name, isKept) {
  const fields = Array.from(form.elements).filter((field) => field.name && isKept(field));
  const draft = tab.get(name) || {};
  fields.forEach((field) => {
    // Whoever was quicker than this script keeps what he types.
    if (!(field.name in draft) || field === document.activeElement) return;
    if (field.type === 'checkbox' || field.type === 'radio')
      field.checked = draft[field.name] === (field.type === 'checkbox' ? true : field.value);
    else field.value = draft[field.name];
  });
  const keep = () => {
    const now = {};
    fields.forEach((field) => {
      if (field.type === 'checkbox') now[field.name] = field.checked;
      else if (field.type !== 'radio' || field.checked) now[field.name] = field.value;
    });
    tab.set(name, now);
  };
  form.addEventListener('input', keep);
  form.addEventListener('change', keep);
  return {
    isRestored: Object.keys(draft).length > 0,
    forget: () => tab.set(name, null),
    stop: () => {
      form.removeEventListener('input', keep);
      form.removeEventListener('change', keep);
    },
  };
}

/** For this browser, sign-out or not: that a notice has been read. Nothing of a family. */
export const browser = {
  get: (name) => within(window.localStorage, (s) => s.getItem('seen.' + name) === 'yes'),
  set: (name) => within(window.localStorage, (s) => s.setItem('seen.' + name, 'yes')),
};
