/* The questions of an answer, answered in place. */
import { h, part } from './dom.js';
import { w, word } from './words.js';
import { answerFacts, answerValue, catalogue, intake, isUnsure } from './intake.js';
import { factRow, faultsOf, field, radios } from './fields.js';

const QUESTIONS_AT_ONCE = 6;

function bringing(q) {
  const { disposition, verdict } = q.could_change;
  const words = disposition ? word('disposition', disposition) : verdict && word('verdict', verdict);
  return words && h('p', { class: 'small' }, w('could_bring', words));
}

/* A question about one value: `given` gets its answer, undefined for "not sure". */
function valueQuestion(q, given) {
  const entered = {};
  const choose = (value) => (value === '' ? given.delete(q) : given.set(q, value === 'unsure' ? undefined : value));
  const title = [h('strong', null, q.label ?? ''), h('span', { class: 'question' }, q.text)];
  if (q.type === 'boolean')
    return h(
      'fieldset',
      { class: 'ask' },
      h('legend', null, title),
      bringing(q),
      radios(
        [
          ['true', w('yes')],
          ['false', w('no')],
          ['unsure', w('not_sure')],
        ],
        null,
        (v) => choose(v === 'unsure' ? v : v === 'true'),
      ),
    );
  const kind = q.fact === 'sex' ? 'sex' : q.attribute;
  const def = {
    name: 'value',
    label: q.attribute ? (catalogue.attributes.get(q.attribute)?.question ?? q.text) : q.text,
    type: q.type,
    min: q.min,
    max: q.type === 'date' ? intake.as_of : q.max,
    choices: q.choices,
    vocabulary: kind,
  };
  const unsure = h('input', {
    type: 'checkbox',
    autocomplete: 'off',
    onchange: () => (unsure.checked ? choose('unsure') : given.delete(q)),
  });
  const box = field(def, entered, () => {
    unsure.checked = false;
    choose(entered.value ?? '');
  });
  return h(
    'fieldset',
    { class: 'ask' },
    h('legend', null, title),
    bringing(q),
    box,
    h('label', { class: 'pill' }, unsure, h('span', null, w('not_sure'))),
  );
}

/* What is still to be asked, the first few of it; act(): answers were given, screen again. */
export function showQuestions(answer, places, act) {
  const open = answer.questions.filter((q) => !isUnsure(q));
  const asked = (open.length ? open : answer.questions).slice(0, QUESTIONS_AT_ONCE);
  const left = open.length - asked.length;
  const facts = new Map(),
    given = new Map();
  const wrong = h('p', { class: 'error', role: 'alert' });
  const isFact = (q) => q.type === 'state' && catalogue.facts.has(q.fact);
  const send = (e) => {
    e.preventDefault();
    const [fault] = faultsOf(e.target);
    wrong.textContent = fault ? fault.words : facts.size || given.size ? '' : w('answer_one');
    if (wrong.textContent) {
      (fault?.input ?? e.target.querySelector('input, select')).focus();
      return;
    }
    answerFacts(facts, answer.outdated, places);
    for (const [q, value] of given) answerValue(q, value, places);
    act();
  };
  return part(
    'questions',
    `${w('questions')} (${answer.questions.length})`,
    h(
      'form',
      { novalidate: true, autocomplete: 'off', onsubmit: send },
      h('p', { class: 'small' }, open.length ? w('questions_hint') : w('questions_unsure')),
      asked.map((q) =>
        isFact(q) ? factRow(catalogue.facts.get(q.fact), facts, null, bringing(q)) : valueQuestion(q, given),
      ),
      left > 0 && h('p', { class: 'small' }, w('questions_more', left)),
      wrong,
      h('button', { type: 'submit', class: 'main' }, w('screen_again')),
    ),
  );
}
