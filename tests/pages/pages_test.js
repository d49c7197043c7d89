/* The pages of the service in a real browser: whoever fills in the form sees the warning, reads its evidence and follows
 * the questions to the end, by mouse, by keyboard alone and on a phone. Anywhere, an error in the console, a breach of
 * the pages' policy, a request to anybody else or anything that is kept is a failure. Prints TAP.
 *
 * node pages_test.js PALPATE */
import { spawn } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { chromium } from 'playwright-core';

const binary = process.argv[2];
const folder = fileURLToPath(new URL('../../api/pages/', import.meta.url));
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const MARK = 'a secret of the visitor';
let tests = 0,
  failed = 0;

function ok(good, name, ...details) {
  tests++;
  failed += !good;
  console.log(`${good ? 'ok' : 'not ok'} ${tests} - ${name}`);
  if (!good)
    for (const d of details)
      console.log(`#   ${(typeof d === 'string' ? d : JSON.stringify(d)).slice(0, 2000).replaceAll('\n', '\n#   ')}`);
}

const equal = (found, wanted, name) => ok(isDeepStrictEqual(found, wanted), name, { found, wanted });

/* ---- the service -------------------------------------------------------------------------------------------- */

const started = [];

async function serve(settings = {}) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PALPATE_'));
  const env = { ...Object.fromEntries(inherited), PALPATE_PORT: '0', ...settings };
  const service = spawn(binary, ['serve'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  started.push(service);
  let said = '';
  for await (const part of service.stdout) {
    said += part;
    const found = /listens on (http:\S+)/.exec(said);
    if (found) return found[1];
  }
  throw new Error(`${binary} does not serve`);
}

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/* A service that knows one issuer of tokens, and a token of it for each of the scopes. */
async function serveWithKeys(scratch) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwks = join(scratch, 'jwks.json');
  writeFileSync(
    jwks,
    JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256', use: 'sig' }] }),
  );
  const token = (scope) => {
    const exp = Math.floor(Date.now() / 1000) + 600;
    const text = `${encoded({ alg: 'ES256', kid: 'k', typ: 'JWT' })}.${encoded({ sub: 'visitor', aud: 'palpate', clinic: 'c', scope, exp })}`;
    return `${text}.${sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  };
  return { url: await serve({ PALPATE_JWKS: jwks, PALPATE_JWT_AUDIENCE: 'palpate' }), token };
}

/* ---- the browser -------------------------------------------------------------------------------------------- */

let browser;

/* A page whose faults are noted from the beginning. */
async function open(url, { expected = [], ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', ...options });
  context.setDefaultTimeout(30000);
  const page = await context.newPage();
  const notes = { faults: [], posts: [], answers: [], elsewhere: [] };
  const fault = (text) => expected.some((e) => text.includes(e)) || notes.faults.push(text);
  await context.addInitScript({ path: axe });
  await context.addInitScript(() =>
    addEventListener('securitypolicyviolation', (e) => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`)),
  );
  page.on(
    'console',
    (m) => ['error', 'warning'].includes(m.type()) && fault(`${m.type()}: ${m.text()} ${m.location().url}`),
  );
  page.on('pageerror', (e) => fault(String(e.stack)));
  page.on('request', (r) => {
    if (new URL(r.url()).origin !== url && !r.url().startsWith('data:')) notes.elsewhere.push(r.url());
    if (r.method() !== 'GET')
      notes.posts.push({ path: new URL(r.url()).pathname, body: r.postDataJSON(), headers: r.headers() });
  });
  return { page, notes, context };
}

async function close({ page, notes, context }, url, name) {
  equal(notes.faults, [], `${name}: no error, no warning, nothing against the policy`);
  equal(notes.elsewhere, [], `${name}: no request to anybody else`);
  ok(
    notes.posts.every((p) => p.path === '/v1/screenings'),
    `${name}: what is entered goes to the screening alone`,
    notes.posts,
  );
  const kept = await page.evaluate(async () => ({
    local: { ...localStorage },
    session: { ...sessionStorage },
    cookie: document.cookie,
    databases: await indexedDB.databases(),
    search: location.search,
    history: history.state,
  }));
  equal(
    kept,
    { local: {}, session: {}, cookie: '', databases: [], search: '', history: null },
    `${name}: nothing is kept`,
  );
  await context.close();
}

