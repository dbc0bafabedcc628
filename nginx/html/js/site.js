/* How this district is set up: its telephone, and whether a phone is proved by a code. Asked once a page; every page imports it. */
import { get } from './api.js';
import { fill } from './dom.js';

let asked = null;

/** site(): {hotline, phone_proof}. Asked once and not repeated by itself; after a failure the next call asks anew. */
export function site() {
  asked =
    asked ||
    get('/api/content/site', { isSingle: true }).catch((problem) => {
      asked = null;
      throw problem;
    });
  return asked;
}

/* The number that stands in the page is what there is without an answer. */
site()
  .then(({ hotline }) => {
    Array.from(document.querySelectorAll('.foot a[href^="tel:"]')).forEach((link) => {
      link.setAttribute('href', 'tel:' + hotline.replace(/[^\d+-]/g, ''));
      fill(link, hotline);
    });
  })
  .catch(() => {});
