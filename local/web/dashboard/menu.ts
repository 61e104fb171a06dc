/** Tools of one widget: its picture, its numbers, a larger view. */
import { h } from '../dom.ts';
import { fileNameOf } from './csv.ts';
import { toggleLarge } from './enlarge.ts';
import { pngOf, save } from './image.ts';

interface MenuTools {
  readonly title: string;
  readonly widget: HTMLElement;
  /** CSV of what the widget shows; undefined for widgets without numbers. */
  readonly csv?: () => Promise<string> | string;
}

/** A disclosure with plain buttons: every screen reader and keyboard knows how it works. */
export function widgetMenu({ title, widget, csv }: MenuTools): HTMLElement {
  const said = h('span', { class: 'menu-said', role: 'status' });
  const summary = h(
    'summary',
    { 'aria-label': `Tools of ${title}`, title: 'Tools', 'data-testid': 'widget-menu' },
    h('span', { 'aria-hidden': 'true' }, '⋯'),
  );
  const list = h('div', { class: 'menu-list' });
  const element = h('details', { class: 'widget-menu' }, summary, list);
  const close = () => {
    element.open = false;
  };
  const item = (label: string, id: string, run: () => unknown) => {
    const button = h('button', { type: 'button', 'data-testid': `menu-${id}` }, label);
    button.addEventListener('click', async () => {
      said.textContent = '';
      try {
        await run();
        close();
      } catch (error) {
        said.textContent = error instanceof Error ? error.message : 'That did not work.';
      }
    });
    return button;
  };
  const enlarge = () => {
    if (toggleLarge(widget)) summary.focus();
  };
  list.append(
    item('Enlarge or shrink', 'enlarge', enlarge),
    item('Save as PNG', 'png', async () => save(await pngOf(widget), `${fileNameOf(title)}.png`)),
    ...(csv === undefined
      ? []
      : [
          item('Save as CSV', 'csv', async () =>
            save(new Blob([await csv()], { type: 'text/csv;charset=utf-8' }), `${fileNameOf(title)}.csv`),
          ),
        ]),
    said,
  );
  element.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || !element.open) return;
    event.stopPropagation();
    close();
    summary.focus();
  });
  element.addEventListener('toggle', () => {
    if (element.open) document.addEventListener('pointerdown', outside);
    else document.removeEventListener('pointerdown', outside);
  });
  const outside = (event: Event) => {
    if (event.target instanceof Node && !element.contains(event.target)) close();
  };
  return element;
}
