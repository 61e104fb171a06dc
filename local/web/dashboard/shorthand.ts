/**
 * The `metrics` array of a metric widget, written out: `.` repeats the value above it, `...` all values up to where the
 * row's own begin. Each row gets an id, so that it can be asked for. Pure.
 */

export interface MetricRow {
  readonly id: string;
  /** What to call it when nothing else does: metric name or expression. */
  readonly name: string;
  readonly label?: string;
  readonly color?: string;
  readonly visible: boolean;
  readonly yAxis: 'left' | 'right';
  readonly stat: string;
  readonly periodSeconds: number;
  readonly source:
    | {
        readonly kind: 'metric';
        readonly namespace: string;
        readonly metricName: string;
        readonly dimensions: Readonly<Record<string, string>>;
      }
    | { readonly kind: 'expression'; readonly expression: string };
}

interface Defaults {
  readonly stat: string;
  readonly periodSeconds: number;
}

type Bag = Readonly<Record<string, unknown>>;

export function expandMetrics(rows: readonly unknown[], defaults: Defaults): MetricRow[] {
  const out: MetricRow[] = [];
  const taken = new Set(rows.flatMap(row => (Array.isArray(row) ? [optionsOf(row)['id']] : [])).filter(id => typeof id === 'string'));
  let above: readonly string[] = [];
  for (const [index, row] of rows.entries()) {
    if (!Array.isArray(row)) continue;
    const options = optionsOf(row);
    const own = row.filter((part): part is string => typeof part === 'string');
    const words = writeOut(own, above);
    if (words.length > 0) above = words;
    const id = typeof options['id'] === 'string' ? options['id'] : freeId(index, taken);
    const read = readRow({ id, words, options, defaults });
    if (read !== undefined) out.push(read);
  }
  return out;
}

const optionsOf = (row: readonly unknown[]): Bag => {
  const last = row.at(-1);
  return typeof last === 'object' && last !== null ? (last as Bag) : {};
};

function freeId(index: number, taken: Set<unknown>): string {
  let id = `auto${index}`;
  while (taken.has(id)) id = `${id}x`;
  taken.add(id);
  return id;
}

/** `['...', 'x']` under `[ns, name, dim, 'a']` is `[ns, name, dim, 'x']`. */
function writeOut(own: readonly string[], above: readonly string[]): string[] {
  const dots = own.indexOf('...');
  const aligned = dots < 0 ? own : [...above.slice(0, Math.max(0, above.length - (own.length - dots - 1))), ...own.slice(dots + 1)];
  return aligned.map((word, index) => (word === '.' ? (above[index] ?? word) : word));
}

function readRow(given: {
  readonly id: string;
  readonly words: readonly string[];
  readonly options: Bag;
  readonly defaults: Defaults;
}): MetricRow | undefined {
  const { id, words, options, defaults } = given;
  const string = (key: string) => (typeof options[key] === 'string' ? (options[key] as string) : undefined);
  const label = string('label');
  const color = string('color');
  const common = {
    id,
    ...(label === undefined ? {} : { label }),
    ...(color === undefined ? {} : { color }),
    visible: options['visible'] !== false,
    yAxis: options['yAxis'] === 'right' ? ('right' as const) : ('left' as const),
    stat: string('stat') ?? defaults.stat,
    periodSeconds: typeof options['period'] === 'number' ? options['period'] : defaults.periodSeconds,
  };
  const expression = string('expression');
  if (expression !== undefined) return { ...common, name: label ?? expression, source: { kind: 'expression', expression } };
  const [namespace, metricName, ...pairs] = words;
  if (namespace === undefined || metricName === undefined) return undefined;
  const dimensions: Record<string, string> = {};
  for (let at = 0; at + 1 < pairs.length; at += 2) dimensions[pairs[at] ?? ''] = pairs[at + 1] ?? '';
  return { ...common, name: metricName, source: { kind: 'metric', namespace, metricName, dimensions } };
}