async function isAccessible(page, name, within = ['html']) {
  const { violations } = await page.evaluate(
    ([include, values]) => globalThis.axe.run({ include }, { runOnly: { type: 'tag', values } }),
    [within, RULES],
  );
  equal(
    violations.map(
      (v) =>
        `${v.id}: ${v.nodes
          .map((n) => n.target)
          .slice(0, 3)
          .join(' | ')}`,
    ),
    [],
    `${name}: nothing for axe to find`,
  );
}

async function fits(page, name) {
  const { scrollWidth, innerWidth } = await page.evaluate(() => ({
    scrollWidth: document.documentElement.scrollWidth,
    innerWidth,
  }));
  ok(scrollWidth <= innerWidth, `${name}: nothing stands out to the side`, { scrollWidth, innerWidth });
}

/* Does what sends an intake, and returns the answer when it is shown. */
async function answerTo(page, act) {
  const [response] = await Promise.all([page.waitForResponse((r) => r.request().method() === 'POST'), act()]);
  await page.waitForFunction(() => document.activeElement.id === 'answer-title');
  return response.json();
}

async function openAll(page) {
  const closed = page.locator('#answer details:not([open]) > summary');
  while (await closed.count()) await closed.first().click();
  await page.waitForLoadState('networkidle');
}

const says = (page, fact, words) =>
  page.locator(`[data-fact=${fact}]`).first().getByText(words, { exact: true }).first().click();

async function backPain(page) {
  await page.getByLabel('Age in years').fill('46');
  await page.getByLabel('Sex recorded at birth').selectOption('female');
  const complaint = page.getByRole('group', { name: 'Complaint 1' });
  await complaint.getByLabel('Where').selectOption('lower_back');
  await complaint.getByLabel('Pain').fill('5');
  await complaint.getByLabel('For how long').fill('2');
  await complaint.getByLabel('Unit').selectOption('years');
}

/* ---- the pages as files ------------------------------------------------------------------------------------- */

const TYPES = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  svg: 'image/svg+xml',
};

async function testFiles(url) {
  for (const name of readdirSync(folder)) {
    const path = name === 'index.html' ? '/' : name === 'docs.html' ? '/docs' : `/pages/${name}`;
    const text = readFileSync(join(folder, name), 'utf8');
    const r = await fetch(url + path);
    equal(
      [r.status, r.headers.get('Content-Type'), (await r.text()) === text],
      [200, TYPES[name.split('.').at(-1)], true],
      `${path} is ${name}`,
    );
    const policy = r.headers.get('Content-Security-Policy');
    ok(
      policy.startsWith("default-src 'none'; script-src 'self'; style-src 'self';") &&
        !policy.includes('unsafe') &&
        r.headers.get('X-Content-Type-Options') === 'nosniff' &&
        r.headers.get('Referrer-Policy') === 'no-referrer',
      `${path} has the policy`,
      policy,
    );
    const again = await fetch(url + path, { headers: { 'If-None-Match': r.headers.get('ETag') } });
    equal(again.status, 304, `${path} is not sent twice`);
    const elsewhere = text.match(/https?:\/\/[\w.]+/g)?.filter((u) => u !== 'http://www.w3.org');
    equal(elsewhere ?? [], [], `${path} names no other host`);
  }
  for (const path of ['/pages/', '/pages/none.js', '/pages/..%2findex.html', '/docs/'])
    equal((await fetch(url + path)).status, 404, `${path} is nothing`);
  equal((await fetch(`${url}/docs`, { method: 'POST' })).status, 405, 'a page takes nothing');
}

