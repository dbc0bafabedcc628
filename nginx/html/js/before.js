/*
 * What decides before one leaves: whose child cannot be linked in the digital space is told so at once, with the other door one
 * press away. Nobody has to answer, and nothing is locked. The same door stands beside the button after tries in vain.
 */
import { call } from './api.js';
import { byId, fill, h } from './dom.js';
import { pressed } from './form.js';

const PAPERS = '网上填报名表，再带户口簿和出生证到学校，由工作人员当面核对（到校核验），不影响录取。';

const CASES = [
  ['none', '在广东省出生，出生证没有补办过', null],
  ['elsewhere', '不在广东省出生', '“关联被监护人”要用广东省签发的出生医学证明，外省出生的关联不上。'],
  ['reissued', '出生证补办或换发过', '补办、换发过的出生证，省里多半查不到，关联不上。'],
  ['second', '另有一本证件（港澳台居住证、护照等）', '省里登记的可能是另一本证件的号码，用身份证号关联不上。'],
];

/** doorButtons(students, route, block): each child's own way through the other door, by one press. */
export function doorButtons(students, route, block, isPrimary) {
  return students.map((student, i) => {
    const button = h(
      'button',
      { type: 'button', class: 'weui-btn ' + (isPrimary && i === 0 ? 'weui-btn_primary' : 'weui-btn_default') },
      student.name + (route === 'materials' ? '改为带材料到校核验' : '改为到校核验'),
    );
    button.addEventListener('click', () =>
      pressed(block, button, async () => {
        await call('PATCH', '/api/students/' + student.id, { route });
        location.assign('/steps');
      }),
    );
    return button;
  });
}

/** otherDoor(door, students, block): what GET of a binding or an authorization says after tries in vain. */
export function otherDoor(door, students, block) {
  if (!door || !students.length) return null;
  return h(
    'section',
    { class: 'card', id: 'other-way' },
    h('h2', {}, door === 'in_person' ? '人脸识别总是通不过？' : '孩子总是关联不上？'),
    h(
      'p',
      {},
      door === 'in_person'
        ? '脸认不出不是您的错。可以不用人脸识别：' + PAPERS
        : '外省出生、出生证补办过的，省里可能查不到。可以不用关联：' + PAPERS,
    ),
    h('p', { class: 'quiet' }, '什么都没有锁住，想再试随时可以。'),
    doorButtons(students, door, block, false),
  );
}

/**
 * askBefore(place, students, onAnswer): the question, in `place`. onAnswer(canLink) hears whether the way through the digital
 * space is still the one to take.
 */
export function askBefore(place, students, onAnswer) {
  const told = h('div', { id: 'before-told', role: 'status' });
  const name = 'before';
  const choose = (words) => {
    fill(
      told,
      words
        ? h('div', { class: 'note' }, h('p', {}, words, h('b', {}, '可以走另一条路：'), PAPERS), doorButtons(students, 'materials', place, true))
        : h('p', { class: 'good' }, '✓ 可以在网上绑定。'),
    );
    onAnswer(!words);
  };
  fill(
    place,
    h(
      'fieldset',
      { class: 'field field-first before' },
      h('legend', {}, students.length > 1 ? '有孩子是下面的情况吗' : '孩子是下面哪种情况'),
      h(
        'div',
        { class: 'choices' },
        CASES.map(([value, label, words]) =>
          h(
            'label',
            { class: 'choice', for: name + '-' + value },
            h('input', { type: 'radio', id: name + '-' + value, name, value, change: () => choose(words) }),
            students.length > 1 && value === 'none' ? '都' + label : label,
          ),
        ),
      ),
    ),
    told,
  );
}

/** demote(button, canLink): the launching button steps back while another door is the one to take. */
export function demote(button, canLink) {
  button.classList.toggle('weui-btn_primary', canLink);
  button.classList.toggle('weui-btn_default', !canLink);
}

/** The page's standing offer, where the other door is not shown already. */
export function helpCard(isShown) {
  byId('help').hidden = !isShown || Boolean(byId('other-way'));
}
