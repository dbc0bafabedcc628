/*
 * 关注公众号: whoever does not follow the account gets no message in WeChat. Offered once, in WeChat, to who has linked it; where
 * no account is configured nothing is said.
 */
import { get } from './api.js';
import { fill, h } from './dom.js';
import { isWeChat } from './session.js';
import { browser } from './store.js';

/** offerFollow(place, session): draw the offer into `place`, or nothing. */
export async function offerFollow(place, session) {
  if (!isWeChat || browser.get('follow') || session.guardian.limited || !session.guardian.wechat.some((one) => one.this)) return;
  const { name, url } = await get('/api/wechat/follow', { isQuiet: true });
  if (!name && !url) return;
  fill(
    place,
    h(
      'section',
      { class: 'card poster' },
      h('h2', {}, '关注公众号，办理结果发到微信'),
      url && h('img', { class: 'small', src: '/api/wechat/follow.png', width: '160', height: '160', alt: '公众号二维码：长按图片识别后关注' }),
      h('p', {}, url ? '长按上面的图，识别后关注' : '在微信里搜索公众号', name && h('b', {}, '“' + name + '”')),
      h('p', { class: 'quiet' }, '不关注也能报名，重要的事会另发短信。'),
      h(
        'p',
        { class: 'more' },
        url && /^https?:/.test(url) && h('a', { href: url, click: seen }, '去关注'),
        h('button', { type: 'button', class: 'text-button', click: seen }, '已关注，不再提示'),
      ),
    ),
  );
  function seen() {
    browser.set('follow');
    fill(place);
  }
}
