/* The intake form, drawn from the facts of the catalogue and from the schemas of the request. */
import { h, fill, uid, focusOn, groupBy } from './dom.js';
import { w, word } from './words.js';
import { addFinding, catalogue, intake, isAsked, isEmpty, label, setFinding, technique } from './intake.js';
import { boxes, factRow, faultsOf, field, rows } from './fields.js';

/* A field as the API's document describes the member. */
function defOf(schemas, of, name, more) {
  const p = schemas[of].properties[name];
  const type = p.enum ? 'choice' : p.format === 'date' ? 'date' : p.type;
  return {
    name,
    label: w(name),
    type,
    choices: p.enum,
    min: p.minimum,
    max: p.maximum,
    required: schemas[of].required?.includes(name),
    ...more,
  };
}

function section(title, hint, ...children) {
  const id = uid();
  return h(
    'section',
    { class: 'card', 'aria-labelledby': id },
    h('h3', { id }, title),
    hint && h('p', { class: 'small' }, hint),
    children,
  );
}

function client(schemas, changed, redraw) {
  const both = () => {
    changed();
    redraw();
  };
  return section(
    w('client'),
    null,
    h(
      'div',
      { class: 'fields' },
      field(defOf(schemas, 'Subject', 'age_years', { label: w('age') }), intake.subject, both),
      field(defOf(schemas, 'Subject', 'sex'), intake.subject, both),
      field(defOf(schemas, 'ScreeningRequest', 'as_of', { required: true }), intake, changed),
    ),
  );
}

function complaints(schemas, changed) {
  const of = (name, more) => defOf(schemas, 'Complaint', name, { required: false, ...more });
  const defs = [
    of('region'),
    of('side'),
    of('pain'),
    { ...of('duration_days'), name: 'lasts', label: w('lasts') },
    {
      name: 'lasts_unit',
      label: w('lasts_unit'),
      type: 'choice',
      choices: ['days', 'weeks', 'months', 'years'],
      otherwise: 'days',
      words: w,
    },
    of('onset'),
    of('cause'),
  ];
  return section(
    w('complaints'),
    null,
    rows(intake.complaints, { defs, name: (i) => w('complaint', i + 1), add: w('complaint_add'), least: 1, changed }),
  );
}

function finder(redraw) {
  const id = uid(),
    listId = uid(),
    note = h('p', { class: 'small', role: 'status' }, w('find_hint'));
  const facts = [...catalogue.facts.values()].filter((f) => f.type && !f.gate);
  const pick = () => {
    const found = facts.find((f) => f.label.toLowerCase() === input.value.trim().toLowerCase());
    note.textContent = input.value && !found ? w('find_none') : w('find_hint');
    if (found) {
      input.value = '';
      addFinding(found.id);
      redraw(found.id);
    }
  };
  const input = h('input', {
    id,
    list: listId,
    autocomplete: 'off',
    onchange: pick,
    oninput: (e) => e.inputType !== 'insertText' && facts.some((f) => f.label === input.value) && pick(), // chosen from the list
    onkeydown: (e) => {
      if (e.key === 'Enter') {
        e.preventDefault();
        pick();
      }
    },
  });
  return h(
    'div',
    { class: 'field' },
    h('label', { for: id }, w('find')),
    input,
    note,
    h(
      'datalist',
      { id: listId },
      facts.map((f) => h('option', { value: f.label })),
    ),
  );
}

/* The gates first, then by group what no gate asks about. */
function questions(changed) {
  const all = [...catalogue.facts.values()].filter((f) => f.type && isAsked(f));
  const rest = groupBy(
    all.filter((f) => !f.gate && !f.covered_by),
    (f) => f.group,
  );
  const row = (f) => factRow(f, intake.findings, changed);
  return [
    all.filter((f) => f.gate).map(row),
    rest.size > 0 &&
      h(
        'details',
        { class: 'others', open: [...rest.values()].flat().some((f) => intake.findings.has(f.id)) },
        h('summary', null, w('other_facts')),
        [...rest].map(([group, facts]) => [h('h4', null, word('group', group)), facts.map(row)]),
      ),
  ];
}

function wishes(schemas, changed) {
  const of = (name, more) => defOf(schemas, 'Preferences', name, more);
  const codes = [...catalogue.techniques.values()].filter((t) => !t.never_offered).map((t) => t.code);
  return section(
    w('preferences'),
    null,
    h(
      'div',
      { class: 'fields' },
      field(of('pressure'), intake.preferences, changed),
      field(of('session_minutes', { label: w('minutes_wish') }), intake.preferences, changed),
      field(of('sessions_per_week_max', { label: w('per_week_wish') }), intake.preferences, changed),
    ),
    h(
      'details',
      { open: intake.techniques.size > 0 },
      h('summary', null, w('techniques_wish')),
      boxes(w('techniques_wish'), codes, technique, intake.techniques, changed),
    ),
  );
}

