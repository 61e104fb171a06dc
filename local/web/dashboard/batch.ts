/**
 * Puts the series of many widgets into few requests. Ids are made unique by a prefix per widget, also inside expressions. Pure.
 */
import type { SeriesQuery } from '../api.ts';
import type { TimeRange } from './period.ts';
import type { MetricRow } from './shorthand.ts';

export interface Wanted {
  /** Unique among the widgets of one load, letters and digits only. */
  readonly key: string;
  readonly rows: readonly MetricRow[];
  /** The widget's own range, or the page's. */
  readonly range?: TimeRange;
  /** Seconds; one for all rows, or each row's own when absent. */
  readonly periodSeconds: (row: MetricRow) => number;
  /** Points that the drawing can use; absent means all. */
  readonly points?: number;
}

export interface Batch {
  readonly queries: readonly SeriesQuery[];
  readonly keys: readonly string[];
}

const prefixed = (key: string, id: string) => `${key}_${id}`;

/** Renames the ids that an expression uses; text in quotes and names of functions stay. */
export function renameIds(expression: string, ids: ReadonlySet<string>, rename: (id: string) => string): string {
  return expression.replace(/'[^']*'|"[^"]*"|[A-Za-z_][A-Za-z0-9_]*/g, word => (ids.has(word) ? rename(word) : word));
}

/** The same rows, each as one value over the whole range. */
export function wholeRows(rows: readonly MetricRow[]): MetricRow[] {
  const ids = new Set(rows.map(({ id }) => id));
  return rows.map(row => {
    const { source } = row;
    const whole = { ...row, id: wholeId(row.id), isWhole: true };
    return source.kind === 'metric' ? whole : { ...whole, source: { ...source, expression: renameIds(source.expression, ids, wholeId) } };
  });
}

const wholeId = (id: string) => `${id}Whole`;

export function queriesOf(wanted: Wanted): SeriesQuery[] {
  const ids = new Set(wanted.rows.map(row => row.id));
  return wanted.rows.map(row => {
    const period = wanted.periodSeconds(row);
    const id = prefixed(wanted.key, row.id);
    const label = row.label === undefined ? {} : { label: row.label };
    const points = wanted.points === undefined ? {} : { points: wanted.points };
    const whole = row.isWhole === true ? { isWhole: true } : {};
    const common = { id, period, ...label, ...points, ...whole, returnData: row.visible };
    return row.source.kind === 'expression'
      ? { ...common, expression: renameIds(row.source.expression, ids, each => prefixed(wanted.key, each)) }
      : {
          ...common,
          namespace: row.source.namespace,
          metricName: row.source.metricName,
          dimensions: row.source.dimensions,
          stat: row.stat,
        };
  });
}

/** An expression that reads "all metrics of this request" must not see those of its neighbours. */
const seesAll = (wanted: Wanted) =>
  wanted.rows.some(row => row.source.kind === 'expression' && /\bMETRICS\s*\(/i.test(row.source.expression));

export function batches(all: readonly Wanted[], limit = 200): Batch[] {
  const out: { queries: SeriesQuery[]; keys: string[] }[] = [];
  let open: { queries: SeriesQuery[]; keys: string[] } | undefined;
  for (const wanted of all) {
    const queries = queriesOf(wanted);
    if (seesAll(wanted)) {
      out.push({ queries, keys: [wanted.key] });
      continue;
    }
    if (open === undefined || open.queries.length + queries.length > limit) {
      open = { queries: [], keys: [] };
      out.push(open);
    }
    open.queries.push(...queries);
    open.keys.push(wanted.key);
  }
  return out;
}

/** The row that a result belongs to; undefined when the id is not one of this widget's. */
export const rowIdOf = (key: string, id: string): string | undefined => (id.startsWith(`${key}_`) ? id.slice(key.length + 1) : undefined);
