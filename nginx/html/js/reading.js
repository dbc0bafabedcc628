/* 系统操作指南, 政策文件 and 同意书: the list of a kind, or one text of it (?slug=…). The HTML comes sanitized from the server. */
import { get } from './api.js';
import { byId, dateWords, fill, h } from './dom.js';
import { showProblem } from './form.js';
import { parameter } from './place.js';

const kind = document.body.getAttribute('data-kind');
const reading = byId('reading');

function stamp(text) {
  return '版本 ' + text.version + ' · ' + dateWords(text.published_at) + '发布';
}

function entry(text) {
  return h(
    'li',
    {},
    h('a', { href: '/' + kind + '?slug=' + encodeURIComponent(text.slug) }, text.title, h('br'), h('small', {}, stamp(text))),
  );
}

function drawText(text, hasList) {
  const article = h('article', { class: 'card article' });
  article.innerHTML = text.html;
  // The page's own heading says the title already.
  const first = article.querySelector('h1');
  if (first) first.parentNode.removeChild(first);
  fill(byId('title'), text.title);
  document.title = text.title + ' · 梅江区入学报名';
  fill(byId('lead'), stamp(text));
  fill(reading, article, hasList && h('p', { class: 'more' }, h('a', { href: '/' + kind }, '看全部')));
}

async function draw() {
  try {
    const list = await get('/api/content/' + kind);
    const slug = parameter('slug') || (list.items.length === 1 ? list.items[0].slug : null);
    const version = parameter('version');
    const query = version ? '?version=' + encodeURIComponent(version) : '';
    if (slug) drawText(await get('/api/content/' + kind + '/' + encodeURIComponent(slug) + query), list.items.length > 1);
    else
      fill(
        reading,
        h(
          'section',
          { class: 'card' },
          list.items.length ? h('ul', { class: 'entries' }, list.items.map(entry)) : '还没有发布内容。',
        ),
      );
  } catch (problem) {
    fill(reading);
    showProblem(reading, problem);
  }
}

draw();