async function testOff() {
  const url = await serve({ PALPATE_PAGES: 'off' });
  for (const path of ['/', '/docs', '/pages/try.js'])
    equal((await fetch(url + path)).status, 404, `${path} is not there where pages are off`);
  equal((await fetch(`${url}/openapi.json`)).status, 200, 'the API is there without them');
}

/* The words of the request's and the answer's codes, in every language of the form. */
function testWords() {
  const read = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const keys = (words) =>
    Object.entries(words)
      .flatMap(([kind, of]) => Object.keys(of).map((k) => `${kind} ${k}`))
      .sort();
  const holes = (words) =>
    Object.fromEntries(Object.entries(words.ui).map(([k, v]) => [k, [...new Set(v.match(/\{\d\}/g))].sort()]));
  const english = read('words.en.json');
  for (const name of readdirSync(folder).filter((n) => /^words\..*json$/.test(n) && n !== 'words.en.json')) {
    equal(keys(read(name)), keys(english), `${name} has every word`);
    equal(holes(read(name)), holes(english), `${name} leaves the same places open`);
  }
  const offered = /data-words="([^"]*)"/.exec(readFileSync(join(folder, 'index.html'), 'utf8'))[1].split(' ');
  equal(
    offered.map((l) => `words.${l}.json`),
    readdirSync(folder).filter((n) => /^words\..*json$/.test(n)),
    'the page knows of each of them',
  );
  const used = readdirSync(folder)
    .filter((n) => /\.(js|html)$/.test(n))
    .flatMap((n) =>
      [...readFileSync(join(folder, n), 'utf8').matchAll(/\bw\('(\w+)'|data-w(?:-label)?="(\w+)"/g)].map(
        (m) => m[1] ?? m[2],
      ),
    );
  equal(
    [...new Set(used)].filter((k) => !english.ui[k]),
    [],
    'every word that is used is there',
  );
}

/* ---- the form ----------------------------------------------------------------------------------------------- */

/* Answers what is asked: "yes" to the facts given, "no" to the rest, and values that reassure. */
async function answerQuestions(page, present) {
  for (const ask of await page.locator('#questions form > .ask').all()) {
    const fact = await ask.getAttribute('data-fact');
    if (fact || (await ask.getByRole('radio').count()))
      await ask
        .getByText(present.includes(fact) || !fact ? 'Yes' : 'No', { exact: true })
        .first()
        .click();
    else if (await ask.locator('select').count()) await ask.locator('select').selectOption({ index: 1 });
    else if (await ask.locator('input[type=date]').count()) await ask.locator('input[type=date]').fill('2020-01-01');
    else await ask.locator('input[type=number]').fill(await ask.locator('input').first().getAttribute('min'));
  }
  return answerTo(page, () => page.getByRole('button', { name: 'Screen again' }).click());
}

