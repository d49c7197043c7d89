/* An answer as a therapist reads it: what to do first, then why, then what else. A code that nobody here knows is shown
 * as it is, and counts as the gravest. */
import { h, fill, fold, groupBy, part } from './dom.js';
import { isKnown, list, w, word } from './words.js';
import { get } from './service.js';
import { catalogue, intake, label, technique, wordsOf } from './intake.js';
import { faultsOf, field } from './fields.js';
import { showQuestions } from './questions.js';

const TONES = { book: 'good', book_with_changes: 'care', hold: 'wait', refuse: 'bad' };
const MARKS = { good: '✓', care: '✓', wait: '⏸', bad: '✕' };
const SEVERITY_TONES = {
  emergency: 'bad',
  urgent: 'bad',
  absolute: 'bad',
  clearance: 'wait',
  modify: 'care',
  caution: 'care',
};
const VERDICT_TONES = {
  allowed: 'good',
  modified: 'care',
  needs_answers: 'wait',
  clearance_required: 'wait',
  not_allowed: 'bad',
};
const VERDICTS = Object.keys(VERDICT_TONES);

const english = { lang: 'en' }; // what is for therapists is not translated

const terms = (pairs) =>
  h(
    'dl',
    null,
    pairs
      .filter(Boolean)
      .map(([name, value, attributes]) => value && h('div', null, h('dt', null, name), h('dd', attributes, value))),
  );
const bullets = (items, attributes) =>
  h(
    'ul',
    attributes,
    items.map((i) => h('li', null, i)),
  );
const tag = (tone, text) => h('span', { class: `tag ${tone}` }, text);

function placeWords(places, regions) {
  return list(
    places
      ? places.map((p) => (p.side ? `${word('region', p.region)} (${word('side', p.side)})` : word('region', p.region)))
      : (regions ?? []).map((r) => word('region', r)),
  );
}

/* ---- evidence ----------------------------------------------------------------------------------------------- */

const sources = new Map(); // as they were fetched

async function sourceOf(id) {
  if (!sources.has(id)) sources.set(id, (await get(`/v1/evidence/${encodeURIComponent(id)}`)).value);
  return sources.get(id);
}

/* A link that says where it goes; nothing but https and http becomes one. */
function link(url) {
  return /^https?:\/\//.test(url)
    ? h(
        'a',
        { href: url, target: '_blank', rel: 'noopener noreferrer' },
        url,
        h('span', { class: 'hidden' }, ` ${w('opens_window')}`),
      )
    : url;
}

function evidence(items) {
  if (!items.length) return h('p', { class: 'small' }, w('no_evidence'));
  return h(
    'ul',
    { class: 'evidence' },
    items.map((e) => {
      const more = h('div');
      sourceOf(e.id).then(
        (s) =>
          fill(
            more,
            h('p', english, h('b', null, `${w('found')}: `), s.finding),
            s.population && h('p', english, h('b', null, `${w('population')}: `), s.population),
            s.verified === 'recalled' && h('p', { class: 'small' }, w('recalled')),
          ),
        () => fill(more, h('p', { class: 'small' }, w('evidence_missing'))),
      );
      return h(
        'li',
        null,
        h('cite', english, e.citation),
        ' ',
        tag('plain', word('certainty', e.certainty)),
        more,
        e.url && h('p', { class: 'url' }, link(e.url)),
      );
    }),
  );
}

/* ---- the outcome -------------------------------------------------------------------------------------------- */

function outcome(answer, parts) {
  const tone = TONES[answer.booking] ?? 'bad';
  const open = answer.questions.length;
  return h(
    'div',
    { class: `outcome ${tone}` },
    h(
      'h2',
      { id: 'answer-title', tabindex: -1 },
      h('span', { class: 'mark', 'aria-hidden': 'true' }, MARKS[tone]),
      word('booking', answer.booking),
    ),
    h('p', { class: 'big' }, word('disposition', answer.disposition)),
    isKnown('booking_do', answer.booking) && h('p', null, word('booking_do', answer.booking)),
    h(
      'p',
      { class: 'strong', id: 'completeness' },
      answer.complete ? w('final') : open === 1 ? w('open_one') : w('open', open),
    ),
    h('p', { class: 'small' }, w('judged_for', answer.as_of), answer.id && ` · ${w('recorded', answer.id)}`),
    answer.translation_review === 'draft' && h('p', { class: 'small' }, w('draft_translation')),
    h(
      'nav',
      { class: 'jump', 'aria-label': w('jump') },
      parts.map((p) =>
        h('button', { type: 'button', class: 'quiet', onclick: () => p.focus() }, p.querySelector('h3').textContent),
      ),
    ),
  );
}

