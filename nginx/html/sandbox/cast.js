// Ready families for the situations that matter. Each press makes fresh people, so that nobody meets those of the last try.

import { bornAgo, childBorn, childName, idNo, inventChild, inventFamily, inventGuardian, phone, surname } from './invent.js';

const OF_GUARDIAN = ['household_register', 'identity_credential', 'real_estate'];
const OF_CHILD = ['household_register', 'identity_credential', 'birth_certificate'];

/** holdings(family, ofGuardian, ofChild): the lists of types as the sandbox takes them: {type, holder_id_no}. */
export function holdings(family, ofGuardian, ofChild) {
	return ofGuardian.map(type => ({ type, holder_id_no: family.guardian.id_no }))
		.concat(...family.children.map(child => ofChild.map(type => ({ type, holder_id_no: child.id_no }))));
}

/** without(list, type): the others. */
const without = (list, type) => list.filter(one => one !== type);

function twins() {
	const shared = surname();
	const born = childBorn();
	const names = ['佳宁', '佳安'].map(given => shared + given);
	return {
		guardian: inventGuardian(shared),
		children: names.map(name => ({ name, id_no: idNo('441402', born, true) })),
		phone: phone()
	};
}

function oneParent() {
	const shared = surname();
	return { guardian: inventGuardian(shared, false), children: [inventChild(shared)], phone: phone() };
}

function otherSurname() {
	return { guardian: inventGuardian('欧阳'), children: [inventChild(surname())], phone: phone() };
}

function noBirthCertificate() {
	const family = inventFamily();
	const licenses = holdings(family, OF_GUARDIAN, without(OF_CHILD, 'birth_certificate'));
	return Object.assign(family, { licenses, wards_linked: [] });
}

function renters() {
	const family = inventFamily();
	return Object.assign(family, { licenses: holdings(family, without(OF_GUARDIAN, 'real_estate'), OF_CHILD) });
}

/** Families whose child the province's register does not know: nothing of the child is held or linked. */
function unknownChild(child) {
	const family = { guardian: inventGuardian(surname()), children: [child], phone: phone() };
	return Object.assign(family, { licenses: holdings(family, OF_GUARDIAN, []), wards_linked: [] });
}

function hongKong() {
	return unknownChild({ name: '陈' + childName(), id_no: idNo('810000', childBorn(), true) });
}

/** 9, the province's two digits, the nationality's three (840: the United States), then as everybody's. */
function foreigner() {
	return unknownChild({ name: 'EMMA SMITH', id_no: idNo('944840', bornAgo(6.5), true) });
}

function otherProvince() {
	const shared = surname();
	const family = { guardian: inventGuardian(shared, true, '360702'), children: [inventChild(shared, '360702')], phone: phone() };
	return Object.assign(family, { licenses: [], wards_linked: [] });
}

/** The cast: what it is called, what to watch for, and make(): {guardian, children, phone, licenses?, wards_linked?}. */
export const cast = [
	{ name: '双胞胎', hint: '同一天生、同姓，两个都要添加', make: twins },
	{ name: '单亲', hint: '父亲一人，什么证照都有', make: oneParent },
	{ name: '孩子不同姓', hint: '家长和孩子的姓不一样，不影响', make: otherSurname },
	{ name: '没有出生医学证明', hint: '孩子关联不上，走其他途径', make: noBirthCertificate },
	{ name: '租房', hint: '没有不动产权证，可以继续', make: renters },
	{ name: '港澳居住证', hint: '孩子号码 810000 开头，交材料', make: hongKong },
	{ name: '外国人永久居留证', hint: '孩子号码 9 开头，交材料', make: foreigner },
	{ name: '外省户籍', hint: '广东没有证照，交材料', make: otherProvince }
];