async function testInterview(url) {
  const visit = await open(url);
  const { page, notes } = visit;
  await page.goto(url);
  await backPain(page);
  await isAccessible(page, 'the form');

  await page.getByLabel('Find a condition').fill('Osteoporosis');
  await page.keyboard.press('Enter');
  equal(
    await page.evaluate(() => document.activeElement.closest('[data-fact]').dataset.fact),
    'osteoporosis',
    'what was looked for is marked',
  );
  let answer = await answerTo(page, () => page.getByRole('button', { name: 'Screen', exact: true }).click());
  equal([answer.booking, answer.complete], ['hold', false], 'a short intake is held');
  equal(
    notes.posts[0].body.history.conditions,
    [
      { id: 'screen_bone', state: 'present' },
      { id: 'osteoporosis', state: 'present' },
    ],
    'what was said is sent',
  );
  equal(notes.posts[0].body.complaints, [{ region: 'lower_back', pain: 5, duration_days: 730 }], 'so is the complaint');
  ok((await page.getByRole('status').first().textContent()).includes('Hold the booking'), 'the outcome is announced');

  const card = page.locator('#w-osteo_deep');
  ok(
    (await card.textContent()).includes(answer.warnings.find((x) => x.code === 'osteo_deep').message),
    'the warning is shown',
  );
  await card.getByText('Why, and the evidence').click();
  await card.getByText('Four people were found to have vertebral compression fractures').waitFor();
  const text = await card.textContent();
  for (const e of answer.warnings.find((x) => x.code === 'osteo_deep').evidence)
    ok(text.includes(e.citation) && (!e.url || text.includes(e.url)), `its source ${e.id} is shown`, text);
  await isAccessible(page, 'an answer with questions');

  let rounds = 0;
  const toTheEnd = async () => {
    for (rounds = 0; !answer.complete && rounds < 30; rounds++)
      answer = await answerQuestions(page, ['screen_heart', 'hypertension']);
  };
  await toTheEnd();
  equal(
    [answer.complete, answer.booking],
    [true, 'book_with_changes'],
    `the questions come to an end, after ${rounds} rounds`,
  );
  ok((await page.locator('#completeness').textContent()).startsWith('Complete'), 'and the page says so');
  equal(await page.locator('#questions').count(), 0, 'nothing is asked any more');
  ok(
    await page.locator('[data-fact=hypertension] input[value=present]').isChecked(),
    'the form shows what was answered',
  );
  ok((await page.locator('#course').textContent()).includes(answer.course.title), 'the course is shown');

  await card.getByText('An agreement has been given').click();
  await card.getByLabel('Given on').fill(answer.as_of);
  answer = await answerTo(page, () => card.getByRole('button', { name: 'Add it and screen again' }).click());
  await toTheEnd(); // whether something else stands against it, too
  ok(answer.warnings.find((x) => x.code === 'osteo_deep').cleared, 'an agreement lifts the warning');
  ok((await card.textContent()).includes('lifted by an agreement'), 'and the page says so');
  await openAll(page);
  await isAccessible(page, 'a whole answer with all its folds');
  equal(
    JSON.parse(await page.locator('pre').first().textContent()),
    notes.posts.at(-1).body,
    'the request is shown as it was sent',
  );
  await close(visit, url, 'interview');
}

/* Whoever answers at random, with old dates and "not sure" among the answers, comes to an end, too: the page's own
 * modules hold these interviews, without its elements. Returns how each ended. */
async function holdInterviews({ seeds, rounds }) {
  const m = await import('/pages/intake.js');
  const { screen } = await import('/pages/service.js');
  let state;
  const random = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
  const pick = (items) => items[Math.floor(random() * items.length)];
  const daysAgo = (n) => new Date(Date.now() - n * 86400000).toISOString().slice(0, 10);
  const valueOf = (q) =>
    q.type === 'date'
      ? daysAgo(pick([0, 1, 5, 20, 60, 200, 600]))
      : q.type === 'boolean'
        ? random() < 0.5
        : q.type === 'choice'
          ? pick(q.choices)
          : q.min + Math.floor(random() * (q.max - q.min + 1));

  const hold = async (seed) => {
    state = seed * 7919;
    m.startIntake();
    m.intake.subject.age_years = 8 + Math.floor(random() * 80);
    m.intake.complaints = [{ region: pick(['neck', 'lower_back', 'calf', 'chest']) }];
    for (let round = 0; round < rounds; round++) {
      const { request, places } = m.buildRequest();
      const { value: answer } = await screen(request);
      const open = answer.questions.filter((q) => !m.isUnsure(q));
      if (!open.length)
        return {
          seed,
          complete: answer.complete,
          unsure: answer.questions.length,
          rounds: round,
          past: m.intake.past.length,
        };
      const store = new Map(),
        given = [];
      for (const q of open.slice(0, 6)) {
        const luck = random();
        if (q.type !== 'state') {
          given.push([q, luck < 0.05 ? undefined : valueOf(q)]);
          continue;
        }
        m.setFinding(store, q.fact, luck < 0.15 ? 'present' : luck < 0.18 ? 'unknown' : 'absent');
        if (luck < 0.15)
          for (const a of m.catalogue.facts.get(q.fact).attributes ?? [])
            if (random() < 0.5) store.get(q.fact)[a] = valueOf(m.catalogue.attributes.get(a));
      }
      m.answerFacts(store, answer.outdated, places);
      given.forEach(([q, value]) => m.answerValue(q, value, places));
    }
    return { seed, endless: true };
  };
  const ends = [];
  for (let seed = 1; seed <= seeds; seed++)
    ends.push(await hold(seed).catch((e) => ({ seed, error: String(e.stack), problem: e.problem })));
  return ends;
}