/* ---- warnings ----------------------------------------------------------------------------------------------- */

function agreementForm(warning, act) {
  const entered = { for: warning.clearance_for[0], by: warning.clearable_by };
  const defs = [
    { name: 'for', label: w('clearance_for'), choices: warning.clearance_for, words: label, required: true },
    { name: 'date', label: w('clearance_date'), type: 'date', max: intake.as_of, required: true },
  ];
  const box = h(
    'div',
    { class: 'fields' },
    defs.map((def) => field(def, entered)),
  );
  const wrong = h('p', { class: 'error', role: 'alert' });
  return h(
    'div',
    { class: 'ask' },
    h('p', null, w('clearable', word('by', entered.by))),
    box,
    wrong,
    h(
      'button',
      {
        type: 'button',
        class: 'main',
        onclick: () => {
          const [fault] = faultsOf(box);
          wrong.textContent = fault?.words ?? '';
          fault?.input.focus();
          if (fault) return;
          intake.clearances.push(entered);
          act();
        },
      },
      w('clearance_use'),
    ),
  );
}

function warningCard(x, places, act) {
  const because = x.triggered_by.map((p) => wordsOf(p, places));
  const blocks = x.effect === 'not_allowed' || x.effect === 'clearance_required';
  return h(
    'article',
    { class: `warning ${SEVERITY_TONES[x.severity] ?? 'bad'}`, id: `w-${x.code}`, tabindex: -1 },
    h('h4', null, tag(SEVERITY_TONES[x.severity] ?? 'bad', word('severity', x.severity)), ' ', x.message),
    x.cleared && h('p', { class: 'strong' }, w('cleared')),
    x.action && h('p', null, h('b', null, `${w('what_to_do')}: `), x.action),
    fold(
      w('why'),
      () => [
        terms([
          [w('rationale'), x.rationale, english],
          [w('note'), x.note, english],
          [w('because_of'), because.length ? bullets(because) : w('because_of_none')],
          x.regions && [w('where'), placeWords(x.places, x.regions)],
          [w('asks'), word('verdict', x.effect)],
          [w('certainty'), word('certainty', x.certainty)],
          [w('rule'), h('code', null, x.code)],
        ]),
        h('h5', null, w('evidence')),
        evidence(x.evidence),
        !x.clearable_by && blocks && !x.cleared && h('p', null, w('not_clearable')),
      ],
      { class: 'why' },
    ),
    x.clearable_by && fold(w('clearance_add'), () => agreementForm(x, act), { class: 'agree' }),
  );
}

function warnings(answer, places, act) {
  return part(
    'warnings',
    `${w('warnings')} (${answer.warnings.length})`,
    answer.warnings.length ? answer.warnings.map((x) => warningCard(x, places, act)) : h('p', null, w('no_warnings')),
  );
}

/* ---- techniques --------------------------------------------------------------------------------------------- */

function modificationWords({ kind, value, regions, places }) {
  if (kind === 'avoid_region') return w('not_on', placeWords(places, value));
  const words =
    kind === 'max_pressure'
      ? w('up_to_of_5', value)
      : kind === 'max_minutes'
        ? w('no_longer', value)
        : value === true
          ? word('modification', kind)
          : `${word('modification', kind)}: ${[value]
              .flat()
              .map((v) => word('value', v))
              .join(', ')}`;
  return regions ? `${words}, ${w('on', placeWords(places, regions))}` : words;
}

