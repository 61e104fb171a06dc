/**
 * HTML from a function, made safe by building it anew: only known elements and attributes are copied, everything else is left
 * out or becomes its text. Styles go through the style object model, without addresses, so nothing is ever fetched from outside.
 */
import { safeHref } from '../dom.ts';

const htmlTags = new Set(
  'a abbr b blockquote br caption code col colgroup dd details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i li mark meter ol p pre progress s section small span strong sub summary sup table tbody td tfoot th thead time tr u ul'.split(
    ' ',
  ),
);
const svgTags = new Set(
  'svg g path line polyline polygon rect circle ellipse text tspan title desc defs linearGradient stop clipPath'.split(' '),
);
const dropped = new Set('script style nd-style template iframe object embed link meta base form noscript head title'.split(' '));

const htmlAttributes = new Set(
  'class title colspan rowspan scope role datetime start open value min max low high optimum align lang dir'.split(' '),
);
const svgAttributes = new Set(
  'class viewBox preserveAspectRatio d x y x1 y1 x2 y2 cx cy r rx ry width height points fill stroke stroke-width stroke-dasharray stroke-linecap stroke-linejoin opacity fill-opacity stroke-opacity transform text-anchor dominant-baseline font-size font-weight offset stop-color stop-opacity gradientUnits id clip-path dx dy fill-rule role'.split(
    ' ',
  ),
);

const svgSpace = 'http://www.w3.org/2000/svg';

export interface Safe {
  readonly nodes: readonly Node[];
  /** Style sheets found on the way, without imports and addresses. */
  readonly css: string;
}

export function sanitise(html: string): Safe {
  const parsed = new DOMParser().parseFromString(disarm(html), 'text/html');
  const css = [...parsed.querySelectorAll('nd-style, style')].map(style => safeCss(style.textContent ?? '')).join('\n');
  return { nodes: copyChildren(parsed.body), css };
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

function copyChildren(from: Node): Node[] {
  return [...from.childNodes].flatMap(copy);
}

function copy(node: Node): Node[] {
  if (node.nodeType === Node.TEXT_NODE) return [document.createTextNode(node.textContent ?? '')];
  if (!(node instanceof Element)) return [];
  const inSvg = node.namespaceURI === svgSpace;
  const tag = inSvg ? node.localName : node.localName.toLowerCase();
  if (inSvg ? svgTags.has(tag) : htmlTags.has(tag)) return [copyElement(node, tag, inSvg)];
  return dropped.has(tag.toLowerCase()) ? [] : copyChildren(node);
}

function copyElement(from: Element, tag: string, inSvg: boolean): Element {
  const made = inSvg ? document.createElementNS(svgSpace, tag) : document.createElement(tag);
  const allowed = inSvg ? svgAttributes : htmlAttributes;
  for (const { name, value } of [...from.attributes]) {
    const isSafe = allowed.has(name) || /^(aria|data)-(?!nd-)[a-z-]+$/.test(name);
    if (isSafe && !/url\s*\(\s*['"]?(?!#)/i.test(value)) made.setAttribute(name, value);
  }
  const style = from.getAttribute('data-nd-style') ?? from.getAttribute('style');
  if (style !== null && (made instanceof HTMLElement || made instanceof SVGElement)) copyStyle(style, made.style);
  if (tag === 'a') setLink(made, from.getAttribute('href'));
  made.append(...copyChildren(from));
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
