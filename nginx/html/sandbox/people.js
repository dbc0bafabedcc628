// The page for people: the phone, the families, the faults, what is going on.

import { cast, holdings } from './cast.js';
import { button, el, fill, say } from './dom.js';
import { inventFamily } from './invent.js';

const at = id => document.getElementById(id);
const CHILD_LICENSES = ['household_register', 'identity_credential', 'birth_certificate'];
const GUARDIAN_LICENSES = ['household_register', 'identity_credential', 'real_estate'];
const STATUS = { created: '已打开', identified: '已刷脸', completed: '已完成', denied: '已取消' };
const PURPOSE = { bind: '绑定学生信息', authorize: '电子证照授权' };
const TARGETS = { space: '个人数字空间', license: '电子证照系统', notify: '通知', wechat: '微信', wechat_page: '微信', weapp: '小程序按钮', message: '消息' };

async function get(path) {
	const answer = await fetch('/sandbox/control/' + path);
	if (!answer.ok) throw new Error(String(answer.status));
	return answer.json();
}

/** post(path, body, place, words): send it and say at the place how it went. */
async function post(path, body, place, words) {
	const answer = await fetch('/sandbox/control/' + path,
		{ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
	if (answer.ok) return say(place, words, true);
	const problem = await answer.json();
	say(place, (problem.errors || []).map(error => error.field + '：' + error.message).join('；') || problem.detail);
}

/** What the page's own list calls a fault. */
const nameOf = fault => (at('kind').querySelector('option[value="' + fault + '"]') || { textContent: fault }).textContent;

const clock = time => new Date(time).toLocaleTimeString('zh-CN');

function showMessages(messages) {
	fill(at('messages'), messages.slice(0, 20).map(message => el('div', { class: 'bubble' },
		el('p', { class: 'quiet' }, (message.channel === 'sms' ? '短信 ' : '微信 ') + message.to + ' · ' + clock(message.at)),
		message.text)), messages.length === 0 && el('p', { class: 'quiet' }, '还没有消息。'));
}

function showOverview(overview) {
	fill(at('faults'), overview.faults.map(fault => el('li', {}, (TARGETS[fault.target] || fault.target) + '：' + nameOf(fault.fault),
		fault.times === null ? '直到关掉' : '还有 ' + fault.times + ' 次')));
	fill(at('families'), overview.families.map(family => el('p', {}, family.guardian.name + ' ' + family.guardian.id_no,
		el('br'), family.children.map(child => child.name + ' ' + child.id_no).join('，') || '没有写孩子',
		el('br'), el('span', { class: 'quiet' }, '人脸 ' + family.face + '，等级 ' + family.level +
			(family.licenses ? '，证照 ' + family.licenses.length + ' 份' : '') +
			(family.wards_linked ? '，监护关系 ' + family.wards_linked.length + ' 个' : '')))),
		overview.families.length === 0 && el('p', { class: 'quiet' }, '还没有。'));
	fill(at('sessions'), overview.sessions.map(session => el('li', {},
		el('a', { class: 'row', href: '/sandbox/space/' + session.session_id }, session.guardian + ' ' + PURPOSE[session.purpose]),
		STATUS[session.status] + ' ' + clock(session.at))));
}

async function refresh() {
	const [messages, overview] = await Promise.all([get('messages'), get('overview')]);
	showMessages(messages);
	showOverview(overview);
}

/** The licences of the choice, or undefined: as anybody. */
function licensesOf(choice, guardian, children) {
	if (choice === 'all') return undefined;
	if (choice === 'none') return [];
	const own = GUARDIAN_LICENSES.filter(type => choice !== 'no-real-estate' || type !== 'real_estate');
	const theirs = CHILD_LICENSES.filter(type => choice !== 'no-child-register' || type !== 'household_register')
		.filter(type => choice !== 'no-birth-certificate' || type !== 'birth_certificate');
	return holdings({ guardian, children }, own, theirs);
}

function readFamily(form) {
	const guardian = { name: form.elements.guardian_name.value, id_no: form.elements.guardian_id_no.value };
	const children = form.elements.children.value.split('\n').map(line => line.trim()).filter(Boolean).map(line => {
		const cut = Math.max(line.lastIndexOf(' '), line.lastIndexOf('　'));
		return { name: line.slice(0, Math.max(cut, 0)).trim(), id_no: line.slice(cut + 1) };
	});
	return {
		guardian,
		children,
		face: form.elements.face.value,
		level: form.elements.level.value,
		licenses: licensesOf(form.elements.licenses.value, guardian, children),
		wards_linked: form.elements.wards.value === 'none' ? [] : undefined
	};
}

/** Where the clipboard is out of reach the text is selected, ready for a long press. */
async function copy(pre, told) {
	try {
		await navigator.clipboard.writeText(pre.textContent);
		say(told, '已复制。', true);
	} catch (refusal) {
		getSelection().selectAllChildren(pre);
		say(told, '请长按选中的文字复制。', true);
	}
}

/** What a family types on the platform, and the same in the form for particular families. */
function showFamily(family, title) {
	const lines = family.children.map(child => '孩子 ' + child.name + ' ' + child.id_no)
		.concat('家长 ' + family.guardian.name + ' ' + family.guardian.id_no, '手机 ' + family.phone);
	const pre = el('pre', {}, lines.join('\n'));
	const told = el('div', { role: 'status' });
	fill(at('invented'), title && el('h3', {}, title), pre, button('复制', () => copy(pre, told), 'plain'), told,
		el('a', { href: '/register' }, '去注册账号'));
	at('guardian-name').value = family.guardian.name;
	at('guardian-id').value = family.guardian.id_no;
	at('children').value = family.children.map(child => child.name + ' ' + child.id_no).join('\n');
}

/** One press: fresh people, known to the sandbox, ready to be typed. */
async function enter(role) {
	const { guardian, children, phone, licenses, wards_linked } = role.make();
	await post('families', { guardian, children, licenses, wards_linked }, at('cast-said'), role.name + '：已备好。');
	showFamily({ guardian, children, phone }, role.name);
	refresh();
}

const invent = () => showFamily(inventFamily());

fill(at('cast'), cast.map(role => el('li', {}, button(role.name, () => enter(role), 'plain'), el('span', { class: 'quiet' }, role.hint))));
at('invent').addEventListener('click', invent);
at('family').addEventListener('submit', async event => {
	event.preventDefault();
	await post('families', readFamily(event.target), at('family-said'), '已登记。');
	refresh();
});
at('fault').addEventListener('submit', async event => {
	event.preventDefault();
	const { target, fault, times, delay_ms } = event.target.elements;
	const number = input => input.value.trim() === '' ? undefined : Number(input.value);
	await post('faults', { target: target.value, fault: fault.value, times: number(times), delay_ms: number(delay_ms) },
		at('fault-said'), '已设定。');
	refresh();
});

const refreshQuietly = () => refresh().catch(() => {});
invent();
refreshQuietly();
setInterval(refreshQuietly, 3000);
