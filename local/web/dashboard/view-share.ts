/** Bars and pies: one value for each series. */
import { h, svg } from '../dom.ts';
import { bodyColor, seriesColor } from '../palette.ts';
import { theme } from '../theme.ts';
import { type MetricData, spelled, type View } from './view.ts';

interface Slice {
  readonly label: string;
  readonly color: string;
  readonly value: number | undefined;
  readonly unit?: string;
}

const slicesOf = ({ series, spec }: MetricData): Slice[] =>
  series.map((each, index) => ({
    label: each.label,
    color: bodyColor(each.row.color, theme.get()) ?? seriesColor(index, theme.get()),
    value: spec.wholeRange ? each.whole : each.values.at(-1),
    ...(each.unit === undefined ? {} : { unit: each.unit }),
  }));

const colored = (slices: readonly { readonly label: string; readonly value: number }[]): Slice[] =>
  slices.map((each, index) => ({ ...each, color: seriesColor(index, theme.get()) }));

/** Bars of plain values. */
export const drawBars = (host: HTMLElement, slices: readonly { readonly label: string; readonly value: number }[]): void =>
  bars(host, colored(slices), 0);

export const drawPie = (host: HTMLElement, slices: readonly { readonly label: string; readonly value: number }[]): void =>
  pie(host, colored(slices));

export function barView(): View {
  const element = h('div', { class: 'bars' });
  return { element, draw: data => bars(element, slicesOf(data), data.spec.left.max ?? 0), destroy: () => undefined };
}

export function pieView(): View {
  const element = h('div', { class: 'pie' });
  return { element, draw: data => pie(element, slicesOf(data)), destroy: () => undefined };
}

function bars(host: HTMLElement, slices: readonly Slice[], most: number): void {
  const low = Math.min(0, ...slices.map(each => each.value ?? 0));
  const high = Math.max(0, most, ...slices.map(each => each.value ?? 0));
  const share = (value: number) => ((value - low) / (high - low || 1)) * 100;
  host.replaceChildren(
    ...slices.map(({ label, color, value, unit }) => {
      const from = Math.min(share(0), share(value ?? 0));
      const to = Math.max(share(0), share(value ?? 0));
      return h(
        'div',
        { class: 'bar-row' },
        h('span', { class: 'bar-label', title: label }, label),
        h(
          'span',
          { class: 'bar-track' },
          h('span', { class: 'bar', style: { left: `${from}%`, width: `${Math.max(0.4, to - from)}%`, background: color } }),
        ),
        h('span', { class: 'bar-value' }, spelled(value, unit)),
      );
    }),
  );
}

function pie(host: HTMLElement, slices: readonly Slice[]): void {
  const total = slices.reduce((sum, each) => sum + Math.max(0, each.value ?? 0), 0);
  host.replaceChildren(ring(slices, total), pieLegend(slices, total));
}

const around = 2 * Math.PI * 40;

function ring(slices: readonly Slice[], total: number): SVGElement {
  let before = 0;
  const parts = slices.map(({ value, color }) => {
    const part = total === 0 ? 0 : Math.max(0, value ?? 0) / total;
    const gap = part > 0.02 && part < 1 ? 1.5 : 0;
    const circle = svg('circle', {
      cx: '50',
      cy: '50',
      r: '40',
      'stroke-dasharray': `${Math.max(0, part * around - gap)} ${around}`,
      'stroke-dashoffset': String(-before * around),
      style: { stroke: color },
    });
    before += part;
    return circle;
  });
  return svg(
    'svg',
    { class: 'ring', viewBox: '0 0 100 100', 'aria-hidden': 'true' },
    svg('circle', { class: 'ring-track', cx: '50', cy: '50', r: '40' }),
    ...parts,
  );
}

const pieLegend = (slices: readonly Slice[], total: number) =>
  h(
    'ul',
    { class: 'pie-legend' },
    ...slices.map(({ label, unit, color, value }) =>
      h(
        'li',
        {},
        h('span', { class: 'swatch', style: { '--swatch': color } }),
        h('span', { class: 'legend-name', title: label }, label),
        h('span', { class: 'legend-value' }, spelled(value, unit)),
        h(
          'span',
          { class: 'legend-share' },
          value === undefined || total === 0 ? '' : `${Math.round((Math.max(0, value) / total) * 100)}%`,
        ),
      ),
    ),
  );
