/* Making elements without innerHTML, and the few ways a date is written. */

/**
 * h(tag, attributes, ...children): a new element. An attribute that is a function listens to the event of its name
 * ("click"), true is an empty attribute, null and false leave it out. Children are nodes, texts, lists of them, or null.
 */
export function h(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (typeof value === 'function') node.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? '' : value);
  }
  add(node, children);
  return node;
}

function add(node, child) {
  if (Array.isArray(child)) child.forEach((one) => add(node, one));
  else if (child !== null && child !== undefined && child !== false)
    node.appendChild(child instanceof Node ? child : document.createTextNode(child));
}

/** fill(node, ...children): the node's children become these. */
export function fill(node, ...children) {
  while (node.firstChild) node.removeChild(node.firstChild);
  add(node, children);
}

export function byId(id) {
  return document.getElementById(id);
}

export function show(node, isShown) {
  node.hidden = !isShown;
}

/** The parts of a moment on Beijing's clock, which the whole district lives by, whatever the phone is set to. */
function beijing(moment) {
  const shifted = new Date(new Date(moment).getTime() + 8 * 3600 * 1000);
  return {
    year: shifted.getUTCFullYear(),
    month: shifted.getUTCMonth() + 1,
    day: shifted.getUTCDate(),
    hour: shifted.getUTCHours(),
    minute: shifted.getUTCMinutes(),
  };
}

export function clock(moment) {
  const t = beijing(moment);
  return t.hour + ':' + String(t.minute).padStart(2, '0');
}

/** "6月20日", or with the time "6月20日 18:00". */
export function day(moment, withTime) {
  const t = beijing(moment);
  return t.month + '月' + t.day + '日' + (withTime ? ' ' + clock(moment) : '');
}

/** A date without a time ("2019-03-01") as "2019年3月1日". */
export function dateWords(text) {
  const parts = /^(\d{4})-(\d{2})-(\d{2})/.exec(text || '');
  return parts ? parts[1] + '年' + Number(parts[2]) + '月' + Number(parts[3]) + '日' : text || '';
}
