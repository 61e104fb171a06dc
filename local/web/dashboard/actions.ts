/**
 * What a custom widget's `<cwdb-action>` does to the element before it: calls a function or shows HTML, in the widget or in a dialog, after
 * a confirmation where one is asked for.
 * Source: CloudWatch user guide, "Interactivity in the custom widget" (2026).
 */
import { h } from '../dom.ts';

export interface WidgetAction {
  readonly action: 'call' | 'html';
  readonly display: 'popup' | 'widget';
  readonly event: 'click' | 'dblclick' | 'mouseenter';
  readonly endpoint: string;
  readonly confirmation?: string;
  /** HTML to show, or JSON of parameters. Untrusted. */
  readonly content: string;
}

const oneOf = <T extends string>(value: string | null, allowed: readonly T[], otherwise: T): T =>
  allowed.find(each => each === value) ?? otherwise;

export function readAction(element: Element): WidgetAction {
  const confirmation = element.getAttribute('confirmation');
  return {
    action: oneOf(element.getAttribute('action'), ['call', 'html'], 'html'),
    display: oneOf(element.getAttribute('display'), ['popup', 'widget'], 'widget'),
    event: oneOf(element.getAttribute('event'), ['click', 'dblclick', 'mouseenter'], 'click'),
    endpoint: element.getAttribute('endpoint') ?? '',
    ...(confirmation === null || confirmation === '' ? {} : { confirmation }),
    content: element.innerHTML.trim(),
  };
}

/** The JSON in a call, decoded from the entities that it stands in; undefined when it is none. */
export function actionParams(content: string): unknown {
  const text = new DOMParser().parseFromString(content, 'text/html').body.textContent?.trim() ?? '';
  if (text === '') return {};
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Binds the action to its element, which keyboard users can reach too. */
export function bindAction(element: Element, action: WidgetAction, run: (action: WidgetAction, from: Element) => void): void {
  if (!(element instanceof HTMLElement || element instanceof SVGElement)) return;
  const start = (event: Event) => {
    event.preventDefault();
    run(action, element);
  };
  element.classList.add('acts');
  if (action.event === 'mouseenter') element.addEventListener('focus', start);
  element.addEventListener(action.event, start);
  if (!element.hasAttribute('tabindex') && !(element instanceof HTMLButtonElement)) element.setAttribute('tabindex', '0');
  if (action.event !== 'mouseenter' && !element.hasAttribute('role')) element.setAttribute('role', 'button');
  element.addEventListener('keydown', event => {
    if (!(event instanceof KeyboardEvent) || (event.key !== 'Enter' && event.key !== ' ')) return;
    if (element instanceof HTMLButtonElement) return;
    start(event);
  });
}

/** Asks in a dialog; answers whether to go on. */
export function askToGoOn(question: string): Promise<boolean> {
  return new Promise(resolve => {
    const no = h('button', { type: 'button', class: 'quiet' }, 'Cancel');
    const yes = h('button', { type: 'button', class: 'strong', 'data-testid': 'confirm' }, 'Go on');
    const dialog = h(
      'dialog',
      { class: 'ask', 'aria-label': 'Confirmation' },
      h('p', {}, question),
      h('div', { class: 'ask-buttons' }, no, yes),
    );
    let answer = false;
    yes.addEventListener('click', () => {
      answer = true;
      dialog.close();
    });
    no.addEventListener('click', () => dialog.close());
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** A dialog with what an action brought. */
export function showPopup(title: string, content: HTMLElement): void {
  const close = h('button', { type: 'button', class: 'close', 'aria-label': 'Close' }, '×');
  const dialog = h(
    'dialog',
    { class: 'popup', 'aria-label': title, 'data-testid': 'popup' },
    h('header', {}, h('h2', {}, title), close),
    h('div', { class: 'popup-body' }, content),
  );
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', event => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
