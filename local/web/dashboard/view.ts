/** What every way of showing a metric widget offers to the loader. */
import { h } from '../dom.ts';
import { spell, withUnit } from '../format.ts';
import type { MetricSpec } from './model.ts';
import type { TimeRange } from './period.ts';
import type { RowSeries } from './results.ts';

export interface MetricData {
  readonly title: string;
  readonly spec: MetricSpec;
  readonly series: readonly RowSeries[];
  readonly range: TimeRange;
}

export interface View {
  readonly element: HTMLElement;
  draw(data: MetricData): void;
  destroy(): void;
}

/** `12.3 ms`, or all digits when the widget asks for full precision. */
export function valueWords(value: number, unit: string | undefined, full: boolean): { readonly number: string; readonly unit: string } {
  const short = withUnit(value, unit);
  if (!full) return short;
  const number = value.toLocaleString('en-US', { maximumFractionDigits: 10 }).replace('-', '−');
  return { number, unit: unit === undefined || unit === 'None' || unit === 'Count' ? '' : short.unit };
}

export function bigNumber(value: number | undefined, unit: string | undefined, full = false): HTMLElement {
  if (value === undefined) return h('span', { class: 'big none' }, 'no data');
  const words = valueWords(value, unit, full);
  return h('span', { class: 'big' }, words.number, words.unit === '' ? null : h('small', {}, words.unit));
}

export const spelled = (value: number | undefined, unit: string | undefined): string =>
  value === undefined ? '–' : spell(withUnit(value, unit));
