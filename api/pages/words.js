/* The page's own words, from words.LANGUAGE.json; what a language lacks is said in English. Questions, warnings and names
 * come from the catalogue, not from here. */
import { get } from './service.js';

let english = {};
let chosen = {};

export async function loadWords(tag) {
  if (!english.ui) english = (await get('/pages/words.en.json')).value;
  chosen = english;
  if (tag !== 'en')
    chosen = await get(`/pages/words.${tag}.json`).then(
      (r) => r.value,
      () => english,
    );
}

/* w('between', 0, 10) puts the arguments in place of {0} and {1}. */
export function w(name, ...args) {
  const text = chosen.ui[name] ?? english.ui[name] ?? name.replaceAll('_', ' ');
  return text.replace(/\{(\d)\}/g, (_, i) => args[i]);
}

/* The words for a code; for one that nobody here knows, the code itself, readable. */
export function word(kind, code) {
  return chosen[kind]?.[code] ?? english[kind]?.[code] ?? String(code).replaceAll('_', ' ');
}

export function isKnown(kind, code) {
  return Object.hasOwn(english[kind], code);
}

export function list(items) {
  return items.join(w('between_items'));
}

/* The texts in the page's markup. */
export function translateMarkup() {
  for (const e of document.querySelectorAll('[data-w]')) e.textContent = w(e.dataset.w);
  for (const e of document.querySelectorAll('[data-w-label]')) e.setAttribute('aria-label', w(e.dataset.wLabel));
  document.title = w('document_title');
}
