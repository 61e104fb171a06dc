/** Names of series: CloudWatch's dynamic labels, and the shortest name that tells rows apart. Pure. */
import { formatClock, formatNumber, type Zone } from '../format.ts';
import type { MetricRow } from './shorthand.ts';

interface Values {
  readonly values: readonly number[];
  /** Milliseconds; without them, moments are dashes. */
  readonly timestamps?: readonly number[];
}

const least = (values: readonly number[]): number => values.reduce((low, value, at) => (value < values[low]! ? at : low), 0);
const most = (values: readonly number[]): number => values.reduce((high, value, at) => (value > values[high]! ? at : high), 0);

/** Which point a statistic of one point speaks of. */
const places: Readonly<Record<string, (values: readonly number[]) => number>> = {
  FIRST: () => 0,
  LAST: values => values.length - 1,
  MIN: least,
  MAX: most,
};

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

const aggregates: Readonly<Record<string, (values: readonly number[]) => number>> = {
  AVG: values => sum(values) / values.length,
  SUM: sum,
  RANGE: values => values[most(values)]! - values[least(values)]!,
};

/** Text of `${…}` without its brackets; undefined when CloudWatch knows no such thing. */
function spoken(inside: string, row: MetricRow, { values, timestamps }: Values, zone: Zone): string | undefined {
  if (inside === 'DATAPOINT_COUNT') return String(values.length);
  const [, name = '', timed] = /^([A-Z]+?)(_TIME(?:_RELATIVE)?)?$/.exec(inside) ?? [];
  const place = places[name];
  if (place !== undefined) {
    if (values.length === 0) return '–';
    const at = place(values);
    if (timed === undefined) return formatNumber(values[at]!);
    const ms = timestamps?.[at];
    return ms === undefined ? '–' : formatClock(ms, zone);
  }
  const aggregate = timed === undefined ? aggregates[name] : undefined;
  if (aggregate !== undefined) return values.length === 0 ? '–' : formatNumber(aggregate(values));
  const property = /^PROP\(\s*['"]([^'"]+)['"]\s*\)$/.exec(inside)?.[1];
  return property === undefined ? undefined : propertyOf(row, property);
}

/** Puts in `${LAST}`, `${MAX_TIME}`, `${PROP('Dim.Strategy')}` and the like; unknown ones stay as they are. */
export function dynamicLabel(template: string, row: MetricRow, series: Values, zone: Zone = 'utc'): string {
  return template.replace(/\$\{([^}]+)\}/g, (whole, inside: string) =>
    inside.trim() === 'LABEL' ? row.name : (spoken(inside.trim(), row, series, zone) ?? whole),
  );
}

/** Whether the label speaks of all points, so that none may be left out. */
export const needsEveryPoint = (label: string | undefined): boolean => /\$\{\s*(?:AVG|SUM|DATAPOINT_COUNT|[A-Z]+_TIME)/.test(label ?? '');

function propertyOf(row: MetricRow, name: string): string | undefined {
  if (name === 'Stat') return row.stat;
  if (name === 'Period') return String(row.periodSeconds);
  if (row.source.kind !== 'metric') return undefined;
  if (name === 'MetricName') return row.source.metricName;
  if (name === 'Namespace') return row.source.namespace;
  return name.startsWith('Dim.') ? row.source.dimensions[name.slice(4)] : undefined;
}

/** A label per row: its own, else what tells it apart from its neighbours (dimension values, then statistic), else its name. */
export function rowLabels(rows: readonly MetricRow[]): string[] {
  const names = new Set(rows.map(row => row.name));
  const stats = new Set(rows.map(row => row.stat));
  const dimensions = (row: MetricRow) => (row.source.kind === 'metric' ? row.source.dimensions : {});
  const keys = [...new Set(rows.flatMap(row => Object.keys(dimensions(row))))];
  const telling = keys.filter(key => new Set(rows.map(row => dimensions(row)[key])).size > 1);
  return rows.map(row => {
    if (row.label !== undefined) return row.label;
    const parts = telling.map(key => dimensions(row)[key]).filter(value => value !== undefined);
    if (names.size > 1) parts.unshift(row.name);
    if (stats.size > 1) parts.push(row.stat);
    return parts.length > 0 ? parts.join(' ') : row.name;
  });
}

/** What a series is remembered by while it is hidden: its label, and which of that label it is. */
export function seriesKeys(series: readonly { readonly label: string }[]): string[] {
  const seen = new Map<string, number>();
  return series.map(({ label }) => {
    const count = (seen.get(label) ?? 0) + 1;
    seen.set(label, count);
    return count === 1 ? label : `${label} #${count}`;
  });
}
