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

/** The WeChat in hand is none of this account's: said, without a word about whose it is, with what to do. */
export function otherWeChatCard(session) {
  const isFull = session.guardian.wechat.length >= 3;
  return h(
    'section',
    { class: 'card' },
    h('p', { class: 'note' }, h('b', {}, '这部手机上的微信没有绑定到您的账号。'), '下次打开不会自动登录，也收不到微信通知。'),
    h(
      'p',
      {},
      isFull
        ? '账号已经绑定了三个微信。要换成这个，先在“我的账号”里解除一个，再退出登录，用手机号和密码登录一次。'
        : '是您自己或家里人的微信：退出登录，再用手机号和密码登录一次，就能绑定。',
    ),
    h('p', {}, '这不是您的手机：办完请退出登录，别人就看不到孩子的资料。'),
  );
}
