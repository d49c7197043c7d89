// The catalogue's conditions are JsonLogic: this compares what the service makes of them with what the reference
// implementation (json-logic-js) does.
//
//   node agree.js [--judge PROGRAM] [--catalogue FOLDER] [--count N] [--seed N]
//
// N random intakes leave nothing open, so that two values are enough: every fact is present or absent as S1 wants it,
// every attribute of a present fact is given by its one finding, sex, pains and all of a complaint are given, there are
// no clearances and no sessions. For each, the rules whose `when` is true are the warnings that the service answers;
// only rules all of whose techniques are never offered cannot show (S20). PROGRAM is tests/reference/judge.c, which
// reads a request and writes an answer a line.
//
// How the data are shaped, so that S6 ("of an absent fact every comparison is false") holds without changing a rule:
// - A present fact is an object with its attributes: as a condition it is truthy, as any object is.
// - An absent fact is an empty array, which JsonLogic takes for false (JavaScript would not), with every attribute NaN
//   on it. Left out, {"var": "f.days_ago"} would be null, and null < 3 is true in JavaScript; NaN is below, above and
//   equal to nothing, is in no list, and is false by itself. (NaN != 3 would be true: no rule may read an attribute by
//   "!=", which is checked.)
// - Lists of regions, goals, onsets and causes are arrays, for "in".
'use strict';
const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');
const jsonLogic = require('json-logic-js');

const ROOT = path.join(__dirname, '..', '..');
const options = { judge: path.join(ROOT, 'build', 'dev', 'tests', 'judge'), catalogue: path.join(ROOT, 'sql', 'catalogue'),
                  count: '5000', seed: '1' };
for (let i = 2; i < process.argv.length; i += 2) {
  const name = process.argv[i].replace(/^--/, '');
  if (!(name in options) || i + 1 === process.argv.length) {
    console.error('usage: node agree.js [--judge PROGRAM] [--catalogue FOLDER] [--count N] [--seed N]');
    process.exit(64);
  }
  options[name] = process.argv[i + 1];
}

// ---- the catalogue ------------------------------------------------------------------------------------------------

const read = (...parts) => JSON.parse(fs.readFileSync(path.join(options.catalogue, ...parts), 'utf8'));
const readAll = (folder) => fs.readdirSync(path.join(options.catalogue, folder)).filter((f) => f.endsWith('.json')).sort()
  .flatMap((file) => read(folder, file)[folder]);

const rules = readAll('rules');
const techniques = readAll('techniques');
const facts = readAll('facts').filter((f) => !f.clearance_only);
const lists = read('definitions.json').definitions.complaint_lists;
const factOf = new Map(facts.map((f) => [f.id, f]));
const above = new Map(facts.map((f) => [f.id, [...(f.implies || [])]]));
for (const f of facts)
  for (const covered of f.covers || [])
    above.get(covered).push(f.id);

const REGIONS = ['head', 'face', 'jaw', 'neck', 'shoulder', 'upper_arm', 'elbow', 'forearm', 'wrist_hand', 'chest', 'breast',
  'upper_back', 'mid_back', 'lower_back', 'abdomen', 'pelvis', 'buttock', 'hip', 'thigh', 'knee', 'calf', 'ankle_foot',
  'whole_body'];
const SIDES = ['left', 'right', 'both', 'midline'];
const GOALS = ['pain_relief', 'relaxation', 'stress', 'sleep', 'mobility', 'posture', 'recovery', 'wellbeing'];
const CAUSES = ['strain', 'posture', 'overuse', 'trauma', 'stress', 'unknown'];
const RANGES = { severity: [0, 10], grade: [1, 5], gestation_weeks: [0, 45], stage: [0, 10], systolic: [60, 250],
                 diastolic: [30, 150], platelets: [0, 500] };
const ATTRIBUTES = ['days_ago', 'region', 'side', 'controlled', ...Object.keys(RANGES)];
const TRAITS = ['heat', 'stretch', 'joint_mobilisation', 'thrust', 'skin_friction', 'oil', 'vibration', 'scent', 'prone',
  'self_applied', 'needs_undress'];

// Every comparison of a condition: [operator, name of the variable, constant].
function* comparisons(logic) {
  if (Array.isArray(logic)) {
    for (const part of logic)
      yield* comparisons(part);
  } else if (logic !== null && typeof logic === 'object') {
    for (const [op, args] of Object.entries(logic)) {
      if (Array.isArray(args) && args.length === 2 && args[0] !== null && typeof args[0].var === 'string')
        yield [op, args[0].var, args[1]];
      else if (op === 'in' && Array.isArray(args) && args[1].var)
        yield [op, args[1].var, args[0]];
      yield* comparisons(args);
    }
  }
}

