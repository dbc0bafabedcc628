// The digital space, as the handbook describes it: one page, a step for each hash, so that the phone's back arrow works.
// A step is a function of the session's view; it returns the heading and what stands under it.

import * as api from './space_api.js';
import { button, el, fill } from './dom.js';
import { identitySteps } from './space_identity.js';
import { bindSteps } from './space_bind.js';
import { authorizeSteps } from './space_authorize.js';

const page = document.getElementById('page');
const steps = Object.assign({}, identitySteps, bindSteps, authorizeSteps, { ended });
let shown = 0;

/** go(hash): the next step. */
function go(hash) {
	if (location.hash === '#' + hash) show();
	else location.hash = hash;
}

/** goBack(view): back to the platform, by the address that it gave us. */
function goBack(view) {
	location.assign(view.return_url);
}

/** leave(view, isRefusal): tell the sandbox that the parent has finished or refused, which shows the way back, then go. */
async function leave(view, isRefusal) {
	await api.leave(isRefusal);
	goBack(await api.view());
}

function ended(view) {
	const words = { completed: '本次办理已经完成', denied: '本次办理已取消', expired: '本次办理已超时，请返回后重新进入' };
	return { title: words[view.status], body: [button('返回', () => goBack(view))] };
}

function missing(error) {
	const text = error.status === 404 ? '没有找到这次办理，请返回重新进入。' : '系统暂时打不开，请稍后再试。';
	return { title: '无法打开', body: [el('p', {}, text), button('再试一次', show)] };
}

/** Which step? What the hash says, unless the session is not so far yet, or has ended. */
function choose(view) {
	const [name, argument] = location.hash.slice(1).split('/');
	const isEnd = view.status === 'completed' || view.status === 'denied' || view.status === 'expired';
	if (isEnd && name !== 'claimed' && name !== 'signed') return ['ended'];
	if (view.status === 'created') return [identitySteps[name] && name !== 'verified' ? name : 'allow'];
	if (!steps[name] || name === 'ended') return [view.purpose === 'bind' ? 'home' : 'authorize'];
	return [name, argument];
}

async function show() {
	const turn = ++shown;
	let made;
	try {
		const view = await api.view();
		const [name, argument] = choose(view);
		made = await steps[name](view, { go, goBack, leave, show, argument });
	} catch (error) {
		made = missing(error);
	}
	// A quicker step has been asked for meanwhile.
	if (turn !== shown) return;
	const heading = el('h1', { tabindex: '-1' }, made.title);
	document.title = made.title + ' · 广东省个人数字空间（演示沙盒）';
	page.className = made.hasFooter ? 'above-footer' : '';
	fill(page, heading, made.body);
	heading.focus();
	window.scrollTo(0, 0);
	if (made.after) made.after();
}

window.addEventListener('hashchange', show);
// A page out of the back-forward cache asks again how things stand.
window.addEventListener('pageshow', event => event.persisted && show());
show();
