/** The frame of a widget: title, state in words, tools, notes. */
import { h, setText } from '../dom.ts';
import type { WidgetModel } from './model.ts';

export type CardStatus = 'loading' | 'data' | 'empty' | 'error';

export interface Card {
  readonly element: HTMLElement;
  readonly body: HTMLElement;
  /** `words` say why there is nothing, or what went wrong. */
  setStatus(status: CardStatus, words?: string): void;
  setTools(...tools: readonly HTMLElement[]): void;
}

export function createCard(widget: WidgetModel): Card {
  const bare = widget.spec.kind === 'text' && widget.spec.transparent;
  const titled = widget.spec.kind !== 'text';
  const body = h('div', { class: 'widget-body' });
  const said = h('p', { class: 'widget-said' });
  const tools = h('div', { class: 'widget-tools' });
  const notes =
    widget.notes.length === 0
      ? null
      : h('span', { class: 'widget-note', title: widget.notes.join('\n'), role: 'img', 'aria-label': widget.notes.join(' ') }, 'i');
  const title = h('h2', { title: widget.title }, ...titleParts(widget.title));
  const element = h(
    'div',
    {
      role: 'group',
      class: `widget widget-${widget.spec.kind}${bare ? ' bare' : ''}`,
      'data-testid': 'widget',
      'data-title': widget.title,
      'data-status': 'loading',
      'aria-label': widget.title,
    },
    titled ? h('header', {}, title, notes, tools) : null,
    body,
    said,
  );
  return {
    element,
    body,
    setStatus: (status, words = '') => {
      if (status === 'data' && widget.spec.kind === 'metric' && element.dataset['status'] === 'data' && words === '') return;
      element.dataset['status'] = status;
      setText(said, words);
      said.hidden = words === '';
      if (status === 'data' && widget.spec.kind !== 'metric') requestAnimationFrame(() => reachable(body));
      body.hidden = words !== '' && !(status === 'error' && body.textContent !== '');
    },
    setTools: (...next) => tools.replaceChildren(...next),
  };
}

/** What scrolls can be reached by keyboard. */
function reachable(body: HTMLElement): void {
  if (body.scrollHeight > body.clientHeight + 1 || body.scrollWidth > body.clientWidth + 1) body.setAttribute('tabindex', '0');
  else body.removeAttribute('tabindex');
}

/** `Order latency (ms, p99)` becomes the name and, quieter, what stands in the brackets. */
function titleParts(title: string): (string | HTMLElement)[] {
  const match = /^(?<name>[^()]+?)\s*(?<rest>\([^()]*\))$/.exec(title);
  if (match?.groups === undefined) return [title];
  return [match.groups['name'] ?? title, ' ', h('span', { class: 'title-unit' }, (match.groups['rest'] ?? '').slice(1, -1))];
}
