/*
 * In WeChat the province's mini-program opens by a tag of WeChat's own (wx-open-launch-weapp), where the district has it: the
 * script comes from WeChat, the server signs the page for it. A tag cannot be pressed for the parent, so it is shown to be
 * pressed; where it does not come within three seconds (WeChat too old, script or signature refused) the plain link stands
 * there instead. So there is always something to press.
 */
import { get } from './api.js';
import { byId, fill, h } from './dom.js';
import { isWeChat } from './session.js';

const LIMIT_MS = 3000;
const PLACES = { bindings: '/bind', authorizations: '/authorize' };

/* WeChat draws the button itself, out of this text; what our style sheets say does not reach it. */
const BUTTON =
  '<button style="display:block;width:100%;min-height:48px;border:0;border-radius:8px;background:#1559b3;color:#fff;' +
  'font-size:18px">打开“个人数字空间”</button>';

/* The server's signature over this page; asked once, for the parent waits. */
function sign() {
  return get('/api/wechat/jssdk?url=' + encodeURIComponent(location.href.split('#')[0]), { isSingle: true });
}

/* The one script from elsewhere; the site's policy knows its host. */
function load(src) {
  return new Promise((resolve, reject) => {
    document.head.appendChild(h('script', { src, load: resolve, error: () => reject(new Error('script')) }));
  });
}

/* wx.config says yes or no, or nothing at all. */
function configure(settings) {
  return new Promise((resolve, reject) => {
    document.addEventListener('WeixinOpenTagsError', () => reject(new Error('tags')));
    window.wx.config({
      debug: false,
      appId: settings.app_id,
      timestamp: settings.timestamp,
      nonceStr: settings.nonce,
      signature: settings.signature,
      jsApiList: ['checkJsApi'],
      openTagList: ['wx-open-launch-weapp'],
    });
    window.wx.ready(resolve);
    window.wx.error(() => reject(new Error('config')));
  });
}

function makeTag(settings, launchUrl) {
  return h(
    'wx-open-launch-weapp',
    { username: settings.username, path: settings.path.replace('{launch_url}', encodeURIComponent(launchUrl)), class: 'weapp' },
    h('script', { type: 'text/wxtag-template' }, BUTTON),
  );
}

/* The tag says that it is ready, and takes up room. */
function appears(tag) {
  return new Promise((resolve) => {
    const seen = () => tag.offsetHeight > 20 && resolve();
    tag.addEventListener('ready', () => setTimeout(seen, 0));
  });
}

function late() {
  return new Promise((resolve, reject) => setTimeout(() => reject(new Error('late')), LIMIT_MS));
}

function plainLink(started, isMain) {
  return isMain
    ? h('a', { class: 'weui-btn weui-btn_primary', href: started.launch_url }, '前往“个人数字空间”')
    : h('p', { class: 'more' }, h('a', { href: started.launch_url }, '打不开？用网页办理'));
}

/* Who comes back from the mini-program finds this page as he left it: it goes on to the result by itself. */
function goOn(kind, started, tag, box) {
  const result = PLACES[kind] + '?id=' + started.id;
  let isLaunched = false;
  tag.addEventListener('launch', () => {
    isLaunched = true;
    fill(box.querySelector('.weapp-after'), h('a', { href: result }, '办完了，看结果'));
  });
  tag.addEventListener('error', () => fill(box.querySelector('.weapp-after'), plainLink(started, false)));
  document.addEventListener('visibilitychange', () => {
    if (isLaunched && !document.hidden) location.assign(result);
  });
}

async function showTag(kind, started, settings, box) {
  await load(settings.script);
  await configure(settings);
  const tag = makeTag(settings, started.launch_url);
  const isThere = appears(tag);
  fill(box.querySelector('.weapp-place'), tag);
  goOn(kind, started, tag, box);
  await isThere;
}

/**
 * openInWeChat(kind, started, block): show the way into the mini-program under `block`. Returns false where there is none
 * (outside WeChat, not switched on, WeChat does not answer): then the page is left by the plain link as everywhere.
 */
export async function openInWeChat(kind, started, block) {
  if (!isWeChat) return false;
  const limit = late();
  const settings = await Promise.race([sign(), limit]).catch(() => ({ launch: false }));
  if (!settings.launch) return false;
  const old = byId('weapp');
  if (old) old.parentNode.removeChild(old);
  const box = h(
    'section',
    { class: 'note', id: 'weapp', role: 'group', 'aria-label': '前往“个人数字空间”' },
    h('p', {}, h('b', {}, '再点一下，'), '微信会打开“个人数字空间”小程序。办完点左上角返回，结果会自己出来。'),
    h('div', { class: 'weapp-place' }, h('p', { class: 'quiet', role: 'status' }, '正在准备…')),
    h('div', { class: 'weapp-after' }),
  );
  Array.from(block.querySelectorAll('.weui-btn_primary')).forEach((button) => {
    button.classList.remove('weui-btn_primary');
    button.classList.add('weui-btn_default');
  });
  block.appendChild(box);
  if (box.getBoundingClientRect().bottom > window.innerHeight) box.scrollIntoView(false);
  try {
    await Promise.race([showTag(kind, started, settings, box), limit]);
    if (!box.querySelector('.weapp-after').firstChild) fill(box.querySelector('.weapp-after'), plainLink(started, false));
  } catch (unshown) {
    fill(
      box.querySelector('.weapp-place'),
      h('p', {}, '微信没有打开小程序的按钮，可能是版本旧。用下面的链接一样能办。'),
      plainLink(started, true),
    );
    fill(box.querySelector('.weapp-after'));
  }
  return true;
}
