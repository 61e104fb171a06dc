/** Big numbers with a sparkline, and gauges. */
import { h, svg } from '../dom.ts';
import { formatShort } from '../format.ts';
import { bodyColor, plainColor, seriesColor } from '../palette.ts';
import { theme } from '../theme.ts';
import type { HorizontalMark } from './model.ts';
import type { RowSeries } from './results.ts';
import { bigNumber, type MetricData, type View, valueWords } from './view.ts';

export function numberView(): View {
  const element = h('div', { class: 'numbers' });
  return {
    element,
    draw: ({ spec, series, range }) => {
      const many = series.length;
      element.dataset['many'] = many > 4 ? 'many' : String(many);
      element.replaceChildren(
        ...series.map((each, index) => {
          const value = spec.wholeRange ? each.whole : each.values.at(-1);
          const color = bodyColor(each.row.color, theme.get()) ?? seriesColor(index, theme.get());
          return h(
            'div',
            { class: 'number' },
            h('span', { class: 'number-label', title: each.label }, many > 1 || each.row.label !== undefined ? each.label : ''),
            bigNumber(value, each.unit, spec.fullPrecision),
            spec.sparkline ? sparkline(each, range, color) : null,
          );
        }),
      );
    },
    destroy: () => undefined,
  };
}

/** A line without axes, at most 160 points; the newest value is a dot. */
export function sparkline(series: RowSeries, range: { readonly fromMs: number; readonly toMs: number }, color: string): SVGElement {
  const width = 200;
  const height = 36;
  const { timestamps, values } = series;
  const stride = Math.max(1, Math.floor(values.length / 160));
  const kept = values
    .map((value, index) => ({ value, at: timestamps[index] ?? 0, index }))
    .filter(({ index }) => index % stride === 0 || index === values.length - 1);
  const low = kept.reduce((a, { value }) => Math.min(a, value), Number.POSITIVE_INFINITY);
  const high = kept.reduce((a, { value }) => Math.max(a, value), Number.NEGATIVE_INFINITY);
  const x = (at: number) => ((at - range.fromMs) / (range.toMs - range.fromMs)) * (width - 6) + 2;
  const y = (value: number) => (high === low ? height / 2 : height - 4 - ((value - low) / (high - low)) * (height - 8));
  const path = kept.map(({ at, value }, index) => `${index === 0 ? 'M' : 'L'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join('');
  const last = kept.at(-1);
  const first = kept[0];
  return svg(
    'svg',
    { class: 'sparkline', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true', style: { color } },
    last === undefined || first === undefined
      ? null
      : svg('path', { class: 'spark-area', d: `${path}L${x(last.at).toFixed(1)} ${height}L${x(first.at).toFixed(1)} ${height}Z` }),
    svg('path', { class: 'spark-line', d: path === '' ? 'M0 0' : path }),
  );
}

export function gaugeView(): View {
  const element = h('div', { class: 'gauges' });
  return {
    element,
    draw: data => {
      element.replaceChildren(...data.series.map((each, index) => gauge(each, index, data)));
    },
    destroy: () => undefined,
  };
}

/** Half a circle and a bit: from 200° over the top to −20°. */
const sweep = { from: Math.PI * (200 / 180), to: Math.PI * (-20 / 180) };
const center = { x: 100, y: 92 };

function pointAt(share: number, radius: number): readonly [number, number] {
  const angle = sweep.from + (sweep.to - sweep.from) * share;
  return [center.x + radius * Math.cos(angle), center.y - radius * Math.sin(angle)];
}

function arc(from: number, to: number, radius: number): string {
  const [x1, y1] = pointAt(from, radius);
  const [x2, y2] = pointAt(to, radius);
  const large = (to - from) * 220 > 180 ? 1 : 0;
  return `M${x1.toFixed(2)} ${y1.toFixed(2)}A${radius} ${radius} 0 ${large} 1 ${x2.toFixed(2)} ${y2.toFixed(2)}`;
}

function gauge(series: RowSeries, index: number, { spec }: MetricData): HTMLElement {
  const value = spec.wholeRange ? series.whole : series.values.at(-1);
  const min = spec.left.min ?? 0;
  const max = spec.left.max ?? 100;
  const share = (of: number) => Math.min(1, Math.max(0, (of - min) / (max - min || 1)));
  const breached = value === undefined ? undefined : spec.horizontal.find(mark => isIn(mark, value));
  const color =
    breached === undefined
      ? (bodyColor(series.row.color, theme.get()) ?? seriesColor(index, theme.get()))
      : (plainColor(breached.color) ?? 'var(--alarm)');
  const label = series.label;
  return h(
    'figure',
    { class: 'gauge' },
    svg(
      'svg',
      {
        viewBox: '0 0 200 128',
        role: 'img',
        'aria-label': `${label}: ${value === undefined ? 'no data' : formatShort(value)} on a scale from ${formatShort(min)} to ${formatShort(max)}`,
      },
      svg('path', { class: 'gauge-track', d: arc(0, 1, 80) }),
      ...spec.horizontal.map(mark => band(mark, share)),
      value === undefined
        ? null
        : svg('path', {
            class: 'gauge-value',
            d: arc(...span(share(value), share(Math.min(max, Math.max(min, 0)))), 80),
            style: { stroke: color },
          }),
      ...spec.horizontal.map(mark => tick(share(mark.value))),
      value === undefined ? null : needle(share(value)),
      gaugeNumber(value, series.unit),
      svg('text', { class: 'gauge-end', x: '25', y: '126', 'text-anchor': 'middle' }, formatShort(min)),
      svg('text', { class: 'gauge-end', x: '175', y: '126', 'text-anchor': 'middle' }, formatShort(max)),
    ),
    h('figcaption', { title: label }, label, breached === undefined ? null : ` · ${breached.label ?? 'beyond the limit'}`),
  );
}

function gaugeNumber(value: number | undefined, unit: string | undefined): SVGElement {
  if (value === undefined) return svg('text', { class: 'gauge-number none', x: center.x, y: 92 }, 'no data');
  const words = valueWords(value, unit, false);
  return svg(
    'text',
    { class: 'gauge-number', x: center.x, y: 96 },
    words.number,
    words.unit === '' ? null : svg('tspan', { class: 'gauge-unit', dx: 3 }, words.unit),
  );
}

/** From zero to the value, whichever is smaller first; at least a sliver. */
const span = (value: number, zero: number): readonly [number, number] => [
  Math.min(value, zero),
  Math.max(value, zero, Math.min(value, zero) + 0.004),
];

function isIn(mark: HorizontalMark, value: number): boolean {
  if (mark.to !== undefined) return value >= Math.min(mark.value, mark.to.value) && value <= Math.max(mark.value, mark.to.value);
  return mark.fill === 'above' ? value >= mark.value : mark.fill === 'below' ? value <= mark.value : false;
}

function band(mark: HorizontalMark, share: (of: number) => number): SVGElement | null {
  const at = share(mark.value);
  const edges: readonly [number, number] | undefined =
    mark.to !== undefined
      ? [Math.min(at, share(mark.to.value)), Math.max(at, share(mark.to.value))]
      : mark.fill === 'above'
        ? [at, 1]
        : mark.fill === 'below'
          ? [0, at]
          : undefined;
  if (edges === undefined || edges[1] - edges[0] < 0.002) return null;
  return svg('path', { class: 'gauge-band', d: arc(edges[0], edges[1], 91), style: { stroke: plainColor(mark.color) ?? 'var(--alarm)' } });
}

function tick(share: number): SVGElement {
  const [x1, y1] = pointAt(share, 70);
  const [x2, y2] = pointAt(share, 95);
  return svg('line', { class: 'gauge-tick', x1, y1, x2, y2 });
}

function needle(share: number): SVGElement {
  const [x, y] = pointAt(share, 80);
  return svg('circle', { class: 'gauge-needle', cx: x, cy: y, r: '6' });
}
