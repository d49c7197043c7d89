/* The page to try the service with: asks for a key where one is needed, draws the form, screens, shows the answer. */
import { h, fill, focusOn, uid } from './dom.js';
import { loadWords, translateMarkup, w, word } from './words.js';
import { get, health, Refusal, screen, useKey, useLanguage } from './service.js';
import { buildRequest, intake, startIntake, useCatalogue, wordsOf } from './intake.js';
import { drawForm, faultsOfForm } from './form.js';
import { showAnswer, showNoAnswer } from './answer.js';

const at = (id) => document.getElementById(id);
let schemas,
  form,
  shown,
  busy = false;

function say(text) {
  at('status').textContent = text;
}

/* ---- what goes wrong ---------------------------------------------------------------------------------------- */

function refusalWords(e) {
  if (!(e instanceof Refusal)) throw e;
  return e.status === 0
    ? w('failed_network')
    : e.status === 401
      ? w('failed_key')
      : e.status === 403
        ? w('failed_scope')
        : e.status === 429 || e.status === 503
          ? w('failed_busy', e.retryAfter ?? 2)
          : e.message;
}

/* Lists faults above the form; each that has a control leads to it. */
function showFaults(title, faults) {
  const box = fill(
    at('faults'),
    h(
      'div',
      { class: 'box bad', role: 'group', 'aria-label': title },
      h('h3', null, title),
      h(
        'ul',
        null,
        faults.map(({ input, words, lang }) =>
          h(
            'li',
            { lang },
            input ? h('button', { type: 'button', class: 'link', onclick: () => focusOn(input) }, words) : words,
          ),
        ),
      ),
    ),
  );
  for (const { input } of faults) input?.setAttribute('aria-invalid', 'true');
  focusOn(box.firstChild);
}

function showRefusal(e, places) {
  const errors = e.problem?.errors?.map((f) => ({
    lang: 'en',
    words: w('pointer_at', wordsOf(f.pointer, places), [f.detail, f.remedy].filter(Boolean).join('; ')),
  }));
  showFaults(w('failed'), errors ?? [{ words: refusalWords(e) }]);
  if (e.status === 401 || e.status === 403) askForKey(refusalWords(e));
}

/* ---- screening ---------------------------------------------------------------------------------------------- */

async function screenNow(move = true) {
  if (busy) return;
  busy = true;
  const built = buildRequest();
  say(w('screening'));
  fill(at('faults'));
  try {
    const { value: answer } = await screen(built.request);
    shown = { answer, built };
    showAnswer(at('answer'), answer, built, screenAgain);
    say(
      `${word('booking', answer.booking)}. ${word('disposition', answer.disposition)} ${at('completeness').textContent}`,
    );
    if (move) focusOn(at('answer-title'));
  } catch (e) {
    say('');
    showRefusal(e, built.places);
  } finally {
    busy = false;
  }
}

/* Is all that stands in the form of use? Else says what is not. */
function isSound() {
  const faults = faultsOfForm(at('intake'));
  if (faults.length) showFaults(w('check_form'), faults);
  return !faults.length;
}

/* What was answered beside the form shows in it. */
function screenAgain() {
  if (!isSound()) return;
  form.refresh();
  screenNow();
}

function submit(event) {
  event.preventDefault();
  if (isSound()) screenNow();
}

function changed() {
  if (shown) at('stale').hidden = false;
}

function begin() {
  if (!confirm(w('reset_sure'))) return;
  shown = undefined;
  startIntake();
  draw();
  focusOn(at('intake').querySelector('input'));
}

function draw() {
  form = drawForm(at('intake'), schemas, { changed, said: say, reset: begin });
  if (shown) showAnswer(at('answer'), shown.answer, shown.built, screenAgain);
  else showNoAnswer(at('answer'));
}

/* ---- language and catalogue --------------------------------------------------------------------------------- */

/* Those in which the form itself is written, not only names of techniques. */
function languagesOf(catalogue) {
  return [
    catalogue.language,
    ...catalogue.translations.filter((t) => t.texts * 2 > t.texts_in_all).map((t) => t.language),
  ];
}

function nameOf(tag) {
  return new Intl.DisplayNames([tag], { type: 'language' }).of(tag);
}

function offerLanguages(tags, chosen) {
  fill(
    at('language'),
    tags.map((t) => h('option', { value: t, lang: t, selected: t === chosen }, nameOf(t))),
  );
  at('languages').hidden = tags.length < 2;
}

/* The page's own words. */
async function speak(language) {
  await loadWords(language);
  document.documentElement.lang = language;
  translateMarkup();
}

/* Reads the form in the language chosen (undefined: the one the browser asks for) and draws it. */
async function load(chosen) {
  useLanguage(chosen ?? '');
  const [catalogue, facts, techniques, document_] = await Promise.all(
    ['/v1/catalogue', '/v1/facts', '/v1/techniques', '/openapi.json'].map(get),
  );
  const tags = languagesOf(catalogue.value);
  const language = tags.includes(facts.language) ? facts.language : catalogue.value.language;
  if (language !== facts.language && chosen !== language) return load(language);
  useLanguage(language);
  await speak(language);
  schemas = document_.value.components.schemas;
  useCatalogue(facts.value, techniques.value);
  offerLanguages(tags, language);
  at('draft').textContent = w('draft_catalogue');
  at('draft').hidden = catalogue.value.review?.status === 'signed';
  at('origin').textContent = w('decided_by', catalogue.value.version, catalogue.value.digest.slice(0, 12));
  if (!intake) startIntake();
  draw();
  at('columns').hidden = false;
  return undefined;
}

async function switchLanguage() {
  say(w('loading'));
  try {
    await load(at('language').value);
    say('');
    if (shown) await screenNow(false);
  } catch (e) {
    say(refusalWords(e));
  }
}

/* ---- the key ------------------------------------------------------------------------------------------------ */

function askForKey(why) {
  const id = uid(),
    hintId = uid();
  const input = h('input', {
    id,
    type: 'password',
    autocomplete: 'off',
    spellcheck: 'false',
    required: true,
    'aria-describedby': hintId,
  });
  const wrong = h('p', { class: 'error', role: 'alert' }, why);
  const use = async (e) => {
    e.preventDefault();
    useKey(input.value);
    try {
      if (schemas) say('');
      else await load();
      fill(at('key-panel'));
      focusOn(at('intake').querySelector('input'));
    } catch (problem) {
      wrong.textContent = refusalWords(problem);
      input.focus();
    }
  };
  fill(
    at('key-panel'),
    h(
      'form',
      { class: 'card key', onsubmit: use, novalidate: true, autocomplete: 'off' },
      h('h2', null, w('key_title')),
      h(
        'div',
        { class: 'field' },
        h('label', { for: id }, w('key_label')),
        input,
        h('p', { class: 'small', id: hintId }, w('key_hint')),
      ),
      wrong,
      h('button', { type: 'submit', class: 'main' }, w('key_use')),
    ),
  );
}

/* ---- start -------------------------------------------------------------------------------------------------- */

async function start() {
  at('intake').addEventListener('submit', submit);
  at('language').addEventListener('change', switchLanguage);
  try {
    const own =
      navigator.languages.map((l) => l.split('-')[0]).find((l) => at('main').dataset.words.split(' ').includes(l)) ??
      'en';
    await speak(own);
    say(w('loading'));
    const { keys } = await health();
    if (keys === 'none') await load();
    else askForKey('');
    say('');
  } catch (e) {
    say(refusalWords(e));
  }
}

start();