async function testInterviews(url) {
  const visit = await open(url);
  await visit.page.goto(url);
  await visit.page.getByLabel('Age in years').waitFor();
  const ends = await visit.page.evaluate(holdInterviews, { seeds: 20, rounds: 120 });
  equal(
    ends.filter((e) => e.error || e.endless || e.complete !== (e.unsure === 0)),
    [],
    'answers at random come to an end',
  );
  ok(
    ends.some((e) => e.complete) && ends.some((e) => !e.complete) && ends.some((e) => e.past),
    'all sorts of them',
    ends,
  );
  await close(visit, url, 'interviews');
}

async function testRefusal(url) {
  const visit = await open(url, { colorScheme: 'dark', reducedMotion: 'reduce' });
  const { page, notes } = visit;
  await page.goto(url);
  await page.getByRole('button', { name: 'Screen', exact: true }).click();
  const box = page.getByRole('group', { name: 'Please look at this again' });
  equal(
    await box.getByRole('listitem').allTextContents(),
    ['Age in years: please fill this in', 'Name a complaint or choose a goal'],
    'what is missing is listed',
  );
  ok(await box.evaluate((e) => e === document.activeElement), 'and the list has the focus');
  await isAccessible(page, 'the form with faults, in the dark');
  await box.getByRole('button').first().click();
  await page.keyboard.type('131');
  await page.getByText('less pain').click();
  await page.getByRole('button', { name: 'Screen', exact: true }).click();
  equal(
    await box.getByRole('listitem').allTextContents(),
    ['Age in years: a whole number from 0 to 130'],
    'what is out of range is listed',
  );
  equal(notes.posts, [], 'nothing of it was sent');

  await page.getByLabel('Age in years').fill('51');
  equal(await page.locator('[data-fact=screen_pregnancy]').count(), 1, 'a woman of 51 is asked about pregnancy');
  await page.getByLabel('Sex recorded at birth').selectOption('male');
  equal(
    await page.locator('[data-fact=screen_pregnancy], [data-fact=guardian_consent]').count(),
    0,
    'a man is not, nor about a guardian',
  );
  await says(page, 'screen_emergency', 'Yes');
  await says(page, 'chest_pain', 'Yes');
  await page.getByRole('button', { name: 'No to every health question not answered yet' }).click();
  const answer = await answerTo(page, () => page.getByRole('button', { name: 'Screen', exact: true }).click());
  equal([answer.booking, answer.disposition], ['refuse', 'emergency'], 'an emergency is refused');
  equal(await page.locator('#answer-title').textContent(), '✕Do not book', 'in plain words');
  ok((await page.locator('.outcome').textContent()).includes('Call the emergency services now'), 'with what to do');
  equal(await page.locator('#answer > section').first().getAttribute('id'), 'warnings', 'the reasons come first');
  await isAccessible(page, 'a refusal in the dark');
  equal(await page.evaluate(() => document.getAnimations().length), 0, 'nothing moves');
  await page.getByLabel('Age in years').fill('52');
  ok(
    await page.getByText('The form has changed since this answer.').isVisible(),
    'an answer to something else says so',
  );
  page.on('dialog', (d) => d.accept());
  await page.getByRole('button', { name: 'Start anew' }).click();
  equal(
    [await page.getByLabel('Age in years').inputValue(), await page.locator('input:checked').count()],
    ['', 0],
    'the form can be emptied',
  );
  await page.getByLabel('Age in years').fill('16');
  equal(await page.locator('[data-fact=guardian_consent]').count(), 1, 'with 16 a guardian is asked about');
  await close(visit, url, 'refusal');
}

