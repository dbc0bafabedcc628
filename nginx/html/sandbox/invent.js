// Made-up families: names out of a hat, numbers with the right check character.

const pick = list => list[Math.floor(Math.random() * list.length)];
const two = n => String(n).padStart(2, '0');

/** checkCharacter(first17): ISO 7064 MOD 11-2, as in GB 11643. */
export function checkCharacter(first17) {
	const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
	return '10X98765432'[weights.reduce((sum, weight, i) => sum + weight * Number(first17[i]), 0) % 11];
}

/** bornAgo(years): the date so many years ago, as eight digits. */
export function bornAgo(years) {
	const born = new Date(Date.now() - years * 365.25 * 86400000);
	return born.getFullYear() + two(born.getMonth() + 1) + two(born.getDate());
}

/** idNo(region, born, isFemale): six digits, eight digits, drawn ones, and the check character. */
export function idNo(region, born, isFemale) {
	const order = two(Math.floor(Math.random() * 100)) + (2 * Math.floor(Math.random() * 5) + (isFemale ? 0 : 1));
	return region + born + order + checkCharacter(region + born + order);
}

export const surname = () => pick([...'温李张黄叶邓古曾钟丘廖林']);
export const childName = () => pick(['晓棠', '雨辰', '思源', '子墨', '欣怡', '梓涵']);
export const childBorn = () => bornAgo(6.3 + Math.random() * 0.4);
export const phone = () => '1' + pick([...'3456789']) + String(Math.floor(Math.random() * 1e9)).padStart(9, '0');

/** inventGuardian(family name, isFemale, region): {name, id_no} of somebody between 28 and 42. */
export function inventGuardian(familyName, isFemale = true, region = '441402') {
	const given = isFemale ? ['丽娟', '秀英', '文华', '海燕', '志芳'] : ['国强', '志远', '建明', '文辉', '海波'];
	return { name: familyName + pick(given), id_no: idNo(region, bornAgo(28 + Math.random() * 14), isFemale) };
}

/** inventChild(family name, region): {name, id_no} of a child of six and a half. */
export function inventChild(familyName, region = '441402') {
	return { name: familyName + childName(), id_no: idNo(region, childBorn(), Math.random() < 0.5) };
}

/** inventFamily(): {guardian, children, phone}: a mother and her child. */
export function inventFamily() {
	const shared = surname();
	return { guardian: inventGuardian(shared), children: [inventChild(shared)], phone: phone() };
}
