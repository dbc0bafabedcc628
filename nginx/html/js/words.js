/* Short words for states, places and licences that several pages say alike. */

export const PLACES = {
  guangdong: '广东省',
  other_province: '其他省',
  hong_kong_macao_taiwan: '港澳台',
  foreign: '外国',
};

export const PLACE_WORDS = {
  guangdong: '户口在广东省',
  other_province: '户口在其他省',
  hong_kong_macao_taiwan: '户籍在港澳台',
  foreign: '外国国籍',
};

export const LICENSES = {
  household_register: '居民户口簿',
  real_estate: '不动产权证',
  birth_certificate: '出生医学证明',
  identity_credential: '居民身份电子凭证',
};

export const BINDING = {
  none: '还没开始',
  pending: '正在核对',
  bound: '已完成',
  incomplete: '还差一项',
  expired: '上次没有办完',
  not_required: '不用办',
  confirmed_by_hand: '学校已核验',
  student_taken: '已由另一位家长绑定',
};

export const AUTHORIZATION = {
  none: '还没开始',
  pending: '正在核对',
  authorized: '授权完成',
  incomplete: '还差一项',
  expired: '授权已到期，请再签一次',
  revoked: '授权已撤回',
  not_required: '不用办',
  confirmed_by_hand: '学校已核验',
  student_taken: '已由另一位家长绑定',
};

export const APPLICATION = {
  none: '还没开始填',
  draft: '草稿，还没提交',
  submitted: '已提交',
  returned: '退回修改',
  accepted: '审核通过',
  admitted: '录取',
  not_admitted: '未录取',
  withdrawn: '已撤回',
  student_taken: '已由另一位家长绑定',
};

export const isBound = (student) => ['bound', 'confirmed_by_hand'].indexOf(student.binding.status) >= 0;
export const isAuthorized = (student) => ['authorized', 'confirmed_by_hand'].indexOf(student.authorization.status) >= 0;
export const isOpen = (student) =>
  ['none', 'draft', 'returned', 'withdrawn'].indexOf(student.application.status) >= 0 &&
  student.binding.status !== 'student_taken';
