/*
 * Leaving for 广东省个人数字空间: ask the server for the way and go there; in WeChat by the mini-program's button, if there is one.
 * A plain link stands there in case nothing opens.
 */
import { post } from './api.js';
import { h } from './dom.js';
import { tab } from './store.js';
import { openInWeChat } from './weapp.js';

/**
 * launch(kind, studentIds, block): `kind` is "bindings" or "authorizations"; without studentIds the server takes everyone whose
 * turn it is. `block` gets the mini-program's button, or the plain link after three seconds.
 */
export async function launch(kind, studentIds, block) {
  const started = await post('/api/' + kind, studentIds ? { student_ids: studentIds } : {});
  if (!/^(https?|weixin):/.test(started.launch_url)) throw new Error('launch_url: ' + started.launch_url);
  tab.set(kind, started.id);
  if (await openInWeChat(kind, started, block)) return;
  location.assign(started.launch_url);
  setTimeout(() => {
    const old = block.querySelector('.plain-launch');
    if (old) old.parentNode.removeChild(old);
    block.appendChild(
      h('p', { class: 'plain-launch' }, '没有自动打开？', h('a', { href: started.launch_url }, '点这里前往“个人数字空间”')),
    );
  }, 3000);
}