function wayWords(way) {
  const answers = way.answers ?? [];
  const said = (a) =>
    a.fact === 'sex' || a.fact === 'pain_max'
      ? w(a.fact === 'sex' ? 'sex' : 'pain')
      : a.attribute
        ? `${label(a.fact)}: ${catalogue.attributes.get(a.attribute)?.question ?? a.attribute}`
        : label(a.fact);
  return [
    ...(way.clearances ?? []).map((c) => w('agreement_of', word('by', c.by), label(c.for))),
    ...(answers.length > 4
      ? [w('answers_well', answers.length)]
      : answers.map((a) => w('answer_is', said(a), word('state', a.answer)))),
    way.date && w('not_before', way.date),
  ]
    .filter(Boolean)
    .join(w('and'));
}

function reasons(codes, answer) {
  const known = (code) => answer.warnings.find((x) => x.code === code);
  return bullets(
    codes.map((code) =>
      known(code)
        ? h(
            'button',
            { type: 'button', class: 'link', onclick: () => document.getElementById(`w-${code}`).focus() },
            known(code).message,
          )
        : h('code', null, code),
    ),
  );
}

function lifting(t, answer) {
  if (!t.would_allow && !t.earliest_date && !t.cannot_change) return null;
  const ways = t.would_allow ?? [];
  return terms([
    ways.length && [
      ways.length > 1 ? `${w('would_allow')} (${w('any_of')})` : w('would_allow'),
      [bullets(ways.map(wayWords)), t.more_would_allow && h('p', null, w('more_ways'))],
    ],
    t.earliest_date && [w('would_allow'), w('earliest', t.earliest_date)],
    t.cannot_change && [w('cannot_change'), reasons(t.cannot_change, answer)],
  ]);
}

/* Techniques of which the same is said stand together. */
function alike(techniques) {
  return groupBy(techniques, ({ code, name, ...rest }) => JSON.stringify(rest));
}

function techniqueGroup(same, answer) {
  const [t] = same;
  const may = t.verdict === 'allowed' || t.verdict === 'modified';
  return h(
    'div',
    { class: 'technique' },
    h('h4', null, list(same.map((s) => s.name))),
    terms([
      t.modifications.length
        ? [may ? w('changes') : w('changes_later'), bullets(t.modifications.map(modificationWords))]
        : t.verdict === 'modified' && [w('changes'), w('see_warnings')],
      t.because.length && [w('reasons'), reasons(t.because, answer)],
    ]),
    t.could_become !== t.verdict &&
      !answer.complete &&
      h('p', null, w('could_become', word('verdict', t.could_become))),
    lifting(t, answer),
  );
}

function techniques(answer) {
  const groups = groupBy(answer.techniques, (t) => (t.not_offered ? 'not_offered' : t.verdict));
  const order = [...new Set([...VERDICTS, ...groups.keys()])].filter((v) => v !== 'not_offered').concat('not_offered');
  return part(
    'techniques',
    w('techniques'),
    order
      .filter((v) => groups.has(v))
      .map((v) => {
        const members = groups.get(v);
        const name = v === 'not_offered' ? w('not_offered') : word('verdict', v);
        const open = v === 'allowed' || v === 'modified';
        return fold(
          [
            tag(v === 'not_offered' ? 'plain' : (VERDICT_TONES[v] ?? 'bad'), name),
            ` ${members.length}`,
            h(
              'span',
              { class: 'small' },
              ` ${list(members.slice(0, 3).map((t) => t.name))}${members.length > 3 ? ' …' : ''}`,
            ),
          ],
          () => [...alike(members).values()].map((same) => techniqueGroup(same, answer)),
          { open, class: 'verdict' },
        );
      }),
  );
}

/* ---- the course --------------------------------------------------------------------------------------------- */

function phases(course) {
  const columns = ['phase', 'sessions', 'per_week', 'minutes', 'pressure_of_5', 'focus'];
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': w('phase') },
    h(
      'table',
      null,
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          columns.map((c) => h('th', { scope: 'col' }, w(c))),
        ),
      ),
      h(
        'tbody',
        null,
        course.phases.map((p) =>
          h(
            'tr',
            null,
            h(
              'th',
              { scope: 'row' },
              p.name,
              p.only_if && h('span', { class: 'small' }, ` ${w('only_if', p.only_if)}`),
            ),
            [p.sessions, p.per_week, p.minutes, p.pressure, placeWords(null, p.focus)].map((v) =>
              h('td', null, String(v)),
            ),
          ),
        ),
      ),
    ),
  );
}