function* names(logic) {
  if (Array.isArray(logic)) {
    for (const part of logic)
      yield* names(part);
  } else if (logic !== null && typeof logic === 'object') {
    for (const [op, args] of Object.entries(logic)) {
      if (op === 'var')
        yield args;
      else
        yield* names(args);
    }
  }
}

// Constants that some rule compares an attribute with: values near them tell most.
const bounds = new Map();
const ages = [0, 40, 100];
for (const rule of rules) {
  for (const [op, name, constant] of comparisons(rule.when)) {
    const [fact, attribute] = name.split('.');
    if (attribute && op === '!=')
      throw new Error(`${rule.id} reads ${name} by "!=": an absent fact's NaN would pass`);
    if (attribute && typeof constant === 'number')
      bounds.set(name, [...(bounds.get(name) || []), constant - 1, constant, constant + 1]);
    if (fact === 'age_years')
      ages.push(constant - 1, constant, constant + 1);
  }
}

// Rules that cannot show: all their techniques are never offered.
const offered = techniques.filter((t) => !t.never_offered).map((t) => ({
  pressure: t.pressure, min_pressure: t.min_pressure, kind: t.kind, code: t.code,
  ...Object.fromEntries(TRAITS.map((trait) => [trait, (t.traits || []).includes(trait)])),
}));
const shown = rules.filter((rule) => offered.some((t) => !rule.target || jsonLogic.apply(rule.target, t)));

// ---- random intakes -----------------------------------------------------------------------------------------------

