/* What a parent reads whose child another parent has proven to be his: no word about who, and a way to object. */
import { h } from './dom.js';

export function takenNote() {
  return h('p', { class: 'note' }, h('b', {}, '这个孩子已由另一位家长完成绑定。'),
    '由那位家长继续报名即可。如有不同意见，请带户口簿到学区学校，或拨打下面的电话。');
}
