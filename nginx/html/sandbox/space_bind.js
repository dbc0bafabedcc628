// 绑定学生信息: the licences held, 证照数据管理 → 申领; 广东省出生医学证明 → 关联被监护人 → 确认关联 → 关联成功 → 申领; the child, its two
// licences ticked → 申领 → 数据申领同意书 → 同意; 返回.

import * as api from './space_api.js';
import { button, el, field, messages, say, tick } from './dom.js';
import { licenseNames } from './licenses.js';

const OWN = ['identity_credential', 'household_register', 'real_estate'];
const CHILDS = ['identity_credential', 'household_register'];
const BUSY = '现在办不了，请稍后再试。';

const children = view => view.people.filter(person => person.key !== 'guardian');
const linked = view => children(view).filter(child => child.is_linked);
const has = (person, type) => person.claimed.includes(type);
const isDone = child => child.is_linked && CHILDS.every(type => has(child, type));

/** row(label, onclick, state): a line of a list that leads on, with its state beside it. */
function row(label, onclick, state) {
	return el('li', {}, el('button', { type: 'button', class: 'row', onclick }, label), state);
}

function childState(child) {
	return isDone(child) ? el('span', { class: 'good' }, '✓ 已申领') : el('span', { class: 'quiet' }, '待申领');
}

function home(view, to) {
	const guardian = view.people[0];
	const own = OWN.filter(type => has(guardian, type));
	const isAllDone = children(view).every(isDone);
	return {
		title: guardian.name + '的个人数字空间',
		body: [
			el('section', { class: 'card' },
				el('h2', {}, '我的证照'),
				el('ul', { class: 'list' }, own.map(type => el('li', {}, licenseNames[type], el('span', { class: 'good' }, '✓ 已领取')))),
				own.length === 0 && el('p', { class: 'quiet' }, '空间里还没有证照。')),
			el('section', { class: 'card' },
				el('h2', {}, '被监护人'),
				el('ul', { class: 'list' }, linked(view).map(child => row(child.name, () => to.go('child/' + child.key), childState(child)))),
				linked(view).length === 0 && el('p', { class: 'quiet' }, '还没有关联被监护人。请从“证照数据管理”进入“广东省出生医学证明”关联。')),
			el('section', { class: 'card' }, el('ul', { class: 'list' }, row('证照数据管理', () => to.go('data')))),
			button('返回', () => to.leave(view, false), isAllDone ? '' : 'plain')
		]
	};
}

/** ask(place, items, done): 申领; says so when the register has no such licence. */
async function ask(place, items, done) {
	try {
		const answer = await api.claim(items);
		if (answer.claimed < items.length) say(place, '没有查到这份证照，请先到发证的窗口办理。');
		else done();
	} catch (error) {
		say(place, BUSY);
	}
}

function data(view, to) {
	const guardian = view.people[0];
	const place = messages();
	const state = type => has(guardian, type) ? el('span', { class: 'good' }, '✓ 已申领')
		: button('申领', () => ask(place, [{ key: 'guardian', type }], to.show), 'small');
	return {
		title: '证照数据管理',
		body: [
			el('ul', { class: 'list card' },
				OWN.map(type => el('li', {}, licenseNames[type], state(type))),
				row(licenseNames.birth_certificate, () => to.go('birth'))),
			place,
			button('返回个人数字空间', () => to.go('home'), 'plain')
		]
	};
}

function birth(view, to) {
	const place = messages();
	const state = child => has(child, 'birth_certificate') ? el('span', { class: 'good' }, '✓ 已申领')
		: button('申领', () => ask(place, [{ key: child.key, type: 'birth_certificate' }], to.show), 'small');
	return {
		title: licenseNames.birth_certificate,
		body: [
			el('p', { class: 'quiet' }, '出生医学证明登记在孩子名下。先关联被监护人，再申领。每个孩子关联一次。'),
			linked(view).length > 0 &&
				el('ul', { class: 'list card' }, linked(view).map(child => el('li', {}, child.name, state(child)))),
			place,
			button('关联被监护人', () => to.go('link')),
			button('返回个人数字空间', () => to.go('home'), 'plain')
		]
	};
}

