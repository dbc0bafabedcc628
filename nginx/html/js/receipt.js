/*
 * 授权回执: for the screen and for paper. What is signed comes from the server as it is; the page only lays it out. Below it, not on
 * paper: the history, and taking the authorization back.
 */
import { call, get } from './api.js';
import { carefully } from './careful.js';
import { byId, clock, dateWords, fill, h, show } from './dom.js';
import { historyOf } from './events.js';
import { showProblem } from './form.js';
import { onReturn, parameter } from './place.js';
import { mustSignIn } from './session.js';
import { LICENSES } from './words.js';

const ROLES = { guardian: '家长', student: '孩子' };

function pair(term, ...words) {
  return h('div', {}, h('dt', {}, term), h('dd', {}, words));
}

function moment(text) {
  return dateWords(text) + ' ' + clock(text);
}

function state(receipt) {
  if (receipt.status === 'revoked') return receipt.title + '（' + moment(receipt.revoked_at) + '），取得的证照资料已删除';
  if (receipt.status === 'expired') return receipt.title + '，取得的证照资料已删除';
  return receipt.title;
}

function person(one) {
  return h(
    'div',
    {},
    h('dt', {}, ROLES[one.role] + ' ' + one.name),
    h('dd', {}, h('p', {}, one.id_no), h('p', {}, one.licenses.map((type) => LICENSES[type]).join('、'))),
  );
}

function consent(receipt) {
  if (!receipt.consent) return null;
  const { slug, title, version, sha256 } = receipt.consent;
  return [
    pair('同意书', h('a', { href: '/consent?slug=' + encodeURIComponent(slug) + '&version=' + encodeURIComponent(version) }, '《' + title + '》'), '，版本 ' + version),
    pair('同意书的 SHA-256', h('small', {}, sha256)),
  ];
}

function draw(receipt) {
  const isGood = receipt.status === 'in_force';
  fill(
    byId('receipt'),
    h(
      'section',
      { class: 'card ' + (isGood ? 'card-good' : 'card-bad') },
      h('p', { class: 'quiet center' }, '回执编号'),
      h('p', { class: 'large', id: 'number' }, receipt.number),
      h('p', { class: 'center' }, h('b', { class: isGood ? 'good' : 'bad' }, (isGood ? '✓ ' : '✗ ') + state(receipt))),
      h('dl', { class: 'pairs' }, pair('签署时间', moment(receipt.signed_at)), pair('有效至', moment(receipt.expires_at))),
    ),
    h('section', { class: 'card' }, h('h2', {}, '同意平台取用的证照'), h('dl', { class: 'pairs' }, receipt.persons.map(person))),
    h(
      'section',
      { class: 'card paper' },
      h('img', {
        class: 'code',
        src: 'data:image/svg+xml,' + encodeURIComponent(receipt.qr_svg),
        width: '240',
        height: '240',
        alt: '授权回执二维码：工作人员扫一扫，就能验证这张回执',
      }),
      h('p', { class: 'quiet' }, '二维码里是以上内容和平台的签名，改动一个字就验不过。状态（有效、撤回、到期）以查看时为准。'),
      h('dl', { class: 'pairs' }, pair('平台', receipt.public_url), consent(receipt)),
    ),
  );
  show(byId('print'), true);
  drawAfter(receipt);
}

function drawAfter(receipt) {
  const block = byId('after');
  fill(block, historyOf('authorizations', receipt.authorization_id));
  if (receipt.status !== 'in_force') return;
  const way = h('section', { class: 'card' }, h('h2', {}, '不想再授权了'));
  way.appendChild(
    carefully(
      '撤回这次授权',
      '撤回后，取得的证照资料马上删除，孩子要重新授权或改为到校核验。已经提交的报名不会撤销，工作人员会看到授权已撤回。',
      way,
      async () => {
        await call('DELETE', '/api/authorizations/' + receipt.authorization_id);
        await load();
      },
    ),
  );
  block.appendChild(way);
}

async function load() {
  try {
    const session = await mustSignIn();
    const known = session.students.map((student) => student.authorization.id).filter(Boolean);
    const id = parameter('id') || known[known.length - 1];
    if (!id) fill(byId('receipt'), h('p', { class: 'card' }, '还没有签署过授权。', h('a', { href: '/steps' }, '去看办到哪里了')));
    else draw(await get('/api/authorizations/' + encodeURIComponent(id) + '/receipt'));
  } catch (problem) {
    fill(byId('receipt'));
    showProblem(byId('receipt'), problem, [['再看一次', location.pathname + location.search]]);
  }
}

byId('print').addEventListener('click', () => window.print());
onReturn(load);
load();
