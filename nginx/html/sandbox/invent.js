// A made-up family: names out of a hat, numbers with the right check character.

const pick = list => list[Math.floor(Math.random() * list.length)];
const two = n => String(n).padStart(2, '0');

/** checkCharacter(first17): ISO 7064 MOD 11-2, as in GB 11643. */
export function checkCharacter(first17) {
	const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
	return '10X98765432'[weights.reduce((sum, weight, i) => sum + weight * Number(first17[i]), 0) % 11];
}

function idNo(years, isFemale) {
	const born = new Date(Date.now() - years * 365.25 * 86400000);
	const order = two(Math.floor(Math.random() * 100)) + (2 * Math.floor(Math.random() * 5) + (isFemale ? 0 : 1));
	const first17 = '441402' + born.getFullYear() + two(born.getMonth() + 1) + two(born.getDate()) + order;
	return first17 + checkCharacter(first17);
}

/** inventFamily(): {guardian, child, phone}: a mother and a child of six and a half. */
export function inventFamily() {
	const surname = pick([...'温李张黄叶邓古曾钟丘廖林']);
	const child = pick(['晓棠', '雨辰', '思源', '子墨', '欣怡', '梓涵']);
	return {
		guardian: { name: surname + pick(['丽娟', '秀英', '文华', '海燕', '志芳']), id_no: idNo(28 + Math.random() * 14, true) },
		child: { name: surname + child, id_no: idNo(6.3 + Math.random() * 0.4, Math.random() < 0.5) },
		phone: '1' + pick([...'3456789']) + String(Math.floor(Math.random() * 1e9)).padStart(9, '0')
	};
}
