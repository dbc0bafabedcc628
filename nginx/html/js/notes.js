/* Notes that several pages carry, each with its way on. */
import { h } from './dom.js';

/** A child that another parent has proven to be his: no word about who, and a way to object. */
export function takenNote() {
  return h(
    'p',
    { class: 'note' },
    h('b', {}, '这个孩子已由另一位家长完成绑定。'),
    '由那位家长继续报名即可。如有不同意见，请带户口簿到学区学校，或拨打下面的电话。',
  );
}

/** An account that was recovered by facts: what goes before everything else. */
export function limitedCard() {
  return h(
    'section',
    { class: 'card' },
    h('p', { class: 'note' }, h('b', {}, '先做一次人脸核验。'), '账号刚用资料找回过，为了防止别人冒用，核验之前只能看、不能改。'),
    h('a', { class: 'weui-btn weui-btn_primary', href: '/bind' }, '去做人脸核验'),
  );
}

/** The face check made a password void that a stranger had set: the owner sets a new one at once. */
export function voidCard() {
  return h(
    'section',
    { class: 'card' },
    h('p', { class: 'note' }, h('b', {}, '请设一个新密码。'), '原来的密码不是您本人设的，已经作废。'),
    h('a', { class: 'weui-btn weui-btn_primary', href: '/password' }, '设新密码'),
  );
}
