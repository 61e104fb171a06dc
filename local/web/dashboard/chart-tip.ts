/** The box beside the pointer: what every line of a chart is worth at that moment. One box serves all charts, as there is one reader. */
import { h, replace, setText } from '../dom.ts';
import { formatMoment, spell, withUnit } from '../format.ts';
import type { ChartMoment } from '../moments.ts';
import { zone } from '../theme.ts';
import { chosenLines, type TipLine } from './tip-lines.ts';

export interface Tip {
  /** Where the reader points, in pixels of the window. */
  readonly x: number;
  readonly y: number;
  /** Undefined where no line has a point. */
  readonly atMs?: number;
  readonly lines: readonly TipLine[];
  /** Pixels from the top of the plot that the nearest line is sought from; undefined for a reader without a pointer. */
  readonly nearTop?: number;
  readonly moments: readonly ChartMoment[];
}

const mostMoments = 4;

interface Row {
  readonly element: HTMLElement;
  readonly draw: (line: TipLine, isNearest: boolean) => void;
}

function newRow(): Row {
  const swatch = h('span', { class: 'swatch' });
  const name = h('span', { class: 'tip-name' });
  const value = h('span', { class: 'tip-value' });
  const element = h('li', {}, swatch, name, value);
  let color = '';
  return {
    element,
    draw: (line, isNearest) => {
      if (line.color !== color) swatch.style.setProperty('--swatch', line.color);
      color = line.color;
      swatch.toggleAttribute('data-dash', line.isDashed);
      setText(name, line.label);
      setText(value, spell(withUnit(line.value, line.unit)));
      element.toggleAttribute('data-nearest', isNearest);
    },
  };
}

interface Box {
  readonly element: HTMLElement;
  readonly show: (tip: Tip) => void;
}

let box: Box | undefined;
let shownBy: object | undefined;

export function showTip(owner: object, tip: Tip): void {
  if (tip.lines.length === 0 && tip.moments.length === 0) {
    hideTip(owner);
    return;
  }
  if (box === undefined) {
    box = newBox();
    document.body.append(box.element);
    // What scrolls away from under the box leaves it pointing at nothing; and Escape takes it away from what it covers.
    addEventListener('scroll', hideAny, { capture: true, passive: true });
    addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') hideAny();
    });
  }
  shownBy = owner;
  box.show(tip);
}

/** Only whoever shows it takes it away. */
export function hideTip(owner: object): void {
  if (shownBy === owner) hideAny();
}

function hideAny(): void {
  shownBy = undefined;
  if (box === undefined || box.element.hidden) return;
  box.element.hidden = true;
  for (const said of box.element.querySelectorAll<HTMLElement>('.moment-said')) said.hidden = true;
}

function newBox(): Box {
  const time = h('p', { class: 'tip-time' });
  const list = h('ul', {});
  const more = h('p', { class: 'tip-more' });
  const said = h('div', { class: 'moment-said', hidden: true });
  const element = h('div', { class: 'tip', role: 'status', 'data-testid': 'tip', hidden: true }, time, list, more, said);
  const rows: Row[] = [];
  let saidFor = '';
  const show = ({ x, y, atMs, lines: all, nearTop, moments }: Tip) => {
    const { lines, nearest, left } = chosenLines(all, nearTop);
    while (rows.length < lines.length) {
      const row = newRow();
      rows.push(row);
      list.append(row.element);
    }
    rows.forEach(({ element: item, draw }, index) => {
      const line = lines[index];
      item.hidden = line === undefined;
      if (line !== undefined) draw(line, line === nearest);
    });
    setText(time, atMs === undefined || all.length === 0 ? '' : formatMoment(atMs, zone.get()));
    setText(more, left === 0 ? '' : `and ${left} more`);
    const saying = moments.map(each => `${each.atMs} ${each.text} ${each.strategies.join()} ${zone.get()}`).join('\n');
    if (saying !== saidFor) sayMoments(said, moments);
    saidFor = saying;
    said.hidden = moments.length === 0;
    const isLeft = x < innerWidth / 2;
    const isHigh = y < innerHeight / 2;
    element.style.cssText = [
      `${isLeft ? 'left' : 'right'}:${Math.round(isLeft ? x + 14 : innerWidth - x + 14)}px`,
      `${isHigh ? 'top' : 'bottom'}:${Math.round(isHigh ? y + 12 : innerHeight - y + 12)}px`,
    ].join(';');
    element.hidden = false;
  };
  return { element, show };
}

function sayMoments(said: HTMLElement, near: readonly ChartMoment[]): void {
  const lines = near
    .slice(0, mostMoments)
    .map(({ atMs, text, strategies }) =>
      h('p', {}, h('time', {}, formatMoment(atMs, zone.get())), ' ', h('b', {}, strategies.join(', ')), ` ${text}`),
    );
  replace(said, ...lines, near.length > mostMoments ? h('p', {}, `and ${near.length - mostMoments} more`) : null);
}