const LINK_WORDS = {
	unknown: '没有查到这个孩子，请核对姓名和身份证号码。',
	not_ward: '出生医学证明上没有登记您是这个孩子的监护人，请到出生医院或妇幼保健院核对。'
};

function link(view, to) {
	const name = field('被监护人姓名', { name: 'name', required: true, maxlength: '100' });
	const number = field('被监护人身份证号码', { name: 'id_no', required: true, maxlength: '40', autocapitalize: 'characters' });
	const place = messages();
	const send = async event => {
		event.preventDefault();
		try {
			const answer = await api.link(name.input.value, number.input.value);
			if (answer.result === 'linked') to.go('linked/' + answer.key);
			else say(place, LINK_WORDS[answer.result]);
		} catch (error) {
			say(place, error.status === 422 ? '姓名或身份证号码的格式不对，请核对。' : BUSY);
		}
	};
	return {
		title: '关联被监护人',
		body: [
			el('form', { class: 'card', novalidate: true, onsubmit: send }, name.rows, number.rows, place,
				el('button', { type: 'submit', class: 'button' }, '确认关联'))
		]
	};
}

const childOf = (view, to) => children(view).find(child => child.key === to.argument) || children(view)[0];

function linkedStep(view, to) {
	const child = childOf(view, to);
	const place = messages();
	return {
		title: '关联成功',
		body: [
			el('p', { class: 'good' }, '✓ ' + child.name + '（' + child.id_no + '）已关联为您的被监护人'),
			el('p', {}, '现在可以申领这个孩子的' + licenseNames.birth_certificate + '。'),
			place,
			button('申领', () => ask(place, [{ key: child.key, type: 'birth_certificate' }], () => to.go('home'))),
			button('返回个人数字空间', () => to.go('home'), 'plain')
		]
	};
}

function child(view, to) {
	const person = childOf(view, to);
	const place = messages();
	const ticks = CHILDS.map(type => ({ type, ...tick(licenseNames[type], { checked: has(person, type), disabled: has(person, type) }) }));
	const next = () => {
		const types = ticks.filter(t => t.input.checked && !t.input.disabled).map(t => t.type);
		if (types.length === 0) say(place, '请勾选要申领的证照。');
		else to.go('consent/' + person.key + '-' + types.join('-'));
	};
	return {
		title: person.name,
		body: [
			el('p', { class: 'quiet' }, person.id_no),
			el('fieldset', { class: 'card' }, el('legend', {}, '孩子的证照数据'), ticks.map(t => t.row)),
			place,
			button('申领', next),
			button('返回个人数字空间', () => to.go('home'), 'plain')
		]
	};
}

function consent(view, to) {
	const [key, ...types] = to.argument.split('-');
	const person = children(view).find(c => c.key === key);
	const place = messages();
	const items = types.map(type => ({ key, type }));
	return {
		title: '数据申领同意书',
		body: [
			el('div', { class: 'card' },
				el('p', {}, '本人申请把下列证照的数据领取到个人数字空间，由本人保管，并由本人决定授权给谁使用：'),
				el('ul', {}, types.map(type => el('li', {}, person.name + '的' + licenseNames[type]))),
				el('p', {}, '孩子未满十四周岁，由监护人代为同意。领取后可以随时在本空间删除。')),
			place,
			button('同意', () => ask(place, items, () => to.go('claimed/' + key))),
			button('不同意', () => to.go('child/' + key), 'plain')
		]
	};
}

function claimed(view, to) {
	const waiting = children(view).filter(c => !isDone(c));
	const isEnded = view.status === 'completed';
	return {
		title: '申领成功',
		body: [
			el('p', { class: 'good' }, '✓ ' + childOf(view, to).name + '的证照数据已在个人数字空间'),
			!isEnded && waiting.length > 0 && el('p', {}, '还有没办完的孩子：' + waiting.map(c => c.name).join('、') + '。'),
			!isEnded && waiting.length > 0 && button('返回个人数字空间', () => to.go('home')),
			button('返回', () => isEnded ? to.goBack(view) : to.leave(view, false), isEnded || waiting.length === 0 ? '' : 'plain')
		]
	};
}

export const bindSteps = { home, data, birth, link, linked: linkedStep, child, consent, claimed };