let state = Number(options.seed) >>> 0;
function random() { // mulberry32
  state = (state + 0x6d2b79f5) >>> 0;
  let t = state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const roll = (n) => Math.floor(random() * n);
const pick = (list) => list[roll(list.length)];
const chance = (p) => random() < p;
const AS_OF = '2026-11-20';
const dateBefore = (days) => new Date(Date.parse(AS_OF) - days * 86400000).toISOString().slice(0, 10);

function valueOf(fact, attribute) {
  const near = bounds.get(`${fact.id}.${attribute}`) || [];
  if (attribute === 'region')
    return pick(REGIONS);
  if (attribute === 'side')
    return pick(SIDES);
  if (attribute === 'controlled')
    return chance(0.5);
  const [low, high] = attribute === 'days_ago' ? [0, 'valid_days' in fact ? fact.valid_days : 1500] : RANGES[attribute];
  const value = near.length && chance(0.8) ? pick(near) : low + roll(high - low + 1);
  return Math.min(high, Math.max(low, value));
}

function makeIntake() {
  const present = new Map(); // id -> attributes
  const complaints = [];
  const addComplaint = (region) => complaints.push({ region, pain: roll(11), duration_days: pick([0, 1, 29, 30, 41, 42, 84, 85, 365, 366]),
                                                     onset: pick(['sudden', 'gradual']), cause: pick(CAUSES) });
  const add = (id) => { // present goes up (S1)
    if (present.has(id))
      return;
    const fact = factOf.get(id), attributes = {};
    for (const declared of fact.attributes || [])
      attributes[declared === 'date' ? 'days_ago' : declared] = valueOf(fact, declared === 'date' ? 'days_ago' : declared);
    present.set(id, attributes);
    above.get(id).forEach(add);
  };
  let age = pick(ages);
  for (let n = roll(5); n > 0; n--) { // come near to some rule
    const rule = pick(rules);
    for (const name of names(rule.when)) {
      const id = name.split('.')[0];
      if (factOf.has(id) && chance(0.7))
        add(id);
    }
    for (const [op, name, constant] of comparisons(rule.when)) {
      if (op === 'in' && REGIONS.includes(constant) && complaints.length < 6)
        addComplaint(constant);
      if (name === 'age_years')
        age = constant + pick([-1, 0, 1]);
    }
  }
  for (let n = roll(4); n > 0; n--)
    add(pick(facts).id);
  for (let n = roll(3); n > 0; n--)
    addComplaint(pick(REGIONS));
  const goals = GOALS.filter(() => chance(0.25));
  if (!goals.length && !complaints.length)
    goals.push(pick(GOALS));
  return { age: Math.min(100, Math.max(0, age)), sex: pick(['female', 'male', 'other']), complaints, goals, present };
}

function requestOf(intake) {
  const symptoms = [...intake.present].map(([id, attributes]) => {
    const { days_ago, ...rest } = attributes;
    return { id, ...(days_ago === undefined ? {} : { date: dateBefore(days_ago) }), ...rest };
  });
  return { subject: { age_years: intake.age, sex: intake.sex }, complaints: intake.complaints, goals: intake.goals, symptoms,
           unlisted: 'absent', as_of: AS_OF };
}

// ---- the data that JsonLogic reads ----------------------------------------------------------------------------------

const absent = Object.freeze(Object.assign([], Object.fromEntries(ATTRIBUTES.map((a) => [a, NaN]))));

const passes = (list, complaint) => ['pain', 'duration_days'].every((member) => {
  const { min = -Infinity, max = Infinity } = list[member] || {};
  return complaint[member] >= min && complaint[member] <= max;
}) && ['onset', 'cause'].every((member) => !list[member] || list[member].includes(complaint[member]));

function dataOf(intake) {
  const data = { age_years: intake.age, sex: intake.sex, goals: intake.goals,
                 pain_max: Math.max(0, ...intake.complaints.map((c) => c.pain)),
                 onset_any: intake.complaints.map((c) => c.onset), cause_any: intake.complaints.map((c) => c.cause) };
  for (const list of lists)
    data[list.id] = intake.complaints.filter((c) => passes(list, c)).map((c) => c.region);
  for (const fact of facts)
    data[fact.id] = intake.present.get(fact.id) || absent;
  return data;
}

// ---- the comparison -------------------------------------------------------------------------------------------------

function answersTo(requests) {
  const run = spawnSync(options.judge, [options.catalogue], { input: requests.map((r) => JSON.stringify(r) + '\n').join(''),
                                                              maxBuffer: 2 ** 30, encoding: 'utf8' });
  if (run.status !== 0)
    throw new Error(`${options.judge}: ${run.error || run.stderr}`);
  const lines = run.stdout.trimEnd().split('\n');
  if (lines.length !== requests.length)
    throw new Error(`${lines.length} answers to ${requests.length} requests`);
  return lines.map((line) => JSON.parse(line));
}

const count = Number(options.count), BATCH = 500;
const fired = new Map(shown.map((rule) => [rule.id, 0]));
let differences = 0;
for (let first = 0; first < count; first += BATCH) {
  const intakes = Array.from({ length: Math.min(BATCH, count - first) }, makeIntake);
  const answers = answersTo(intakes.map(requestOf));
  intakes.forEach((intake, i) => {
    if (!answers[i].warnings && !answers[i].techniques)
      throw new Error(`refused: ${JSON.stringify(answers[i])} of ${JSON.stringify(requestOf(intake))}`);
    const data = dataOf(intake);
    const theirs = new Set((answers[i].warnings || []).map((w) => w.code));
    for (const rule of shown) {
      const ours = jsonLogic.truthy(jsonLogic.apply(rule.when, data));
      fired.set(rule.id, fired.get(rule.id) + ours);
      if (ours !== theirs.has(rule.id) && ++differences <= 10)
        console.error(`seed ${options.seed}, intake ${first + i}: ${rule.id} is ${ours} by JsonLogic, ${!ours} by the service:\n` +
                      `  ${JSON.stringify(rule.when)}\n  ${JSON.stringify(requestOf(intake))}`);
      theirs.delete(rule.id);
    }
    if (theirs.size && ++differences <= 10)
      console.error(`seed ${options.seed}, intake ${first + i}: warnings of no rule that may show: ${[...theirs].join(' ')}`);
    if (!answers[i].complete && answers[i].questions.length && ++differences <= 10)
      console.error(`seed ${options.seed}, intake ${first + i}: nothing was left open, and yet something is asked: ` +
                    JSON.stringify(answers[i].questions.map((q) => [q.fact, q.attribute])) + JSON.stringify(requestOf(intake)));
  });
}
const never = [...fired].filter(([, n]) => n === 0).map(([id]) => id);
console.log(`${count} intakes, ${shown.length} rules, ${[...fired.values()].reduce((a, b) => a + b, 0)} times true, ` +
            `${differences} differences; never true: ${never.length ? never.join(' ') : 'none'}`);
if (differences || never.length > shown.length / 20)
  process.exit(1);