function course(answer) {
  const c = answer.course;
  if (!c)
    return part(
      'course',
      w('no_course'),
      h(
        'p',
        null,
        answer.no_course_reason ??
          (isKnown('no_course', answer.no_course_because)
            ? word('no_course', answer.no_course_because)
            : word('rule', answer.no_course_because)),
      ),
    );
  const first = c.first_session;
  const dates = c.phases.flatMap((p) => p.dates ?? []);
  return part(
    'course',
    w('course'),
    h('p', { class: 'strong' }, c.title),
    h(
      'p',
      null,
      w('course_sum', c.total_sessions, c.weeks, technique(c.technique)),
      '. ',
      w('reassess', c.reassess_after_sessions),
    ),
    c.replan_message && h('p', null, c.replan_message),
    first &&
      h(
        'p',
        null,
        w('first_session', first.minutes, first.pressure),
        first.technique && `, ${technique(first.technique)}`,
      ),
    phases(c),
    terms([
      [w('expected_change'), c.expected_change],
      [w('stop_if'), c.stop_if.length && bullets(c.stop_if)],
    ]),
    fold([w('advice'), list(['', w('self_care'), w('evidence')])], () => [
      terms([
        dates.length && [w('suggested_days'), list(dates)],
        c.advice?.length && [w('advice'), bullets(c.advice)],
        c.self_care.length && [w('self_care'), bullets(c.self_care)],
        c.co_care.length && [w('co_care'), bullets(c.co_care)],
        [w('if_improving'), c.if_improving],
        [w('if_unchanged'), c.if_unchanged],
        [w('if_worse'), c.if_worse],
        [w('certainty'), word('certainty', c.certainty)],
      ]),
      h('h4', null, w('evidence')),
      evidence(c.evidence),
    ]),
  );
}

/* ---- the rest ----------------------------------------------------------------------------------------------- */

function leftOut(answer, places) {
  const lines = [
    ...answer.unrecognised.map((u) => w('unrecognised', u.system, u.code)),
    ...answer.outdated.map((o) => w('outdated', label(o.fact))),
    ...answer.conflicts.map((c) => w('conflict', label(c.fact), word('state', c.state))),
    ...answer.ignored.map((i) => w('ignored', wordsOf(i.pointer, places), word('ignored', i.reason))),
  ];
  return lines.length > 0 && part('left-out', w('left_out'), bullets(lines));
}

function raw(request, answer) {
  const text = (name, value) => [
    h('h3', null, name),
    h('pre', { tabindex: 0, role: 'region', 'aria-label': name, lang: 'en' }, JSON.stringify(value, null, 2)),
  ];
  return fold(w('raw'), () => [text(w('raw_request'), request), text(w('raw_answer'), answer)], { class: 'card raw' });
}

/* Shows an answer in `box`; act(): what was said here has changed the intake, screen it again. */
export function showAnswer(box, answer, { request, places }, act) {
  const asked = !answer.complete && showQuestions(answer, places, act);
  const warned = warnings(answer, places, act);
  const parts = [
    ...(answer.booking === 'refuse' ? [warned, asked] : [asked, warned]),
    techniques(answer),
    course(answer),
    leftOut(answer, places),
  ].filter(Boolean);
  fill(
    box,
    h('p', { id: 'stale', class: 'box', hidden: true }, w('answer_old')),
    outcome(answer, parts),
    parts,
    raw(request, answer),
  );
}

/* Until there is one. */
export function showNoAnswer(box) {
  fill(
    box,
    h('h2', { id: 'answer-title' }, w('answer_title')),
    h(
      'div',
      { class: 'card' },
      h('p', null, w('answer_none')),
      h(
        'ul',
        { class: 'plain' },
        Object.entries(TONES).map(([booking, tone]) =>
          h('li', null, tag(tone, word('booking', booking)), h('p', { class: 'small' }, word('booking_do', booking))),
        ),
      ),
    ),
  );
}
