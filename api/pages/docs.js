/* The API reference, drawn from the document that this service serves. It draws what our document uses: references,
 * objects, lists, enumerations, examples. */
import { h, fill, fold } from './dom.js';
import { get } from './service.js';

const METHODS = ['post', 'get', 'put', 'delete'];
let doc;

function resolve(node) {
  while (node?.$ref)
    node = node.$ref
      .slice(2)
      .split('/')
      .reduce((at, part) => at[part.replaceAll('~1', '/').replaceAll('~0', '~')], doc);
  return node;
}

const refName = (node) => node?.$ref?.split('/').at(-1);

/* ---- text: paragraphs, lists, **bold** and `code` ------------------------------------------------------------ */

function inline(text) {
  return text
    .split(/(\*\*.+?\*\*|`[^`]+`)/)
    .map((piece) =>
      piece.startsWith('**')
        ? h('b', null, inline(piece.slice(2, -2)))
        : piece.startsWith('`')
          ? h('code', null, piece.slice(1, -1))
          : piece,
    );
}

function block(text) {
  const item = /^(?:[-*]|(\d+)\.)\s+/;
  const first = item.exec(text);
  if (!first) return h('p', null, inline(text.replaceAll('\n', ' ')));
  return h(
    first[1] ? 'ol' : 'ul',
    null,
    text.split(/\n(?=(?:[-*]|\d+\.)\s)/).map((i) => h('li', null, inline(i.replace(item, '').replace(/\s+/g, ' ')))),
  );
}

function prose(text) {
  return (
    text &&
    h(
      'div',
      { class: 'prose' },
      text
        .trim()
        .split(/\n{2,}/)
        .map(block),
    )
  );
}

/* ---- schemas ------------------------------------------------------------------------------------------------- */

function linkTo(name) {
  return h('a', { href: `#schema-${name}` }, name);
}

function typeOf(schema) {
  if (schema.$ref) return [linkTo(refName(schema))];
  if (schema.type === 'array') return ['list of ', ...typeOf(schema.items)];
  const words = [schema.type ?? 'any'].flat().join(' or ');
  return [schema.format ? `${words} (${schema.format})` : words];
}

const LIMITS = {
  minimum: 'at least',
  maximum: 'at most',
  multipleOf: 'in steps of',
  minLength: 'at least (characters)',
  maxLength: 'at most (characters)',
  minItems: 'at least (items)',
  maxItems: 'at most (items)',
  pattern: 'pattern',
  default: 'default',
};

function limitsOf(schema) {
  const found = Object.entries(LIMITS)
    .filter(([name]) => schema[name] !== undefined)
    .map(([name, words]) => `${words} ${JSON.stringify(schema[name])}`);
  return found.length > 0 && h('p', { class: 'small' }, found.join(', '));
}

function codes(title, values) {
  return (
    values?.length > 0 &&
    h(
      'p',
      { class: 'small' },
      `${title}: `,
      values.flatMap((v, i) => [i ? ', ' : '', h('code', null, JSON.stringify(v))]),
    )
  );
}

function facts(schema) {
  const items = schema.type === 'array' && !schema.items.$ref ? schema.items : {};
  return [
    prose(schema.description),
    limitsOf(schema),
    codes('One of', schema.enum ?? items.enum),
    codes('Such as', schema.examples ?? items.examples),
  ];
}

function member(name, schema, required) {
  return h(
    'li',
    null,
    h(
      'div',
      { class: 'name' },
      h('code', { class: 'member' }, name),
      h('span', { class: 'small' }, typeOf(schema)),
      required && h('span', { class: 'needed' }, 'required'),
    ),
    facts(schema),
  );
}

function members(schema) {
  const properties = Object.entries(schema.properties ?? {});
  return (
    properties.length > 0 &&
    h(
      'ul',
      { class: 'members' },
      properties.map(([name, s]) => member(name, s, schema.required?.includes(name))),
    )
  );
}

function schemaCard(name) {
  const schema = doc.components.schemas[name];
  return h(
    'section',
    { class: 'card', id: `schema-${name}`, tabindex: -1 },
    h('h3', null, h('code', null, name)),
    schema.properties ? prose(schema.description) : facts(schema),
    members(schema),
  );
}

/* ---- operations ---------------------------------------------------------------------------------------------- */

function code(label, text) {
  return h('pre', { tabindex: 0, role: 'region', 'aria-label': label }, text);
}

function security(operation) {
  const ways = operation.security ?? doc.security;
  if (!ways?.length) return h('p', { class: 'small' }, 'Open to everyone.');
  const scopes = [...new Set(ways.flatMap((way) => Object.values(way).flat()))];
  return h(
    'p',
    { class: 'small' },
    'Needs a key or token',
    scopes.length > 0 && [' with the scope ', scopes.map((s) => h('code', null, s))],
    '.',
  );
}

