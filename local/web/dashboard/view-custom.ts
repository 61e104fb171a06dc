/** A custom widget: a function's HTML, made safe and shut in a shadow tree, dressed in the page's own type and colours. */
import { h } from '../dom.ts';
import { drawMarkdown } from '../markdown-view.ts';
import { theme } from '../theme.ts';
import { actionParams, askToGoOn, bindAction, readAction, showPopup, type WidgetAction } from './actions.ts';
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
.btn, button { display: inline-block; font: inherit; font-size: 12px; color: var(--text); background: var(--raised); border: 1px solid var(--line); border-radius: 6px; padding: 3px 10px; cursor: pointer; text-decoration: none; }
.btn:hover, button:hover { border-color: var(--muted); }
.btn-primary { background: var(--lamp); color: var(--lamp-ink); border-color: transparent; }
.acts { cursor: pointer; }
.acts:focus-visible, :focus-visible { outline: 2px solid var(--lamp); outline-offset: 2px; }
[aria-busy] { opacity: .5; pointer-events: none; }
input, select, textarea { font: inherit; color: var(--text); background: var(--raised); border: 1px solid var(--line); border-radius: 6px; padding: 3px 8px; }
.markdown > * + * { margin-top: 8px; }
`;

export interface CustomView {
  readonly element: HTMLElement;
  /** Answers whether there was anything to show. HTML, or `{"markdown": …}`, or any other JSON, which is shown as it is. */
  draw(answer: string): boolean;
  /** Values of the named inputs in the widget. */
  forms(): Readonly<Record<string, string>>;
}

export interface CustomTools {
  readonly title: string;
  /** Calls a function for an action and answers what it returned. */
  readonly call: (endpoint: string, params: unknown) => Promise<string>;
}

export function customView(tools: CustomTools): CustomView {
  const element = h('div', { class: 'custom' });
  const shown = shadowPane(element, (action, from) => void run(action, from));
  const say = (text: string) => showPopup(tools.title, h('p', {}, text));

  async function run(action: WidgetAction, from: Element): Promise<void> {
    if (action.confirmation !== undefined && !(await askToGoOn(action.confirmation))) return;
    const answer = action.action === 'html' ? action.content : await answerOf(action, from);
    if (answer === undefined) return;
    if (action.display === 'widget') {
      shown.show(answer);
      return;
    }
    const host = h('div', { class: 'custom' });
    const pane = shadowPane(host, (inner, on) => void run(inner, on));
    if (pane.show(answer)) showPopup(tools.title, host);
    else say('The function answered with nothing to show.');
  }

  async function answerOf({ endpoint, content }: WidgetAction, from: Element): Promise<string | undefined> {
    const params = actionParams(content);
    if (params === undefined) {
      say('The parameters of this action are not JSON: nothing was called.');
      return undefined;
    }
    from.setAttribute('aria-busy', 'true');
    try {
      return await tools.call(endpoint, params);
    } catch (error) {
      say(error instanceof Error ? error.message : 'The function did not answer.');
      return undefined;
    } finally {
      from.removeAttribute('aria-busy');
    }
  }

  return { element, draw: shown.refresh, forms: shown.forms };
}

interface Pane {
  /** Both answer whether there is anything to see. A refresh leaves alone what the reader is typing in or has opened. */
  readonly refresh: (answer: string) => boolean;
  readonly show: (answer: string) => boolean;
  readonly forms: () => Readonly<Record<string, string>>;
}

function shadowPane(element: HTMLElement, act: (action: WidgetAction, from: Element) => void): Pane {
  const root = element.attachShadow({ mode: 'open' });
  const own = new CSSStyleSheet();
  own.replaceSync(base);
  const theirs = new CSSStyleSheet();
  let before = '';
  let drawnIn = theme.get();
  const isFilled = () => root.textContent?.trim() !== '' || root.querySelector('svg, input') !== null;

  const show = (answer: string): boolean => {
    before = answer;
    drawnIn = theme.get();
    const parsed = jsonOf(answer);
    const frame = h('div', { class: theme.get() === 'dark' ? 'cwdb-theme-dark awsui-dark-mode' : 'cwdb-theme-light' });
    if (parsed === undefined) {
      const { nodes, css } = sanitise(answer, { onAction: (action, on) => bindAction(on, readAction(action), act) });
      theirs.replaceSync(css);
      frame.append(...nodes);
      keepShortCellsWhole(frame);
    } else frame.append(jsonView(parsed));
    const isBare = frame.querySelector('.cwdb-no-default-styles') !== null;
    root.adoptedStyleSheets = isBare ? [theirs] : [own, theirs];
    root.replaceChildren(frame);
    return isFilled();
  };

  return {
    show,
    refresh: answer => {
      const isBusy = root.activeElement instanceof HTMLInputElement || root.querySelector('details[open]') !== null;
      if (before !== '' && drawnIn === theme.get() && (answer === before || isBusy)) return isFilled();
      return show(answer);
    },
    forms: () => {
      const fields = [...root.querySelectorAll<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>('input, select, textarea')];
      return Object.fromEntries(
        fields.flatMap(field => {
          if (field.name === '') return [];
          const isOff = field instanceof HTMLInputElement && (field.type === 'checkbox' || field.type === 'radio') && !field.checked;
          return isOff ? [] : [[field.name, field.value] as const];
        }),
      );
    },
  };
}

/** Objects and lists only: a number or a word in quotes is text. */
function jsonOf(answer: string): object | undefined {
  if (!/^\s*[{[]/.test(answer)) return undefined;
  try {
    const value: unknown = JSON.parse(answer);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function jsonView(value: object): HTMLElement {
  if ('markdown' in value && typeof value.markdown === 'string') return drawMarkdown(value.markdown);
  return h('pre', { tabindex: '0' }, JSON.stringify(value, null, 2));
}

function keepShortCellsWhole(frame: HTMLElement): void {
  for (const cell of frame.querySelectorAll<HTMLElement>('td, th')) {
    if ((cell.textContent ?? '').length <= 16) cell.style.whiteSpace = 'nowrap';
  }
}
