/* Calls to the service that serves this page, and to no other. The key lives in this module as long as the page does. */

let key = '';
let language = '';

export function useKey(text) {
  key = text.trim();
}

/* '' leaves the choice to the browser's own Accept-Language. */
export function useLanguage(tag) {
  language = tag;
}

/* What the service refused, as its problem document says it; status 0 when it was not reached. */
export class Refusal extends Error {
  constructor(status, problem, retryAfter) {
    super(problem.detail ?? problem.title ?? `status ${status}`);
    Object.assign(this, { status, problem, retryAfter });
  }
}

async function call(path, body) {
  const headers = { Accept: 'application/json' };
  if (key) headers.Authorization = `Bearer ${key}`;
  if (language) headers['Accept-Language'] = language;
  if (body) headers['Content-Type'] = 'application/json';
  let response, value;
  try {
    response = await fetch(path, {
      method: body ? 'POST' : 'GET',
      headers,
      body,
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
    });
    value = await response.json();
  } catch {
    throw new Refusal(response?.status ?? 0, {});
  }
  if (!response.ok) throw new Refusal(response.status, value, response.headers.get('Retry-After'));
  return { value, language: response.headers.get('Content-Language') };
}

export const get = (path) => call(path);
export const screen = (request) => call('/v1/screenings', JSON.stringify(request));

/* Its `keys` say whether callers need one. It answers 503 as well, with the same members. */
export async function health() {
  try {
    return (await call('/health/ready')).value;
  } catch (refusal) {
    if (refusal.problem?.keys) return refusal.problem;
    throw refusal;
  }
}
