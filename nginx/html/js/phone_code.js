/* 短信验证码: where the district asks for one, a new number is proved by a code. Its field stands in the page, hidden until then. */
import { post } from './api.js';
import { byId, fill, show } from './dom.js';
import { foldNumber, KINDS } from './fields.js';
import { fieldError, problemWords, showProblem } from './form.js';
import { site } from './site.js';

const RESEND_S = 60;

/**
 * askCode(form, path, phone): 发送验证码 sends a code for the number in the input `phone` (of whichever form) by `path`. Returns an
 * object of two: `fault()` resolves to what is wrong with the code, or null; `value()` is the code, or null where none is asked for.
 */
export function askCode(form, path, phone) {
  const input = form.elements.phone_code;
  const button = byId('send-code');
  const words = button.textContent;
  let isAsked = false;
  let timer = null;

  /* Without an answer the form goes without a code: the server judges. */
  async function learn() {
    try {
      isAsked = (await site()).phone_proof === 'sms';
      show(byId('phone_code-field'), isAsked);
    } catch (problem) {
      isAsked = false;
    }
  }

  function wait(seconds) {
    const until = Date.now() + seconds * 1000;
    const draw = () => {
      const left = Math.ceil((until - Date.now()) / 1000);
      fill(button, left > 0 ? left + ' 秒后可再发' : words);
      if (left > 0) return;
      clearInterval(timer);
      button.removeAttribute('aria-disabled');
    };
    clearInterval(timer);
    timer = setInterval(draw, 500);
    button.setAttribute('aria-disabled', 'true');
    draw();
  }

  function say(text) {
    fill(byId('phone_code-sent'), text);
  }

  function refuse(problem) {
    const fault = problem.errors && problem.errors.find((error) => error.field === 'phone');
    if (fault) fieldError(phone.form, phone.name, fault.message);
    else if (problem.code === 'too_many_attempts') fieldError(form, 'phone_code', problemWords(problem));
    else showProblem(form, problem);
  }

  async function send() {
    if (button.getAttribute('aria-disabled')) return;
    phone.value = KINDS.phone.fold(phone.value);
    const fault = KINDS.phone.fault(phone.value, true);
    fieldError(phone.form, phone.name, fault);
    if (fault) {
      phone.focus();
      return;
    }
    button.setAttribute('aria-disabled', 'true');
    fieldError(form, 'phone_code', '');
    say('正在发送…');
    try {
      await post(path, { phone: phone.value });
      say('已发到 ' + phone.value.replace(/^(\d{3})(\d{4})(\d{4})$/, '$1 $2 $3') + '，10 分钟内有效，以最新一条短信为准。');
      input.value = '';
      input.focus();
      wait(RESEND_S);
    } catch (problem) {
      say('');
      // What takes hours is said in words; the button may be pressed again.
      wait(problem.code === 'too_many_attempts' ? Math.min(problem.retryAfterS, RESEND_S) : 0);
      refuse(problem);
    }
  }

  learn();
  button.addEventListener('click', send);
  input.addEventListener('change', () => {
    input.value = foldNumber(input.value);
  });
  // The code was another number's.
  phone.addEventListener('change', () => {
    input.value = '';
    say('');
  });

  return {
    async fault() {
      await learn();
      if (!isAsked) return null;
      input.value = foldNumber(input.value);
      if (/^\d{6}$/.test(input.value)) return null;
      return {
        field: 'phone_code',
        message: input.value === '' ? '请填写短信验证码。没有收到的，点“发送验证码”。' : '验证码是 6 位数字，请照短信填写。',
      };
    },
    value: () => (isAsked ? input.value : null),
  };
}
