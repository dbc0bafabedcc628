/* Where the parent is: the short place a clerk on the telephone asks for, and what to do when a page is shown again. */

/** setPlace("第 2 步-3"): the place at the foot of the page. */
export function setPlace(text) {
  Array.from(document.querySelectorAll('[data-place]')).forEach((node) => {
    node.textContent = text;
  });
}

/** onReturn(refresh): a page that the back arrow brings out of the browser's cache asks again for its state. */
export function onReturn(refresh) {
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) refresh();
  });
}

/** Move the reader to the new heading when a page changes what it shows without loading. */
export function announce(node) {
  node.setAttribute('tabindex', '-1');
  node.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

/** parameter("student"): of the page's own address. */
export function parameter(name) {
  return new URLSearchParams(location.search).get(name);
}
