/** The legend of an enlarged chart: a table with the newest, smallest, largest and average value of each line in the range. */
import { h, setText } from '../dom.ts';
import { formatMoment, spell, withUnit } from '../format.ts';
import { zone } from '../theme.ts';
import { valueAt } from './align.ts';
import type { ChartData } from './chart.ts';
import { type Legend, nameButtons, type Toggle } from './chart-legend.ts';
import { type Facts, factsOf } from './facts.ts';

const columns = [
  ['last', 'Last'],
  ['min', 'Minimum'],
  ['max', 'Maximum'],
  ['average', 'Average'],
] as const satisfies readonly (readonly [keyof Facts, string])[];

export function drawLegendTable(host: HTMLElement, data: ChartData, hidden: ReadonlySet<string>, toggle: Toggle): Legend {
  const atHead = h('th', { scope: 'col', class: 'num' }, 'At the pointer');
  const rows = nameButtons(data, hidden, toggle).map(({ button }) => {
    const cells = columns.map(() => h('td', { class: 'num' }));
    const at = h('td', { class: 'num' }, '–');
    return { row: h('tr', {}, h('th', { scope: 'row' }, button), ...cells, at), cells, at };
  });
  const head = h(
    'tr',
    {},
    h('th', { scope: 'col' }, 'Line'),
    ...columns.map(([, name]) => h('th', { scope: 'col', class: 'num' }, name)),
    atHead,
  );
  const table = h(
    'table',
    { class: 'data', 'data-testid': 'legend-table' },
    h('thead', {}, head),
    h('tbody', {}, ...rows.map(({ row }) => row)),
  );
  host.replaceChildren(h('div', { class: 'legend-table', tabindex: '0', role: 'region', 'aria-label': `Values of ${data.title}` }, table));
  const words = (value: number | undefined, unit: string | undefined) => (typeof value === 'number' ? spell(withUnit(value, unit)) : '–');
  return {
    show: (index, aligned, now) => {
      for (const [which, { at }] of rows.entries())
        setText(at, words(index === undefined ? undefined : valueAt(aligned, which, index), now.series[which]?.unit));
      const seconds = index === undefined ? undefined : aligned.times[index];
      setText(atHead, seconds === undefined ? 'At the pointer' : formatMoment(seconds * 1000, zone.get()));
    },
    sum: whole => {
      for (const [which, { cells }] of rows.entries()) {
        const series = whole.series[which];
        const facts = series === undefined ? {} : factsOf(series);
        for (const [column, [name]] of columns.entries()) setText(cells[column]!, words(facts[name], series?.unit));
      }
    },
  };
}
