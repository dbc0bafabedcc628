// 电子证照授权: 授权信息 lists the parent alone. 添加 stands at the very bottom, below all the small print, while 签署授权 is always in
// sight: the pitfall of the real page, kept on purpose.

import * as api from './space_api.js';
import { button, el, messages, say, tick } from './dom.js';
import { licenseNames } from './licenses.js';

// Who was added, and what is ticked for whom: { key: { type: boolean } }. Lives as long as the page.
const chosen = { guardian: {} };
let isRead = false;

const children = view => view.people.filter(person => person.key !== 'guardian');
const offered = (view, person) => view.licenses.filter(type => person.held.includes(type));

const SMALL_PRINT = [
	'一、本授权由您本人通过粤信签实名签署，与书面签名具有同等效力。',
	'二、授权的对象是梅州市梅江区教育局，用途限于义务教育阶段入学报名的资格核对。',
	'三、被授权单位只能在本次报名期间，按您勾选的范围查询证照数据，不得用于其他用途，不得提供给第三方。',
	'四、授权自签署之日起一百八十日内有效。',
	'五、您可以随时在“广东省个人数字空间”撤回授权；撤回不影响此前已经完成的核对。',
	'六、没有勾选的证照不会被查询。没有某一份证照的，不必勾选，不影响报名。',
	'七、未满十四周岁的未成年人，由监护人代为授权。',
	'八、证照数据以发证机关登记的为准；与实际不符的，请到发证机关更正。',
	'九、被授权单位应当采取技术措施保护数据安全，并保存查询记录备查。',
	'十、需要一并授权的其他人，请在本页最下方添加。'
];

function personTicks(view, person) {
	const types = offered(view, person);
	return el('fieldset', { class: 'card' },
		el('legend', {}, (person.key === 'guardian' ? '家长 ' : '孩子 ') + person.name + ' ' + person.id_no),
		types.map(type => tick(licenseNames[type], {
			checked: chosen[person.key][type] === true,
			onchange: event => { chosen[person.key][type] = event.target.checked; }
		}).row),
		types.length === 0 && el('p', { class: 'quiet' }, '没有查到可以授权的证照。'));
}

function authorize(view, to) {
	const people = view.people.filter(person => chosen[person.key]);
	const canAdd = people.length < view.people.length;
	const place = messages();
	const agree = tick('我已认真阅读并同意', { checked: isRead, onchange: event => { isRead = event.target.checked; } });
	const signNow = async () => {
		const items = people.flatMap(person =>
			offered(view, person).filter(type => chosen[person.key][type]).map(type => ({ key: person.key, type })));
		if (!isRead) return say(place, '请先阅读，并勾选“我已认真阅读并同意”。');
		if (items.length === 0) return say(place, '请勾选要授权的证照。');
		try {
			await api.sign(items);
			to.go('signed');
		} catch (error) {
			say(place, '现在签不了，请稍后再试。');
		}
	};
	return {
		title: '授权信息',
		hasFooter: true,
		body: [
			el('p', { class: 'quiet' }, '授权给：梅州市梅江区教育局（入学报名）'),
			people.map(person => personTicks(view, person)),
			el('section', { class: 'card' }, el('h2', {}, '授权须知'), SMALL_PRINT.map(text => el('p', {}, text))),
			el('section', { class: 'card' },
				el('h2', {}, '其他授权人'),
				canAdd ? button('添加', () => to.go('add'), 'plain') : el('p', { class: 'quiet' }, '孩子都已添加。')),
			button('暂不授权，返回', () => to.leave(view, true), 'plain'),
			el('div', { class: 'footer' }, el('div', {}, place, agree.row, button('签署授权', signNow)))
		].flat()
	};
}

function add(view, to) {
	const waiting = children(view).filter(child => !chosen[child.key]);
	const place = messages();
	const radios = waiting.map(child => ({
		child, ...tick(child.name + ' ' + child.id_no, { type: 'radio', name: 'child', checked: waiting.length === 1 })
	}));
	const types = view.licenses.filter(type => waiting.some(child => child.held.includes(type)));
	const ticks = types.map(type => ({ type, ...tick(licenseNames[type], {}) }));
	const confirm = () => {
		const choice = radios.find(radio => radio.input.checked);
		const picked = ticks.filter(t => t.input.checked);
		if (!choice) return say(place, '请选择要添加的孩子。');
		if (picked.length === 0) return say(place, '请勾选要添加的证照。');
		chosen[choice.child.key] = Object.fromEntries(picked.map(t => [t.type, true]));
		to.go('authorize');
	};
	return {
		title: '添加授权人',
		body: [
			el('fieldset', { class: 'card' }, el('legend', {}, '确认孩子信息'), radios.map(radio => radio.row)),
			el('fieldset', { class: 'card' }, el('legend', {}, '选择证照'), ticks.map(t => t.row),
				ticks.length === 0 && el('p', { class: 'quiet' }, '没有查到可以授权的证照。')),
			place,
			button('确认添加', confirm),
			button('取消', () => to.go('authorize'), 'plain')
		]
	};
}

function signed(view, to) {
	if (view.status === 'identified') return authorize(view, to);
	return {
		title: '授权成功',
		body: [
			el('p', { class: 'good' }, '✓ 您已签署授权，有效期一百八十日'),
			button('返回', () => to.goBack(view))
		]
	};
}

export const authorizeSteps = { authorize, add, signed };
