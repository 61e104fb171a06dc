/** Names of series: CloudWatch's dynamic labels, and the shortest name that tells rows apart. Pure. */
import { formatNumber } from '../format.ts';
import type { MetricRow } from './shorthand.ts';

interface Values {
  readonly values: readonly number[];
}

const statistics: Readonly<Record<string, (values: readonly number[]) => number | undefined>> = {
  LAST: values => values.at(-1),
  FIRST: values => values[0],
  MIN: values => (values.length === 0 ? undefined : values.reduce((a, b) => Math.min(a, b))),
  MAX: values => (values.length === 0 ? undefined : values.reduce((a, b) => Math.max(a, b))),
  AVG: values => (values.length === 0 ? undefined : values.reduce((a, b) => a + b, 0) / values.length),
  SUM: values => values.reduce((a, b) => a + b, 0),
  RANGE: values => (values.length === 0 ? undefined : values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b))),
  DATAPOINT_COUNT: values => values.length,
};

/** Puts in `${LAST}`, `${PROP('Dim.Strategy')}` and the like; unknown ones stay as they are. */
export function dynamicLabel(template: string, row: MetricRow, series: Values): string {
  return template.replace(/\$\{([^}]+)\}/g, (whole, inside: string) => {
    const statistic = statistics[inside.trim()];
    if (statistic !== undefined) {
      const value = statistic(series.values);
      return value === undefined ? '–' : formatNumber(value);
    }
    const property = /^PROP\(\s*['"]([^'"]+)['"]\s*\)$/.exec(inside.trim())?.[1];
    return (property === undefined ? undefined : propertyOf(row, property)) ?? whole;
  });
}

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
