/* What has been said so far, in memory alone; made into a request, and continued with answers to questions. */
import { w, word } from './words.js';

const DAYS = { days: 1, weeks: 7, months: 30, years: 365 };
const LISTS = { condition: 'conditions', medication: 'medications', procedure: 'procedures', injury: 'injuries' };

export let catalogue; // { facts, attributes, techniques: Maps by id or code, in their order }
export let intake;

export function useCatalogue(facts, techniques) {
  const byId = (items, id) => new Map(items.map((item) => [item[id], item]));
  catalogue = {
    facts: byId(facts.facts, 'id'),
    attributes: byId(facts.attributes, 'id'),
    techniques: byId(techniques.techniques, 'code'),
  };
}

export function today() {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60000).toISOString().slice(0, 10);
}

export function startIntake() {
  intake = {
    subject: {},
    as_of: today(),
    complaints: [{}],
    goals: new Set(),
    preferences: {},
    techniques: new Set(),
    progress: [],
    clearances: [],
    findings: new Map(), // fact -> finding
    past: [], // findings that are too old for a question, kept beside its answer
    skipped: new Set(), // questions that cannot be answered
  };
}

export const label = (fact) => catalogue.facts.get(fact)?.label ?? word('fact', fact);
export const technique = (code) => catalogue.techniques.get(code)?.name ?? word('technique', code);
export const isEmpty = (object) => Object.keys(object).length === 0;

/* ---- the request -------------------------------------------------------------------------------------------- */

function complaintOf({ lasts, lasts_unit: unit, ...rest }) {
  return lasts === undefined ? rest : { ...rest, duration_days: lasts * DAYS[unit ?? 'days'] };
}

function findingOf({ still, ...finding }) {
  const { date, ...rest } = finding;
  return still && date ? { ...rest, since: date } : finding;
}

/* The request, and what each of its JSON pointers is: { words, finding, complaint }. */
export function buildRequest() {
  const places = new Map();
  const request = { subject: { ...intake.subject }, as_of: intake.as_of };
  const add = (to, pointer, item, place) => {
    places.set(`${pointer}/${to.length}`, place);
    to.push(item);
  };
  intake.complaints
    .filter((c) => !isEmpty(c))
    .forEach((c) =>
      add((request.complaints ??= []), '/complaints', complaintOf(c), {
        words: c.region ? word('region', c.region) : w('complaints'),
        complaint: c,
      }),
    );
  if (intake.goals.size) request.goals = [...intake.goals];
  for (const finding of [...intake.findings.values(), ...intake.past]) {
    const list = LISTS[catalogue.facts.get(finding.id).kind];
    const place = { words: label(finding.id), finding };
    if (list) add(((request.history ??= {})[list] ??= []), `/history/${list}`, findingOf(finding), place);
    else add((request.symptoms ??= []), '/symptoms', findingOf(finding), place);
  }
  for (const c of intake.clearances)
    add((request.clearances ??= []), '/clearances', c, { words: `${w('clearances')}: ${label(c.for)}` });
  const preferences = { ...intake.preferences, ...(intake.techniques.size && { techniques: [...intake.techniques] }) };
  if (!isEmpty(preferences)) request.preferences = preferences;
  intake.progress
    .filter((p) => !isEmpty(p))
    .forEach((p, i) => add((request.progress ??= []), '/progress', p, { words: w('session', i + 1) }));
  places.set('/subject/age_years', { words: w('age') });
  places.set('/subject/sex', { words: w('sex') });
  return { request, places };
}

/* What a pointer of the service's is about, in words. */
export function wordsOf(pointer, places) {
  for (let at = pointer; at; at = at.slice(0, at.lastIndexOf('/')))
    if (places.has(at)) {
      const member = pointer.slice(at.length + 1);
      return member
        ? `${places.get(at).words} (${w(member === 'duration_days' ? 'lasts' : member)})`
        : places.get(at).words;
    }
  return pointer;
}

/* ---- facts -------------------------------------------------------------------------------------------------- */

/* Writes an answer on a fact into a store of findings. A "no" is one to all that it covers. */
export function setFinding(store, fact, state) {
  const deny = (id) => {
    for (const covered of catalogue.facts.get(id)?.covers ?? []) {
      store.delete(covered);
      deny(covered);
    }
  };
  store.set(fact, state === 'present' ? { ...store.get(fact), id: fact, state } : { id: fact, state });
  if (state === 'absent') deny(fact);
}

/* Says "yes" to a fact, and to what covers it. */
export function addFinding(fact) {
  const cover = catalogue.facts.get(fact).covered_by;
  if (cover && intake.findings.get(cover)?.state !== 'present') setFinding(intake.findings, cover, 'present');
  setFinding(intake.findings, fact, 'present');
}

/* Three values: true, false, undefined where it is not known. */
function judge(node) {
  if (node === null || typeof node !== 'object') return node;
  const [operator] = Object.keys(node);
  const operands = [node[operator]].flat();
  if (operator === 'var') return intake.subject[operands[0]];
  const values = operands.map(judge);
  if (operator === 'and') return values.includes(false) ? false : values.includes(undefined) ? undefined : true;
  if (operator === 'or') return values.includes(true) ? true : values.includes(undefined) ? undefined : false;
  const [a, b] = values;
  if (values.includes(undefined)) return undefined;
  switch (operator) {
    case '!':
      return !a;
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    default:
      return undefined;
  }
}

/* Is it asked of this client? What is not known leaves it in. */
export function isAsked(fact) {
  return !fact.clearance_only && (!fact.ask_if || judge(JSON.parse(fact.ask_if)) !== false);
}

/* ---- questions ---------------------------------------------------------------------------------------------- */

const keyOf = (q) => `${q.fact} ${q.attribute ?? ''}`;
const isOfClient = (q) => q.fact === 'sex' || q.fact === 'pain_max';

export function isUnsure(q) {
  return q.attribute || isOfClient(q) ? intake.skipped.has(keyOf(q)) : intake.findings.get(q.fact)?.state === 'unknown';
}

/* Answers a question about one value; undefined: the client is not sure. */
export function answerValue(q, value, places) {
  if (value === undefined) {
    intake.skipped.add(keyOf(q));
    return;
  }
  intake.skipped.delete(keyOf(q));
  if (q.fact === 'sex') {
    intake.subject.sex = value;
  } else if (q.fact === 'pain_max') {
    for (const c of intake.complaints.filter((c) => c.region)) c.pain ??= value;
  } else {
    const can = (f) => f && catalogue.facts.get(f.id).attributes?.includes(q.attribute);
    const findings = (q.findings ?? []).map((pointer) => places.get(pointer)?.finding).filter(can);
    if (!findings.length) {
      setFinding(intake.findings, q.fact, 'present');
      findings.push(intake.findings.get(q.fact));
    }
    for (const f of findings) f[q.attribute] = value;
  }
}

/* Answers a question about a fact, and about those it covers, from a store of findings. One that is too old to count
 * stays as history. */
export function answerFacts(store, outdated, places) {
  const old = new Set(outdated.map((o) => places.get(o.pointer)?.finding));
  for (const finding of store.values()) {
    const known = intake.findings.get(finding.id);
    if (known && old.has(known)) intake.past.push(known);
    setFinding(intake.findings, finding.id, finding.state);
    intake.findings.set(finding.id, finding);
  }
}
