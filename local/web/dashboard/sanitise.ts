/**
 * HTML from a function, made safe by building it anew: only known elements and attributes are copied, everything else is left
 * out or becomes its text. Styles go through the style object model, without addresses, so nothing is ever fetched from outside.
 */
import { safeHref } from '../dom.ts';

const htmlTags = new Set(
  'a abbr b blockquote br button caption code col colgroup dd details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 header hr i input label li main mark meter nav ol optgroup option p pre progress s section select small span strong sub summary sup table tbody td textarea tfoot th thead time tr u ul'.split(
    ' ',
  ),
);
const svgTags = new Set(
  'svg g path line polyline polygon rect circle ellipse text tspan title desc defs linearGradient radialGradient stop clipPath pattern marker'.split(
    ' ',
  ),
);
const dropped = new Set('script style nd-style template iframe object embed link meta base noscript head title cwdb-action'.split(' '));

/** Inputs that hold a value for the function; files and submissions are none. */
const inputTypes = new Set('text number search checkbox radio date datetime-local time range hidden'.split(' '));

const htmlAttributes = new Set(
  'class id title colspan rowspan scope role datetime start open value min max low high optimum align valign width height border cellpadding cellspacing lang dir name type placeholder checked selected disabled multiple rows cols step for tabindex'.split(
    ' ',
  ),
);
const svgAttributes = new Set(
  'class viewBox preserveAspectRatio d x y x1 y1 x2 y2 cx cy r rx ry width height points fill stroke stroke-width stroke-dasharray stroke-linecap stroke-linejoin opacity fill-opacity stroke-opacity transform text-anchor dominant-baseline font-size font-weight offset stop-color stop-opacity gradientUnits id clip-path dx dy fill-rule role marker-end marker-start markerWidth markerHeight refX refY orient patternUnits letter-spacing font-family vector-effect shape-rendering stroke-miterlimit stroke-dashoffset paint-order'.split(
    ' ',
  ),
);

const svgSpace = 'http://www.w3.org/2000/svg';

export interface Safe {
  readonly nodes: readonly Node[];
  /** Style sheets found on the way, without imports and addresses. */
  readonly css: string;
}

export interface SanitiseRules {
  /** Told of each `<cwdb-action>` with the copy of the element before it. */
  readonly onAction?: (action: Element, on: Element) => void;
}

export function sanitise(html: string, rules: SanitiseRules = {}): Safe {
  const parsed = new DOMParser().parseFromString(disarm(html), 'text/html');
  const css = [...parsed.querySelectorAll('nd-style, style')].map(style => safeCss(style.textContent ?? '')).join('\n');
  return { nodes: copyChildren(parsed.body, rules), css };
}

/**
 * Renames style elements, style attributes and handlers before the parser sees them, because it reports each to the console under
 * the page's content security policy. Safety does not rest on this: the copy below lets nothing else through.
 */
const disarm = (html: string): string =>
  html
    .replace(/<[a-z](?:"[^"]*"|'[^']*'|[^'">])*>/gi, tag => tag.replace(/([\s"'/])(on[a-z]+|style)(?=\s*=)/gi, '$1data-nd-$2'))
    .replace(/<(\/?)style\b/gi, '<$1nd-style');

export const safeCss = (css: string): string =>
  css
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/@import[^;]*;?/gi, '')
    .replace(/(?:url|image-set|image|src)\s*\([^)]*\)?/gi, 'none');

function copyChildren(from: Node, rules: SanitiseRules): Node[] {
  const made: Node[] = [];
  for (const child of from.childNodes) {
    if (child instanceof Element && child.localName === 'cwdb-action') {
      const before = made.findLast(node => node instanceof Element);
      if (before instanceof Element) rules.onAction?.(child, before);
    } else made.push(...copy(child, rules));
  }
  return made;
}

function copy(node: Node, rules: SanitiseRules): Node[] {
  if (node.nodeType === Node.TEXT_NODE) return [document.createTextNode(node.textContent ?? '')];
  if (!(node instanceof Element)) return [];
  const inSvg = node.namespaceURI === svgSpace;
  const tag = inSvg ? node.localName : node.localName.toLowerCase();
  if (tag === 'input' && !inputTypes.has((node.getAttribute('type') ?? 'text').toLowerCase())) return [];
  if (inSvg ? svgTags.has(tag) : htmlTags.has(tag)) return [copyElement(node, { tag, inSvg, rules })];
  return dropped.has(tag.toLowerCase()) ? [] : copyChildren(node, rules);
}

interface Copying {
  readonly tag: string;
  readonly inSvg: boolean;
  readonly rules: SanitiseRules;
}

function copyElement(from: Element, { tag, inSvg, rules }: Copying): Element {
  const made = inSvg ? document.createElementNS(svgSpace, tag) : document.createElement(tag);
  const allowed = inSvg ? svgAttributes : htmlAttributes;
  for (const { name, value } of [...from.attributes]) {
    const isSafe = allowed.has(name) || /^(aria|data)-(?!nd-)[a-z-]+$/.test(name);
    if (isSafe && !/url\s*\(\s*['"]?(?!#)/i.test(value)) made.setAttribute(name, value);
  }
  if (made instanceof HTMLButtonElement) made.type = 'button';
  const style = from.getAttribute('data-nd-style') ?? from.getAttribute('style');
  if (style !== null && (made instanceof HTMLElement || made instanceof SVGElement)) copyStyle(style, made.style);
  if (tag === 'a') setLink(made, from.getAttribute('href'));
  made.append(...copyChildren(from, rules));
  return made;
}

function copyStyle(text: string, to: CSSStyleDeclaration): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`x{${text.replace(/[{}]/g, '')}}`);
  const rule = sheet.cssRules[0];
  if (!(rule instanceof CSSStyleRule)) return;
  for (const property of rule.style) {
    const value = rule.style.getPropertyValue(property);
    if (!/url\s*\(|image-set|expression/i.test(value)) to.setProperty(property, value);
  }
}

function setLink(element: Element, href: string | null): void {
  const safe = href === null ? undefined : safeHref(href);
  if (safe === undefined) return;
  element.setAttribute('href', safe);
  if (/^https?:/i.test(safe)) {
    element.setAttribute('target', '_blank');
    element.setAttribute('rel', 'noopener noreferrer');
  }
}
