/*
 * Saving the application section by section. One request at a time, each with the version that the last one returned; what is
 * not yet saved also lies on the phone (without identity numbers), so that a killed page loses nothing. When another tab or
 * phone was faster, nothing is overwritten: whoever asked gets both versions to choose from.
 */
import { call, get } from './api.js';
import { phone, withoutNumbers } from './store.js';

function stable(value) {
  if (Array.isArray(value)) return '[' + value.map(stable).join(',') + ']';
  if (value === null || typeof value !== 'object') return JSON.stringify(value === undefined ? null : value);
  return (
    '{' +
    Object.keys(value)
      .sort()
      .filter((key) => value[key] !== undefined && value[key] !== '')
      .map((key) => key + ':' + stable(value[key]))
      .join(',') +
    '}'
  );
}

/** sameContent(a, b): do two versions of a section say the same, as far as they can be compared (numbers come back masked)? */
function sameContent(a, b) {
  return stable(comparable(a)) === stable(comparable(b));
}

function comparable(value) {
  const clean = withoutNumbers(value);
  return Array.isArray(clean)
    ? clean.map((entry) =>
        Object.assign({}, entry, { holder: undefined, phone: /\*/.test(entry.phone || '') ? undefined : entry.phone }),
      )
    : clean;
}

export class Conflict extends Error {
  constructor(section, mine, theirs) {
    super('version_conflict');
    Object.assign(this, { section, mine, theirs });
  }
}

export class Saver {
  /** application: as GET answered it; onState("saving" | "saved" | "open", moment). */
  constructor(application, onState) {
    this.path = '/api/applications/' + application.student_id;
    this.application = application;
    this.onState = onState;
    this.last = Promise.resolve();
  }

  memory(section) {
    return 'draft.' + this.application.student_id + '.' + section;
  }

  /** keep(section, data): on this phone, until the server has it; with what the server had, to see later whether it moved on. */
  keep(section, data) {
    phone.set(this.memory(section), { base: this.application.sections[section] || null, data });
  }

  /** unsaved(section): {data, isStale} that this phone still holds of a section and the server does not, or null. */
  unsaved(section) {
    const kept = phone.get(this.memory(section));
    const theirs = this.application.sections[section];
    if (!kept || sameContent(kept.data, theirs)) return null;
    return { data: kept.data, isStale: !sameContent(kept.base, theirs || null) };
  }

  forget(section) {
    phone.set(this.memory(section), null);
  }

  /** save(section, data): after whatever is under way. Resolves to the problems; throws Conflict or Problem. */
  save(section, data) {
    this.keep(section, data);
    this.onState('saving');
    const result = this.last.then(() => this.put(section, data));
    this.last = result.catch(() => {});
    return result;
  }

  async put(section, data) {
    try {
      const saved = await call('PUT', this.path + '/sections/' + section, data, { version: this.application.version });
      this.application.version = saved.version;
      this.application.problems = saved.problems;
      this.application.sections[section] = data;
      this.forget(section);
      this.onState('saved', Date.now());
      return saved.problems;
    } catch (problem) {
      this.onState('open');
      if (problem.code !== 'version_conflict') throw problem;
      return this.reconcile(section, data);
    }
  }

  /* Somebody was faster. If he wrote the same, or another section, there is nothing to choose. */
  async reconcile(section, data) {
    const before = this.application.sections[section];
    const now = await get(this.path);
    Object.assign(this.application, now);
    const theirs = now.sections[section];
    if (sameContent(theirs, data)) {
      this.forget(section);
      this.onState('saved', Date.now());
      return now.problems;
    }
    if (sameContent(theirs, before)) return this.put(section, data);
    throw new Conflict(section, data, theirs);
  }
}
