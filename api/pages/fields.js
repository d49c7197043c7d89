/* Form controls, each bound to a member of an object: what is left empty is not there. */
import { h, uid, fill } from './dom.js';
import { w, word } from './words.js';
import { catalogue, intake, label, setFinding } from './intake.js';

/* ---- one value ---------------------------------------------------------------------------------------------- */

function put(object, name, value) {
  if (value === undefined) delete object[name];
  else object[name] = value;
}

function read(input, type) {
  if (input.value === '' || !input.validity.valid) return undefined;
  if (type === 'boolean') return input.value === 'true';
  return type === 'integer' || type === 'number' ? Number(input.value) : input.value;
}

function control(def, value) {
  const common = { required: def.required, autocomplete: 'off', 'data-label': def.label };
  const choices = def.type === 'boolean' ? ['true', 'false'] : def.choices;
  if (choices)
    return h(
      'select',
      common,
      !def.otherwise && h('option', { value: '' }, def.required ? '' : w('not_given')),
      choices.map((c) =>
        h(
          'option',
          { value: c, selected: String(value ?? def.otherwise) === c },
          def.words ? def.words(c) : word(def.vocabulary ?? def.name, c),
        ),
      ),
    );
  if (def.type === 'integer' || def.type === 'number')
    return h('input', {
      ...common,
      type: 'number',
      inputmode: def.type === 'integer' ? 'numeric' : 'decimal',
      step: def.type === 'integer' ? 1 : 'any',
      min: def.min,
      max: def.max,
      value,
    });
  return h('input', { ...common, type: 'date', max: def.max, value });
}

/* def: { name, label, type: integer, number, date, boolean or choice, min, max, unit, choices, vocabulary, words, required,
 * hint, otherwise: what a choice is when it is not made }. `changed` is called after each change. */
export function field(def, object, changed) {
  const id = uid(),
    hintId = uid();
  const input = control(def, object[def.name]);
  input.id = id;
  if (def.hint) input.setAttribute('aria-describedby', hintId);
  input.addEventListener('input', () => {
    put(object, def.name, read(input, def.type));
    input.removeAttribute('aria-invalid');
    changed?.();
  });
  return h(
    'div',
    { class: 'field' },
    h('label', { for: id }, def.label, def.unit ? ` (${word('unit', def.unit)})` : ''),
    input,
    def.hint && h('p', { class: 'small', id: hintId }, def.hint),
  );
}

/* What of a form's controls cannot be taken: [{ input, words }]. */
export function faultsOf(form) {
  return [...form.querySelectorAll('input:invalid, select:invalid')].map((input) => {
    const { validity, dataset, min, max, type } = input;
    const words = validity.valueMissing
      ? w('needed', dataset.label)
      : type === 'date' && validity.rangeOverflow
        ? w('no_later', dataset.label, max)
        : type === 'number' && min !== '' && max !== ''
          ? w('between', dataset.label, min, max)
          : w('not_a_value', dataset.label);
    return { input, words };
  });
}

/* ---- several of many ---------------------------------------------------------------------------------------- */

export function boxes(legend, choices, words, set, changed) {
  return h(
    'fieldset',
    { class: 'group' },
    h('legend', null, legend),
    h(
      'div',
      { class: 'boxes' },
      choices.map((c) => {
        const input = h('input', {
          type: 'checkbox',
          checked: set.has(c),
          autocomplete: 'off',
          onchange: () => {
            if (input.checked) set.add(c);
            else set.delete(c);
            changed?.();
          },
        });
        return h('label', { class: 'pill' }, input, h('span', null, words(c)));
      }),
    ),
  );
}

/* ---- yes, no, not sure -------------------------------------------------------------------------------------- */

/* values: [[value, words]]. */
export function radios(values, chosen, choose) {
  const name = uid();
  return h(
    'div',
    { class: 'choices' },
    values.map(([value, words]) =>
      h(
        'label',
        { class: 'pill' },
        h('input', {
          type: 'radio',
          name,
          value,
          checked: chosen === value,
          autocomplete: 'off',
          onchange: () => choose(value),
        }),
        h('span', null, words),
      ),
    ),
  );
}

