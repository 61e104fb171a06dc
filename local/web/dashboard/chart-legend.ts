/** The legend of a chart: a button for each series that hides or shows it, with the value at the cursor or the last one. */
import { h, setText } from '../dom.ts';
import { formatMoment, spell, withUnit } from '../format.ts';
import { bodyColor, seriesColor, seriesDash } from '../palette.ts';
import { theme, zone } from '../theme.ts';
import { type Aligned, valueAt } from './align.ts';
import type { ChartData, ChartSeries } from './chart.ts';
import { seriesKeys } from './label.ts';

export const colorOf = (each: ChartSeries, index: number): string => bodyColor(each.color, theme.get()) ?? seriesColor(index, theme.get());

export interface Legend {
  /** Values at a moment's index; the last of each series without one. */
  show(index: number | undefined, aligned: Aligned, data: ChartData): void;
  /** What the whole range comes to, for legends that say it. */
  sum?(whole: ChartData): void;
}

/** Hides or shows the series of a key. */
export type Toggle = (key: string, show: boolean) => void;

interface NameButton {
  readonly button: HTMLButtonElement;
}

/** A button for each series, with its swatch and name: a click hides or shows it, with Shift it alone or all. */
export function nameButtons(data: ChartData, hidden: ReadonlySet<string>, toggle: Toggle): readonly NameButton[] {
  const keys = seriesKeys(data.series);
  const entries = data.series.map((each, index) => {
    const key = keys[index] ?? each.label;
    const swatch = h('span', { class: 'swatch', 'data-dash': seriesDash(index).length > 0, style: { '--swatch': colorOf(each, index) } });
    const button = h(
      'button',
      {
        type: 'button',
        'aria-pressed': String(!hidden.has(key)),
        title: `Show or hide ${each.label}; with Shift show it alone, or all`,
      },
      swatch,
      h('span', { class: 'legend-name' }, each.label),
    );
    const isShown = () => button.getAttribute('aria-pressed') === 'true';
    const set = (show: boolean) => {
      if (show === isShown()) return;
      button.setAttribute('aria-pressed', String(show));
      toggle(key, show);
    };
    button.addEventListener('click', ({ shiftKey }) => {
      if (!shiftKey) return set(!isShown());
      const isAlone = isShown() && entries.every(other => other.set === set || !other.isShown());
      for (const other of entries) other.set(isAlone || other.set === set);
    });
    return { button, isShown, set };
  });
  return entries;
}

export function drawLegend(host: HTMLElement, data: ChartData, hidden: ReadonlySet<string>, toggle: Toggle): Legend {
  const time = h('li', { class: 'legend-time' });
  const entries = nameButtons(data, hidden, toggle).map(({ button }) => {
    const value = h('span', { class: 'legend-value' });
    button.append(value);
    return { item: h('li', {}, button), value };
  });
  host.replaceChildren(...entries.map(each => each.item), time);
  host.hidden = data.legend === 'hidden';
  return {
    show: (index, aligned, now) => {
      entries.forEach(({ value }, which) => {
        const series = now.series[which];
        const raw = index === undefined ? series?.values.at(-1) : valueAt(aligned, which, index);
        say(value, typeof raw === 'number' ? spell(withUnit(raw, series?.unit)) : '–');
      });
      const seconds = index === undefined ? undefined : aligned.times[index];
      setText(time, seconds === undefined ? '' : formatMoment(seconds * 1000, zone.get()));
    },
  };
}

/** Its room only grows: a legend that follows the pointer neither jumps nor has the page laid out. */
function say(value: HTMLElement, text: string): void {
  setText(value, text);
  if (text.length <= Number(value.dataset['room'] ?? 0)) return;
  value.dataset['room'] = String(text.length);
  value.style.width = `${text.length + 0.6}ch`;
}
