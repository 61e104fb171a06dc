/** A custom widget: a function's HTML, made safe and shut in a shadow tree, dressed in the page's own type and colours. */
import { h } from '../dom.ts';
import { theme } from '../theme.ts';
import { sanitise } from './sanitise.ts';

const base = `
:host { display: block; contain: content; color: var(--text); font: inherit; }
* { box-sizing: border-box; }
a { color: var(--link); }
p { margin: 0 0 .5em; }
h1, h2, h3, h4 { font-size: 1em; margin: .2em 0 .5em; }
small { color: var(--muted); }
table { border-collapse: collapse; width: 100%; font-size: 12.5px; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--muted); padding-bottom: 4px; }
th { text-align: left; font-weight: 550; color: var(--muted); white-space: nowrap; }
th, td { padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tbody tr:last-child > * { border-bottom: 0; }
td[align=right], th[align=right], .num, .number, .right { text-align: right; }
code, pre { font-family: var(--mono); font-size: 12px; }
svg { max-width: 100%; }
`;

export interface CustomView {
  readonly element: HTMLElement;
  /** Answers whether there was anything to show. */
  draw(html: string): boolean;
}

export function customView(): CustomView {
  const element = h('div', { class: 'custom' });
  const root = element.attachShadow({ mode: 'open' });
  const own = new CSSStyleSheet();
  own.replaceSync(base);
  const theirs = new CSSStyleSheet();
  root.adoptedStyleSheets = [own, theirs];
  let before = '';
  return {
    element,
    draw: html => {
      if (html === before) return root.textContent?.trim() !== '';
      before = html;
      const { nodes, css } = sanitise(html);
      theirs.replaceSync(css);
      const frame = h('div', { class: theme.get() === 'dark' ? 'cwdb-theme-dark awsui-dark-mode' : 'cwdb-theme-light' });
      frame.append(...nodes);
      for (const cell of frame.querySelectorAll<HTMLElement>('td, th')) {
        if ((cell.textContent ?? '').length <= 16) cell.style.whiteSpace = 'nowrap';
      }
      root.replaceChildren(frame);
      return root.textContent?.trim() !== '' || root.querySelector('svg') !== null;
    },
  };
}