async function testPhone(url) {
  const visit = await open(url, { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true });
  const { page } = visit;
  await page.goto(url);
  await backPain(page);
  await says(page, 'screen_bone', 'Yes');
  await says(page, 'osteoporosis', 'Yes');
  await page.getByRole('button', { name: 'No to every health question not answered yet' }).click();
  await fits(page, 'the form on a phone');
  await answerTo(page, () => page.getByRole('button', { name: 'Screen', exact: true }).click());
  await openAll(page);
  await fits(page, 'an answer on a phone');
  await isAccessible(page, 'a phone');
  await close(visit, url, 'phone');
}

/* Tab until the element with the focus is one that matches. */
async function tabTo(page, selector, key = 'Tab') {
  for (let i = 0; i < 250; i++) {
    await page.keyboard.press(key);
    if (await page.evaluate((s) => document.activeElement.matches(s), selector)) return;
  }
  throw new Error(`the key ${key} does not lead to ${selector}`);
}

/* Is what has the focus in sight? */
async function inSight(page) {
  return page.evaluate(() => {
    const e = document.activeElement,
      r = e.getBoundingClientRect();
    const at = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
    return at !== null && (e.contains(at) || at.contains(e));
  });
}

async function testKeyboard(url) {
  const visit = await open(url);
  const { page } = visit;
  await page.goto(url);
  await page.getByLabel('Age in years').waitFor();
  await page.keyboard.press('Tab');
  equal(
    await page.evaluate(() => document.activeElement.textContent),
    'Skip to the form',
    'the first stop leads past the head',
  );
  await page.keyboard.press('Enter');
  await tabTo(page, 'input[type=number]');
  await page.keyboard.type('38');
  await tabTo(page, '.row select');
  await page.keyboard.type('neck');
  let hidden = 0;
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press('Tab');
    hidden += !(await inSight(page));
  }
  equal(hidden, 0, 'nothing hides what has the focus');
  const first = await answerTo(page, async () => {
    await tabTo(page, 'button[type=submit]');
    await page.keyboard.press('Enter');
  });
  equal([first.booking, first.complete], ['hold', false], 'the form is sent by keyboard');
  await tabTo(page, '#questions input[type=radio]');
  await page.keyboard.press('ArrowRight');
  ok(
    await page.evaluate(() => document.activeElement.value === 'absent' && document.activeElement.checked),
    'a question is answered by keyboard',
  );
  const second = await answerTo(page, async () => {
    await tabTo(page, '#questions button[type=submit]');
    await page.keyboard.press('Enter');
  });
  equal(second.questions.length, first.questions.length - 1, 'and is not asked again');
  await tabTo(page, '.jump button');
  await page.keyboard.press('Enter');
  equal(
    await page.evaluate(() => document.activeElement.id),
    'questions',
    'a part of the answer is reached by keyboard',
  );
  await close(visit, url, 'keyboard');
}

async function testLanguages(url) {
  const visit = await open(url, { locale: 'ko-KR' });
  const { page, notes } = visit;
  const facts = await (await fetch(`${url}/v1/facts`, { headers: { 'Accept-Language': 'ko' } })).json();
  await page.goto(url);
  await page.locator('#columns').waitFor();
  equal(await page.evaluate(() => document.documentElement.lang), 'ko', 'the browser says which language');
  ok(
    (await page.locator('[data-fact=screen_bone]').textContent()).includes(
      facts.facts.find((f) => f.id === 'screen_bone').question,
    ),
    "questions are the catalogue's",
  );
  equal(
    await page.locator('#language option').evaluateAll((o) => o.map((e) => e.value)),
    ['en', 'es', 'ko', 'vi'],
    'the languages of the form are offered',
  );
  await isAccessible(page, 'the form in Korean');
  await page.locator('#intake input[type=number]').first().fill('30');
  await page.locator('#intake input[type=checkbox]').first().check();
  const answer = await answerTo(page, () => page.locator('button[type=submit]').first().click());
  equal(answer.language, 'ko', 'the answer is in that language');
  await page.locator('#language').selectOption('es');
  await page.waitForFunction(
    () => document.documentElement.lang === 'es' && document.querySelector('#status').textContent.length > 40,
  );
  equal(notes.posts.at(-1).headers['accept-language'], 'es', 'another language is screened anew');
  equal(await page.locator('#intake input[type=number]').first().inputValue(), '30', 'and keeps what was entered');
  await close(visit, url, 'languages');
}

