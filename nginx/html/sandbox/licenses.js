// What the licences are called in the handbook.
export const licenseNames = {
	identity_credential: '广东省居民身份电子凭证',
	household_register: '广东省居民户口簿',
	real_estate: '广东省不动产权证',
	birth_certificate: '广东省出生医学证明'
};
