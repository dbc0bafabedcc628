// Elements without HTML strings: nothing that was typed can become markup.

/** el(tag, attributes, ...children): an element; attributes whose name begins with "on" are listeners, false ones are left out. */
export function el(tag, attributes, ...children) {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes || {})) {
		if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
		else if (value === true) element.setAttribute(name, '');
		else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
	}
	return add(element, children);
}

function add(element, children) {
	for (const child of children.flat()) if (child) element.append(child);
	return element;
}

/** fill(element, ...children): what stands in an element, instead of what stood there. */
export function fill(element, ...children) {
	element.textContent = '';
	return add(element, children);
}

/** button(label, onclick, kind): everything one presses is a button whose name is the handbook's label, letter for letter. */
export function button(label, onclick, kind) {
	return el('button', { type: 'button', class: ('button ' + (kind || '')).trim(), onclick }, label);
}

let ids = 0;

/** tick(label, options): a checkbox (or radio, with options.type) and its label in a row. */
export function tick(label, options) {
	const id = 't' + ++ids;
	const input = el('input', Object.assign({ type: 'checkbox', id }, options));
	return { row: el('div', { class: 'tick' }, input, el('label', { for: id }, label)), input };
}

/** field(label, attributes): a text field under its label. */
export function field(label, attributes) {
	const id = 'f' + ++ids;
	const input = el('input', Object.assign({ class: 'field', id, autocomplete: 'off' }, attributes));
	return { rows: [el('label', { for: id }, label), input], input };
}

/** say(place, text, isFine): show one message at the place made by messages(). */
export function say(place, text, isFine) {
	place.className = text ? 'message' + (isFine ? ' fine' : '') : '';
	place.textContent = text;
}

/** messages(): the place for what has to be said, read out when it changes. */
export function messages() {
	return el('div', { role: 'alert' });
}