const STATES = () => [
  ['present', w('yes')],
  ['absent', w('no')],
  ['unknown', w('not_sure')],
];

function attributeField(fact, id, finding, changed) {
  const a = catalogue.attributes.get(id);
  return field(
    {
      ...a,
      name: id,
      label: a.question,
      vocabulary: id,
      unit: undefined,
      max: a.type === 'date' ? intake.as_of : a.max,
    },
    finding,
    changed,
  );
}

/* What a fact's finding can say beside "yes". A short-lived fact that goes on does not become outdated. */
function details(fact, finding, changed) {
  const still = fact.valid_days && fact.attributes?.includes('date');
  const box =
    still &&
    h('input', {
      type: 'checkbox',
      checked: finding.still,
      autocomplete: 'off',
      onchange: () => {
        put(finding, 'still', box.checked || undefined);
        changed?.();
      },
    });
  return [
    (fact.attributes ?? []).map((id) => attributeField(fact, id, finding, changed)),
    still && h('label', { class: 'pill' }, box, h('span', null, w('still_there'))),
  ];
}

function covered(fact, store, changed) {
  const facts = fact.covers.map((id) => catalogue.facts.get(id)).filter(Boolean);
  const rows = h('div', { class: 'covered' });
  const render = () =>
    fill(
      rows,
      facts.map((f) => factRow(f, store, changed)),
    );
  render();
  return h(
    'div',
    { class: 'which', role: 'group', 'aria-label': `${w('which')} ${fact.label}` },
    h('p', { class: 'strong' }, w('which')),
    rows,
    h(
      'button',
      {
        type: 'button',
        class: 'quiet',
        onclick: () => {
          for (const f of facts) if (!store.has(f.id)) setFinding(store, f.id, 'absent');
          render();
          changed?.();
        },
      },
      w('rest_no'),
    ),
  );
}

/* One fact as a question, its finding in `store` (a Map by fact). With "yes", its details and what it covers follow. */
export function factRow(fact, store, changed, extra) {
  const more = h('div', { class: 'more' });
  const render = () => {
    const finding = store.get(fact.id);
    fill(
      more,
      finding?.state === 'present' && [
        fact.attributes && h('div', { class: 'fields' }, details(fact, finding, changed)),
        fact.covers && covered(fact, store, changed),
      ],
    );
  };
  render();
  return h(
    'fieldset',
    { class: 'ask', 'data-fact': fact.id },
    h('legend', null, h('strong', null, label(fact.id)), h('span', { class: 'question' }, fact.question)),
    extra,
    radios(STATES(), store.get(fact.id)?.state, (state) => {
      setFinding(store, fact.id, state);
      render();
      changed?.();
    }),
    more,
  );
}

/* ---- rows of fields ----------------------------------------------------------------------------------------- */

/* A list of objects of the same fields; `name(i)` is the title of one. */
export function rows(items, { defs, name, add, least = 0, changed }) {
  const box = h('div', { class: 'rows' });
  const render = () =>
    fill(
      box,
      items.map((item, i) =>
        h(
          'fieldset',
          { class: 'row' },
          h('legend', null, name(i)),
          h(
            'div',
            { class: 'fields' },
            defs.map((def) => field(def, item, changed)),
          ),
          items.length > least &&
            h(
              'button',
              {
                type: 'button',
                class: 'quiet',
                onclick: () => {
                  items.splice(i, 1);
                  render();
                  box.querySelector('.add').focus();
                  changed?.();
                },
              },
              w('remove_what', name(i)),
            ),
        ),
      ),
      h(
        'button',
        {
          type: 'button',
          class: 'quiet add',
          onclick: () => {
            items.push({});
            render();
            [...box.querySelectorAll('.row')].at(-1).querySelector('input, select').focus();
          },
        },
        add,
      ),
    );
  render();
  return box;
}