function parameters(shared, operation) {
  const all = [...(shared ?? []), ...(operation.parameters ?? [])].map(resolve);
  return (
    all.length > 0 && [
      h('h4', null, 'Parameters'),
      h(
        'ul',
        { class: 'members' },
        all.map((p) =>
          h(
            'li',
            null,
            h(
              'div',
              { class: 'name' },
              h('code', { class: 'member' }, p.name),
              h('span', { class: 'small' }, `${p.in}, `, typeOf(p.schema)),
              p.required && h('span', { class: 'needed' }, 'required'),
            ),
            prose(p.description),
            facts({
              ...p.schema,
              description: p.schema.description === p.description ? undefined : p.schema.description,
            }),
          ),
        ),
      ),
    ]
  );
}

/* What sends an example, ready for a shell. */
function curl(method, path, operation, body) {
  const open = !(operation.security ?? doc.security)?.length;
  const quoted = body && JSON.stringify(body, null, 2).replaceAll("'", "'\\''");
  return [
    `curl -s${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} ${location.origin}${path}`,
    !open && '-H "Authorization: Bearer $KEY"',
    body && "-H 'Content-Type: application/json'",
    body && `-d '${quoted}'`,
  ]
    .filter(Boolean)
    .join(' \\\n  ');
}

function media(content) {
  return Object.entries(content ?? {}).map(([type, { schema }]) => [
    h('code', null, type),
    schema && [': ', typeOf(schema)],
  ]);
}

function requestBody(method, path, operation) {
  const body = resolve(operation.requestBody);
  const examples = Object.values(body ? (Object.values(body.content)[0].examples ?? {}) : {}).map(resolve);
  return [
    body && [h('h4', null, 'Body'), h('p', null, media(body.content)), prose(body.description)],
    examples.length
      ? examples.map((e) =>
          fold(`Example: ${e.summary}`, () => [
            prose(e.description),
            code(e.summary, curl(method, path, operation, e.value)),
          ]),
        )
      : !body && fold('Example', () => code('Example', curl(method, path, operation))),
  ];
}

function responses(operation) {
  return [
    h('h4', null, 'Answers'),
    h(
      'ul',
      { class: 'members' },
      Object.entries(operation.responses).map(([status, r]) => {
        const answer = resolve(r);
        const fields = Object.keys(answer.headers ?? {});
        return h(
          'li',
          null,
          h(
            'div',
            { class: 'name' },
            h('code', { class: 'member' }, status),
            h('span', { class: 'small' }, media(answer.content)),
          ),
          prose(answer.description),
          fields.length > 0 && h('p', { class: 'small' }, 'Fields: ', fields.join(', ')),
        );
      }),
    ),
  ];
}

function operationCard(path, method, item) {
  const operation = item[method];
  return h(
    'section',
    { class: 'card operation', id: operation.operationId, tabindex: -1 },
    h(
      'h3',
      null,
      h('span', { class: `method ${method}` }, method.toUpperCase()),
      h('code', null, path),
      h('span', null, operation.summary),
    ),
    prose(operation.description),
    security(operation),
    parameters(item.parameters, operation),
    requestBody(method, path, operation),
    responses(operation),
  );
}

/* ---- the page ------------------------------------------------------------------------------------------------ */

function operations() {
  return Object.entries(doc.paths).flatMap(([path, item]) =>
    METHODS.filter((m) => item[m]).map((method) => ({
      path,
      method,
      item,
      operation: item[method],
      tag: item[method].tags[0],
    })),
  );
}

function contents(byTag, schemas) {
  const links = (items) =>
    h(
      'ul',
      null,
      items.map(([href, ...words]) => h('li', null, h('a', { href }, words))),
    );
  const wide = matchMedia('(min-width: 62rem)').matches;
  return [
    h('p', null, h('a', { href: '/openapi.yaml' }, 'openapi.yaml'), h('a', { href: '/openapi.json' }, 'openapi.json')),
    [...byTag].map(([name, items]) =>
      h(
        'details',
        { open: wide },
        h('summary', null, name),
        links(items.map((o) => [`#${o.operation.operationId}`, o.operation.summary])),
      ),
    ),
    h('details', null, h('summary', null, 'Schemas'), links(schemas.map((name) => [`#schema-${name}`, name]))),
  ];
}

function draw() {
  const known = new Map(doc.tags.map((t) => [t.name, t.description]));
  const byTag = new Map([...known.keys()].map((name) => [name, []]));
  for (const o of operations()) byTag.get(o.tag).push(o);
  const schemas = Object.keys(doc.components.schemas);
  fill(document.getElementById('contents'), contents(byTag, schemas));
  fill(
    document.getElementById('reference'),
    h(
      'section',
      { class: 'card', id: 'about' },
      h('p', { class: 'small' }, `${doc.info.title} ${doc.info.version}`),
      prose(doc.info.description),
    ),
    [...byTag].map(([name, items]) => [
      h('h2', null, name),
      prose(known.get(name)),
      items.map((o) => operationCard(o.path, o.method, o.item)),
    ]),
    h('h2', null, 'Schemas'),
    schemas.map(schemaCard),
  );
}

async function start() {
  const status = document.getElementById('status');
  try {
    doc = (await get('/openapi.json')).value;
    draw();
    status.textContent = '';
    document.getElementById(location.hash.slice(1))?.scrollIntoView();
  } catch (e) {
    status.textContent = `The description of the API could not be shown: ${e.message}`;
  }
}

start();
