// 允许 → 登录 → 粤信签 人脸识别登录 → the masked identity → 开始人脸识别验证 → 下一步 → 返回个人数字空间.

import * as api from './space_api.js';
import { button, el, fill } from './dom.js';

const LOOKING_MS = 1000;

function allow(view, to) {
	return {
		title: '梅江区入学报名教育大数据服务平台 申请打开“广东省个人数字空间”',
		body: [
			el('div', { class: 'card' },
				el('h2', {}, '将会用到'),
				el('ul', {}, el('li', {}, '您的实名身份（粤信签）'), el('li', {}, '您和孩子的电子证照，每一份都由您勾选'))),
			button('允许', () => to.go('login')),
			button('拒绝', () => to.leave(view, true), 'plain')
		]
	};
}

function login(view, to) {
	return {
		title: '您还没有登录',
		body: [el('p', { class: 'quiet' }, '登录后可以查看、申领和授权您名下的电子证照。'), button('登录', () => to.go('method'))]
	};
}

function method(view, to) {
	return {
		title: '选择登录方式',
		body: [
			el('section', { class: 'card' },
				el('h2', {}, '粤信签'),
				el('p', { class: 'quiet' }, '广东省统一身份认证，需要本人刷脸。'),
				button('人脸识别登录', () => to.go('identity')))
		]
	};
}

function identity(view, to) {
	const guardian = view.people[0];
	return {
		title: '请确认是您本人',
		body: [
			el('dl', { class: 'card identity' },
				el('div', {}, el('dt', {}, '姓名'), el('dd', {}, guardian.name)),
				el('div', {}, el('dt', {}, '身份证号码'), el('dd', {}, guardian.id_no))),
			button('开始人脸识别验证', () => to.go('face')),
			button('不是我，返回', () => to.leave(view, true), 'plain')
		]
	};
}

/** A second of looking, then what the sandbox says. */
function face(view, to) {
	const ring = el('div', { class: 'face looking', 'aria-hidden': 'true' });
	const status = el('p', { role: 'status' }, '请正对屏幕，正在识别……');
	const below = el('div', {});
	const look = async () => {
		const [answer] = await Promise.all([api.checkFace(), new Promise(resolve => setTimeout(resolve, LOOKING_MS))]);
		ring.className = 'face ' + (answer.is_recognized ? 'passed' : 'failed');
		if (answer.is_recognized) {
			fill(status, el('span', { class: 'good' }, '✓ 验证成功'));
			fill(below, button('下一步', () => to.go('verified')));
		} else {
			fill(status, el('span', { class: 'bad' }, '✗ 人脸识别没有通过'));
			fill(below, el('p', { class: 'quiet' }, '请到光线好的地方、摘下帽子和口罩再试。一直不行也不要紧，返回后可以选择现场办理。'),
				button('再试一次', to.show), button('暂不办理，返回', () => to.leave(view, true), 'plain'));
		}
	};
	const failed = () => {
		status.textContent = '现在连不上，请再试一次。';
		fill(below, button('再试一次', to.show));
	};
	return {
		title: '人脸识别验证',
		body: [el('p', { class: 'quiet' }, '演示沙盒不会打开摄像头。'), ring, status, below],
		after: () => look().catch(failed)
	};
}

function verified(view, to) {
	const guardian = view.people[0];
	return {
		title: '登录成功',
		body: [
			el('p', { class: 'good' }, '✓ 已完成实名验证'),
			el('dl', { class: 'card identity' },
				el('div', {}, el('dt', {}, '姓名'), el('dd', {}, guardian.name)),
				el('div', {}, el('dt', {}, '身份证号码'), el('dd', {}, guardian.id_no))),
			button('返回个人数字空间', () => to.go(view.purpose === 'bind' ? 'home' : 'authorize'))
		]
	};
}

export const identitySteps = { allow, login, method, identity, face, verified };
