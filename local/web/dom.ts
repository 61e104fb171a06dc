/** Small builders for DOM nodes. Text always becomes text nodes: nothing from outside is ever parsed as HTML here. */

export type Child = Node | string | number | null | undefined | false;

export interface Props {
  readonly class?: string;
  readonly on?: Readonly<Record<string, (event: Event) => void>>;
  readonly style?: Readonly<Record<string, string>>;
  readonly [attribute: string]: unknown;
}

export function append(parent: Node, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    parent.appendChild(typeof child === 'object' ? child : document.createTextNode(String(child)));
  }
}

function decorate(element: Element, props: Props): void {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false || name === 'on' || name === 'style') continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const [event, handler] of Object.entries(props.on ?? {})) element.addEventListener(event, handler);
  if (props.style !== undefined && (element instanceof HTMLElement || element instanceof SVGElement)) {
    for (const [property, value] of Object.entries(props.style)) element.style.setProperty(property, value);
  }
}

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  decorate(element, props);
  append(element, children);
  return element;
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  decorate(element, props);
  append(element, children);
  return element;
}

export function replace(parent: Element, ...children: readonly Child[]): void {
  parent.replaceChildren();
  append(parent, children);
}

/** Sets the text only when it differs, so that screen readers and selections are left alone. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** An address that may stand in a link: http, https, mailto, a path or a fragment; anything else is undefined. */
export function safeHref(address: string): string | undefined {
  const trimmed = address.trim();
  if (/^(https?:|mailto:)/i.test(trimmed)) return trimmed;
  if (/^[a-z][a-z0-9+.-]*:/i.test(trimmed) || trimmed.startsWith('//')) return undefined;
  return trimmed;
}

/** A link; addresses with another scheme become plain text. */
export function link(address: string, ...children: readonly Child[]): HTMLElement {
  const href = safeHref(address);
  if (href === undefined) return h('span', {}, ...children);
  const outside = /^https?:/i.test(href) && !href.startsWith(location.origin);
  return h('a', outside ? { href, target: '_blank', rel: 'noopener noreferrer' } : { href }, ...children);
}

/** Reuses the row of a key, makes it when new and drops the others: lists change in place, without flicker. */
export function keyed<T>(
  parent: Element,
  items: readonly T[],
  rules: {
    readonly key: (item: T) => string;
    /** Equal text means that the row need not be drawn again. */
    readonly version: (item: T) => string;
    readonly draw: (item: T) => HTMLElement;
  },
): void {
  const old = new Map([...parent.children].map(child => [child.getAttribute('data-key') ?? '', child]));
  const next = items.map(item => {
    const key = rules.key(item);
    const version = rules.version(item);
    const existing = old.get(key);
    if (existing !== undefined && existing.getAttribute('data-version') === version) return existing;
    const row = rules.draw(item);
    row.setAttribute('data-key', key);
    row.setAttribute('data-version', version);
    return row;
  });
  const same = next.length === parent.children.length && next.every((row, index) => parent.children[index] === row);
  if (same) return;
  const focused = parent.contains(document.activeElement)
    ? document.activeElement?.closest('[data-key]')?.getAttribute('data-key')
    : undefined;
  parent.replaceChildren(...next);
  if (focused !== undefined && focused !== null) {
    const row = next.find(each => each.getAttribute('data-key') === focused);
    if (row instanceof HTMLElement) (row.matches('a,button') ? row : row.querySelector<HTMLElement>('a,button,[tabindex]'))?.focus();
  }
}
