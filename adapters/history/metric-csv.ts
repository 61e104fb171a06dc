/**
 * Metric points out of a CSV file with a header: `timestamp,namespace,metric,dimensions,value` and, optionally, `count` (times that the
 * value occurred) and `seen` (when the point arrived). Dimensions are `Name=Value`, several with `;` between. Times are ISO 8601 (UTC when
 * they name no zone), or seconds or milliseconds since 1970. Each line is a sample; lines may be in any order.
 */
import { type BacktestHistory, frozenReader } from '../../core/backtest/history.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { createSeriesStore } from '../../core/series/series-store.ts';
import type { EpochMs } from '../../core/time/instant.ts';

export interface CsvProblem {
  readonly line: number;
  readonly message: string;
}

const MINUTE = 60_000;
const required = ['timestamp', 'namespace', 'metric', 'value'] as const;
const others = ['dimensions', 'count', 'seen'] as const;
type Column = (typeof required)[number] | (typeof others)[number];

/** The history of a file's lines, or the first line that cannot be read. */
export async function csvHistory(
  lines: AsyncIterable<string> | Iterable<string>,
  name: string,
): Promise<Result<BacktestHistory, CsvProblem>> {
  const store = createSeriesStore();
  const known = new Set<string>();
  let columns: ReadonlyMap<Column, number> | undefined;
  let fromMs = Number.POSITIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;
  let line = 0;
  for await (const text of lines) {
    line += 1;
    if (text.trim() === '') continue;
    if (columns === undefined) {
      const header = readHeader(line === 1 ? text.replace(/^\uFEFF/, '') : text);
      if (!header.ok) return err({ line, message: header.error });
      columns = header.value;
      continue;
    }
    const point = readPoint(fieldsOf(text), columns);
    if (!point.ok) return err({ line, message: point.error });
    const { namespace, metric, dimensions, atMs, value, count, seenMs } = point.value;
    store.put(namespace, metric, dimensions, atMs, { values: [value], counts: [count] }, seenMs);
    known.add(`${namespace}\n${metric}`);
    fromMs = Math.min(fromMs, atMs);
    lastMs = Math.max(lastMs, seenMs);
  }
  if (lastMs === Number.NEGATIVE_INFINITY) return err({ line: Math.max(line, 1), message: 'there is no point in it' });
  const toMs = Math.floor(lastMs / MINUTE) * MINUTE + MINUTE;
  return ok({
    ...frozenReader(store, { fromMs: fromMs - 2 * 86_400_000, toMs: toMs + MINUTE }),
    fromMs,
    toMs,
    knows: ({ namespace, metricName }) => known.has(`${namespace}\n${metricName}`),
    source: `points ${name}`,
    fidelity: ['each line counts as one sample: percentiles of points that were already averaged are percentiles of averages'],
  });
}

function readHeader(text: string): Result<ReadonlyMap<Column, number>, string> {
  const names = fieldsOf(text).map(field => aliases[field.trim().toLowerCase()] ?? field.trim().toLowerCase());
  const columns = new Map<Column, number>();
  for (const [at, name] of names.entries()) {
    if (![...required, ...others].includes(name as Column))
      return err(`unknown column "${name}"; columns are ${[...required, ...others].join(', ')}`);
    columns.set(name as Column, at);
  }
  const missing = required.filter(name => !columns.has(name));
  return missing.length === 0 ? ok(columns) : err(`the header must name ${missing.join(', ')}`);
}

const aliases: Readonly<Record<string, Column>> = {
  time: 'timestamp',
  metricname: 'metric',
  metric_name: 'metric',
  dimension: 'dimensions',
};

interface Point {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly atMs: EpochMs;
  readonly value: number;
  readonly count: number;
  readonly seenMs: EpochMs;
}

function readPoint(fields: readonly string[], columns: ReadonlyMap<Column, number>): Result<Point, string> {
  const field = (column: Column): string => {
    const at = columns.get(column);
    return at === undefined ? '' : (fields[at] ?? '').trim();
  };
  const atMs = timeOf(field('timestamp'));
  if (atMs === undefined) return err(`timestamp must be a time; was "${field('timestamp')}"`);
  const value = field('value') === '' ? Number.NaN : Number(field('value'));
  if (!Number.isFinite(value)) return err(`value must be a number; was "${field('value')}"`);
  const count = field('count') === '' ? 1 : Number(field('count'));
  if (!(count > 0) || !Number.isFinite(count)) return err(`count must be above 0; was "${field('count')}"`);
  const seenMs = field('seen') === '' ? atMs : timeOf(field('seen'));
  if (seenMs === undefined) return err(`seen must be a time; was "${field('seen')}"`);
  if (field('namespace') === '' || field('metric') === '') return err('namespace and metric must not be empty');
  const dimensions: Record<string, string> = {};
  for (const part of field('dimensions').split(';')) {
    if (part.trim() === '') continue;
    const equals = part.indexOf('=');
    if (equals <= 0) return err(`dimensions are Name=Value with ; between; was "${part.trim()}"`);
    dimensions[part.slice(0, equals).trim()] = part.slice(equals + 1).trim();
  }
  return ok({ namespace: field('namespace'), metric: field('metric'), dimensions, atMs, value, count, seenMs: Math.max(seenMs, atMs) });
}

function timeOf(text: string): EpochMs | undefined {
  // Ten digits are seconds until the year 2286, thirteen are milliseconds.
  if (/^\d{9,10}$/.test(text)) return Number(text) * 1000;
  if (/^\d{12,13}$/.test(text)) return Number(text);
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?$/.exec(text);
  if (match === null) return undefined;
  const ms = Date.parse(`${match[1]}T${match[2]}${match[3] ?? 'Z'}`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Fields of a line; quotes around a field hold commas, and a doubled quote is one. */
function fieldsOf(text: string): readonly string[] {
  if (!text.includes('"')) return text.replace(/\r$/, '').split(',');
  return [...text.replace(/\r$/, '').matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(match =>
    match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'),
  );
}
