/* Elements without markup in strings: what the service sends can never become HTML. */

let last = 0;

/* An id that no other element has. */
export function uid() {
  return `i${++last}`;
}

/* h('p', { class: 'small', onclick: f, hidden: true }, 'text', child, [more], null) */
export function h(tag, attributes, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith('on')) e.addEventListener(name.slice(2), value);
    else if (value === true) e.setAttribute(name, '');
    else if (value !== false && value !== undefined && value !== null) e.setAttribute(name, value);
  }
  e.append(...flat(children));
  return e;
}

export function fill(element, ...children) {
  element.replaceChildren(...flat(children));
  return element;
}

function flat(children) {
  return children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false && c !== '');
}

export function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}

/* A titled part of the page that can be led to. */
export function part(id, title, ...children) {
  return h(
    'section',
    { class: 'card', id, tabindex: -1, 'aria-labelledby': `${id}-title` },
    h('h3', { id: `${id}-title` }, title),
    children,
  );
}

/* Moves the focus to what need not be in the order of tabs. */
export function focusOn(element) {
  if (!element.matches('a[href], button, input, select, textarea, summary')) element.tabIndex = -1;
  element.focus();
  element.scrollIntoView({ block: 'start' });
}

/* What a fold holds is made when it is opened first. */
export function fold(title, make, attributes) {
  const body = h('div', { class: 'fold' });
  const e = h('details', attributes, h('summary', null, title), body);
  const open = () => {
    if (e.open && !body.hasChildNodes()) fill(body, make());
  };
  e.addEventListener('toggle', open);
  open();
  return e;
}
