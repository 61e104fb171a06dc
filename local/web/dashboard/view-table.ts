/** Metrics as a table: a row for each, with its newest value and summaries over the range. */
import { h } from '../dom.ts';
import { formatMoment } from '../format.ts';
import { plainColor } from '../palette.ts';
import { zone } from '../theme.ts';
import type { HorizontalMark, MetricSpec } from './model.ts';
import type { RowSeries } from './results.ts';
import { spelled, type View } from './view.ts';

const summaries: Readonly<Record<string, (values: readonly number[]) => number | undefined>> = {
  MIN: values => (values.length === 0 ? undefined : values.reduce((a, b) => Math.min(a, b))),
  MAX: values => (values.length === 0 ? undefined : values.reduce((a, b) => Math.max(a, b))),
  SUM: values => (values.length === 0 ? undefined : values.reduce((a, b) => a + b, 0)),
  AVG: values => (values.length === 0 ? undefined : values.reduce((a, b) => a + b, 0) / values.length),
};

const columnNames: Readonly<Record<string, string>> = { MIN: 'Minimum', MAX: 'Maximum', SUM: 'Sum', AVG: 'Average' };

export function tableView(): View {
  const element = h('div', { class: 'table-wrap', tabindex: '0' });
  return {
    element,
    draw: ({ spec, series, title }) => {
      element.setAttribute('aria-label', title);
      element.replaceChildren(spec.table.vertical ? vertical(spec, series) : horizontal(spec, series));
    },
    destroy: () => undefined,
  };
}

function horizontal(spec: MetricSpec, series: readonly RowSeries[]): HTMLElement {
  const summary = spec.table.summary.filter(name => summaries[name] !== undefined);
  const head = ['Last', ...summary.map(name => columnNames[name] ?? name)];
  return h(
    'table',
    { class: 'data' },
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Metric'), ...head.map(name => h('th', { scope: 'col', class: 'num' }, name)))),
    h(
      'tbody',
      {},
      ...series.map(each =>
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, each.label),
          cell(spec, each.values.at(-1), each.unit),
          ...summary.map(name => cell(spec, summaries[name]?.(each.values), each.unit)),
        ),
      ),
    ),
  );
}

/** Times down, metrics across, newest first; at most 200 times. */
function vertical(spec: MetricSpec, series: readonly RowSeries[]): HTMLElement {
  const times = [...new Set(series.flatMap(each => each.timestamps))].sort((a, b) => b - a).slice(0, spec.table.showSeries ? 200 : 1);
  const values = series.map(each => new Map(each.timestamps.map((at, index) => [at, each.values[index]])));
  return h(
    'table',
    { class: 'data' },
    h(
      'thead',
      {},
      h('tr', {}, h('th', { scope: 'col' }, 'Time'), ...series.map(each => h('th', { scope: 'col', class: 'num' }, each.label))),
    ),
    h(
      'tbody',
      {},
      ...times.map(at =>
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, formatMoment(at, zone.get())),
          ...series.map((each, index) => cell(spec, values[index]?.get(at), each.unit)),
        ),
      ),
    ),
  );
}

const crosses = (mark: HorizontalMark, value: number) =>
  mark.fill === 'above' ? value >= mark.value : mark.fill === 'below' ? value <= mark.value : false;

/** A value beyond a threshold carries its colour and a mark, so that it is seen without colour too. */
function cell(spec: MetricSpec, value: number | undefined, unit: string | undefined): HTMLElement {
  const mark = value === undefined ? undefined : spec.horizontal.find(each => crosses(each, value));
  const style = mark === undefined ? {} : { '--mark': plainColor(mark.color) ?? 'var(--alarm)' };
  return h('td', { class: mark === undefined ? 'num' : 'num crossed', style, title: mark?.label }, spelled(value, unit));
}
