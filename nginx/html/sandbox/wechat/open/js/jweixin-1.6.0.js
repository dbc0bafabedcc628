/*
 * Stands in for WeChat's script (JS-SDK 1.6): config asks the sandbox whether the page is signed, and then draws
 * wx-open-launch-weapp tags. Pressing one tells the page "launch" and opens the "mini-program", which here is the address that
 * the tag's path carries. The fault "weapp" of the sandbox decides what goes wrong: see cgi/sandbox_fault.c.
 */
(function () {
  var readies = [];
  var errors = [];
  var state = null;

  function settle(next) {
    state = next;
    (next === 'ready' ? readies : errors).forEach(function (listener) {
      listener({ errMsg: 'config:' + next });
    });
  }

  // A style attribute in markup is against the site's policy; what a script sets is not.
  function build(markup) {
    var style = /style="([^"]*)"/.exec(markup);
    var button = document.createElement('button');
    button.type = 'button';
    button.textContent = markup.replace(/<[^>]*>/g, '');
    button.style.cssText = style ? style[1] : '';
    return button;
  }

  function draw(tag) {
    var template = tag.querySelector('script[type="text/wxtag-template"]');
    var button = build(template.textContent);
    tag.attachShadow({ mode: 'open' }).appendChild(button);
    tag.style.display = 'block';
    button.addEventListener('click', function () {
      var url = new URLSearchParams(tag.getAttribute('path').split('?')[1]).get('url');
      tag.dispatchEvent(new CustomEvent('launch', { detail: { errMsg: 'launch:ok' } }));
      if (url) location.assign(url);
    });
    tag.dispatchEvent(new CustomEvent('ready', { detail: {} }));
  }

  function watch() {
    new MutationObserver(function () {
      document.querySelectorAll('wx-open-launch-weapp').forEach(function (tag) {
        if (!tag.shadowRoot) draw(tag);
      });
    }).observe(document.body, { childList: true, subtree: true });
  }

  window.wx = {
    config: function (settings) {
      var query = new URLSearchParams({
        appid: settings.appId,
        timestamp: settings.timestamp,
        nonce: settings.nonceStr,
        signature: settings.signature,
        url: location.href.split('#')[0],
      });
      fetch('/sandbox/wechat/script/verify?' + query).then(function (answer) {
        if (!answer.ok) {
          settle('error');
          return;
        }
        answer.json().then(
          function (verdict) {
            if (verdict.ok && settings.openTagList.indexOf('wx-open-launch-weapp') >= 0) watch();
            settle(verdict.ok ? 'ready' : 'error');
          },
          function () {
            settle('ready'); // accepted, and the tag stays empty
          },
        );
      }, function () {}); // no word at all
    },
    ready: function (listener) {
      readies.push(listener);
      if (state === 'ready') listener();
    },
    error: function (listener) {
      errors.push(listener);
      if (state === 'error') listener({ errMsg: 'config:error' });
    },
  };
})();