function sessions(schemas, changed) {
  const of = (name, more) => defOf(schemas, 'ProgressEntry', name, { required: name === 'date', ...more });
  const defs = [
    of('date', { max: intake.as_of }),
    of('technique', { type: 'choice', choices: [...catalogue.techniques.keys()], words: technique }),
    of('minutes'),
    of('pain_before'),
    of('pain_after'),
    of('reaction'),
  ];
  return h(
    'details',
    { class: 'card', open: intake.progress.length > 0 },
    h('summary', null, h('h3', null, w('progress'))),
    h('p', { class: 'small' }, w('progress_hint')),
    rows(intake.progress, { defs, name: (i) => w('session', i + 1), add: w('progress_add'), changed }),
  );
}

function agreements(changed, redraw) {
  const words = (c) => w('clearance_is', label(c.for), word('by', c.by), c.date);
  return section(
    w('clearances'),
    null,
    h(
      'ul',
      { class: 'plain' },
      intake.clearances.map((c, i) =>
        h(
          'li',
          null,
          words(c),
          ' ',
          h(
            'button',
            {
              type: 'button',
              class: 'quiet',
              'aria-label': w('remove_what', words(c)),
              onclick: () => {
                intake.clearances.splice(i, 1);
                changed();
                redraw();
              },
            },
            w('remove'),
          ),
        ),
      ),
    ),
  );
}

/* Draws the form anew from the intake. changed(): something was entered; said(text): tell the visitor. Returns
 * { refresh } to draw again what answers elsewhere have changed. */
export function drawForm(form, schemas, { changed, said, reset }) {
  const health = h('div'),
    given = h('div'),
    about = h('div'),
    complained = h('div');
  let asked = '';
  const drawHealth = (focus) => {
    asked = JSON.stringify(intake.subject);
    fill(health, questions(changed));
    if (focus) focusOn(health.querySelector(`[data-fact="${focus}"] input:checked`));
  };
  const redraw = () => JSON.stringify(intake.subject) !== asked && drawHealth();
  const drawGiven = () =>
    fill(
      given,
      intake.clearances.length > 0 &&
        agreements(changed, () => {
          drawGiven();
          form.querySelector('.bar button').focus();
        }),
    );
  const restNo = () => {
    const open = [...catalogue.facts.values()].filter(
      (f) => f.gate && isAsked(f) && !f.answer_meaning && !intake.findings.has(f.id),
    );
    open.forEach((f) => setFinding(intake.findings, f.id, 'absent'));
    drawHealth();
    changed();
    said(w('all_rest_done', open.length));
  };
  const refresh = () => {
    fill(about, client(schemas, changed, redraw));
    fill(complained, complaints(schemas, changed));
    drawHealth();
    drawGiven();
  };
  refresh();
  fill(
    form,
    h('h2', { id: 'form-title' }, w('form_title')),
    h('div', { id: 'faults' }),
    about,
    complained,
    h(
      'section',
      { class: 'card' },
      boxes(
        w('goals'),
        schemas.ScreeningRequest.properties.goals.items.enum,
        (c) => word('goal', c),
        intake.goals,
        changed,
      ),
    ),
    section(
      w('health'),
      w('health_hint'),
      finder((fact) => {
        drawHealth(fact);
        changed();
      }),
      health,
      h('button', { type: 'button', class: 'quiet', onclick: restNo }, w('all_rest_no')),
    ),
    wishes(schemas, changed),
    given,
    sessions(schemas, changed),
    h(
      'div',
      { class: 'bar' },
      h('button', { type: 'submit', class: 'main' }, w('screen')),
      h('button', { type: 'button', class: 'quiet', onclick: reset }, w('reset')),
    ),
  );
  return { refresh };
}

/* What stands in the way of a request: [{ input, words }], the first one first. */
export function faultsOfForm(form) {
  const faults = faultsOf(form);
  intake.complaints.forEach((c, i) => {
    if (!isEmpty(c) && !c.region)
      faults.push({
        input: form.querySelectorAll('.row')[i].querySelector('select'),
        words: w('where_needed', w('complaint', i + 1)),
      });
  });
  if (!intake.goals.size && intake.complaints.every(isEmpty))
    faults.push({ input: form.querySelector('.row select'), words: w('complaint_or_goal') });
  return faults;
}