async function testKey(scratch) {
  const { url, token } = await serveWithKeys(scratch);
  const visit = await open(url, { expected: ['status of 401', 'status of 403'] });
  const { page, notes } = visit;
  await page.goto(url);
  const input = page.getByLabel('API key or token');
  await input.waitFor();
  await isAccessible(page, 'the page that needs a key');
  await input.fill(MARK);
  await page.getByRole('button', { name: 'Use this key' }).click();
  await page.getByText('The service did not accept the key').waitFor();
  await input.fill(token('records:read'));
  await page.getByRole('button', { name: 'Use this key' }).click();
  await page.getByLabel('Age in years').fill('30');
  await page.getByText('relaxation', { exact: true }).click();
  await page.getByRole('button', { name: 'Screen', exact: true }).click();
  await page.getByText('it needs the scope').first().waitFor();
  await page.reload();
  await input.fill(token('screen'));
  await page.getByRole('button', { name: 'Use this key' }).click();
  await page.getByLabel('Age in years').fill('30');
  await page.getByText('relaxation', { exact: true }).click();
  const answer = await answerTo(page, () => page.getByRole('button', { name: 'Screen', exact: true }).click());
  equal(answer.booking, 'hold', 'with a key the form works');
  ok(notes.posts.at(-1).headers.authorization.startsWith('Bearer '), 'the key goes with the request');
  ok(!(await page.content()).includes(token('screen').split('.')[1].slice(0, 20)), 'and is not left in the page');
  await close(visit, url, 'key');
}

/* Whatever the service sends is text, and a code that nobody knows counts as the gravest. */
async function testStrangeAnswers(url) {
  const visit = await open(url, { expected: ['status of 503', 'ERR_FAILED'] });
  const { page } = visit;
  const hostile = '<img src=x onerror=alert(1)>';
  await page.route('**/v1/facts', async (route) => {
    const response = await route.fetch();
    const facts = await response.json();
    facts.facts.find((f) => f.id === 'screen_bone').label = hostile;
    await route.fulfill({ response, json: facts });
  });
  await page.route('**/v1/screenings', async (route) => {
    const response = await route.fetch();
    const answer = await response.json();
    Object.assign(answer, { booking: 'never_heard_of', disposition: 'new_word', member: 1 });
    answer.warnings = [
      {
        code: 'x',
        severity: 'worst',
        effect: 'y',
        scope: 'systemic',
        message: hostile,
        evidence: [{ id: 'e', citation: hostile, certainty: 'z', url: 'javascript:alert(1)' }],
        certainty: 'z',
        triggered_by: ['/nowhere'],
      },
    ];
    answer.techniques[0].verdict = 'unheard';
    await route.fulfill({ response, json: answer });
  });
  await page.goto(url);
  await page.getByLabel('Age in years').fill('30');
  await page.getByText('relaxation', { exact: true }).click();
  ok((await page.locator('[data-fact=screen_bone]').textContent()).includes(hostile), 'markup in a text is text');
  await answerTo(page, () => page.getByRole('button', { name: 'Screen', exact: true }).click());
  equal(await page.locator('#answer-title').textContent(), '✕never heard of', 'a word that nobody knows is shown');
  ok(await page.locator('.outcome').evaluate((e) => e.classList.contains('bad')), 'as the gravest');
  await page.route('**/v1/evidence/*', (route) => route.fulfill({ status: 503, json: {} }));
  await page.getByText('Why, and the evidence').click();
  await page.getByText('More about this source could not be fetched').waitFor();
  equal(await page.locator('a[href^=javascript]').count(), 0, 'an address that is none is no link');
  await page.unroute('**/v1/screenings');
  await page.route('**/v1/screenings', (route) =>
    route.fulfill({ status: 503, headers: { 'Retry-After': '7' }, json: {} }),
  );
  await page.getByRole('button', { name: 'Screen', exact: true }).click();
  await page.getByText('Try again in 7 seconds').waitFor();
  await page.unroute('**/v1/screenings');
  await page.route('**/v1/screenings', (route) => route.abort());
  await page.getByRole('button', { name: 'Screen', exact: true }).click();
  await page.getByText('could not be reached').waitFor();
  ok(true, 'a service that is away is told');
  await close(visit, url, 'strange answers');
}

