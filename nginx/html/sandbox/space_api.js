// What the pages of the digital space ask of the sandbox; the session stands in the page's own address.

const base = location.pathname;

async function call(method, path, body) {
	const options = { method, headers: {} };
	if (body !== undefined) {
		options.headers['Content-Type'] = 'application/json';
		options.body = JSON.stringify(body);
	}
	const answer = await fetch(base + path, options);
	const json = answer.status === 204 ? null : await answer.json();
	if (!answer.ok) throw Object.assign(new Error(json.code), { status: answer.status, problem: json });
	return json;
}

export const view = () => call('GET', '/view');
export const checkFace = () => call('POST', '/face', {});
export const link = (name, id_no) => call('POST', '/link', { name, id_no });
export const claim = items => call('POST', '/claim', { items });
export const sign = items => call('POST', '/sign', { items });
export const leave = is_refusal => call('POST', '/leave', { is_refusal });