/* ---- the reference ------------------------------------------------------------------------------------------ */

async function testReference(url) {
  const document_ = await (await fetch(`${url}/openapi.json`)).json();
  const operations = Object.values(document_.paths).flatMap((item) =>
    Object.values(item)
      .map((o) => o.operationId)
      .filter(Boolean),
  );
  for (const viewport of [
    { width: 1280, height: 900 },
    { width: 320, height: 640 },
  ]) {
    const visit = await open(url, { viewport });
    const { page } = visit;
    await page.goto(`${url}/docs#screen`);
    await page.locator('#screen').waitFor();
    const drawn = await page.locator('.operation').evaluateAll((e) => e.map((o) => o.id));
    equal([...drawn].sort(), [...operations].sort(), `every operation is drawn at ${viewport.width}`);
    equal(
      await page.locator('[id^=schema-]').count(),
      Object.keys(document_.components.schemas).length,
      'and every schema',
    );
    equal(
      await page.evaluate(() =>
        [...document.querySelectorAll('a[href^="#"]')]
          .map((a) => a.hash.slice(1))
          .filter((id) => !document.getElementById(id)),
      ),
      [],
      'every link leads somewhere',
    );
    const text = await page.locator('#schema-Question').textContent();
    ok(
      Object.keys(document_.components.schemas.Question.properties).every((p) => text.includes(p)),
      'with its members',
    );
    await page.locator('#screen summary').first().click();
    ok(
      (await page.locator('#screen pre').textContent()).includes(`curl -s -X POST ${url}/v1/screenings`),
      'an example can be copied',
    );
    await fits(page, 'the reference');
    await isAccessible(
      page,
      `the reference at ${viewport.width}`,
      viewport.width > 320 ? undefined : ['#contents', '#about', '#screen', '#schema-Question'],
    );
    await close(visit, url, 'reference');
  }
}

async function timed(test, to) {
  const since = Date.now();
  await test(to);
  console.log(`# ${test.name}: ${((Date.now() - since) / 1000).toFixed(1)} s`);
}

/* ---- all ---------------------------------------------------------------------------------------------------- */

const scratch = mkdtempSync(join(tmpdir(), 'palpate-pages-'));
try {
  const url = await serve();
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: process.getuid() === 0 ? ['--no-sandbox'] : [],
  });
  testWords();
  await testFiles(url);
  await testOff();
  for (const test of [
    testInterview,
    testInterviews,
    testRefusal,
    testPhone,
    testKeyboard,
    testLanguages,
    testStrangeAnswers,
    testReference,
  ])
    await timed(test, url);
  await timed(testKey, scratch);
} catch (e) {
  ok(false, 'the test itself went well', e.stack);
} finally {
  await browser?.close();
  started.forEach((service) => service.kill());
  rmSync(scratch, { recursive: true });
}
console.log(`1..${tests}`);
process.exit(failed ? 1 : 0);
