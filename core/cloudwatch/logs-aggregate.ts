import { type Expression, type Row, readExpression, type Value, valueNumber } from './logs-expression.ts';
import type { Scanner } from './syntax.ts';

/** One column of `stats`. */
export interface Aggregation {
  readonly name: string;
  readonly of: (rows: readonly Row[]) => Value;
}

/** Reads `count(*) as n`, `pct(latencyMs, 99)`, `latest(@message)`. */
export function readAggregation(scanner: Scanner, readAlias: (scanner: Scanner) => string | undefined): Aggregation {
  scanner.skipSpace();
  const start = scanner.position();
  const name = scanner.match(/[a-z_]+(?=\s*\()/iy)?.toLowerCase();
  if (name === undefined) return scanner.fail('stats takes aggregations such as count(*), sum(x), avg(x), min(x), max(x), pct(x, 99)');
  scanner.skipSpace();
  scanner.expect('(', `${name} is followed by (`);
  scanner.skipSpace();
  const args: Expression[] = [];
  if (!scanner.take('*') && !scanner.sees(')')) {
    args.push(readExpression(scanner));
    for (scanner.skipSpace(); scanner.take(','); scanner.skipSpace()) args.push(readExpression(scanner));
  }
  scanner.skipSpace();
  scanner.expect(')', 'an opened parenthesis is closed');
  const written = scanner.text.slice(start, scanner.position());
  const of = aggregationOf(scanner, name, args, start);
  return { name: readAlias(scanner) ?? written, of };
}

function aggregationOf(scanner: Scanner, name: string, args: readonly Expression[], start: number): Aggregation['of'] {
  const values = (rows: readonly Row[]): readonly Value[] => rows.map(row => args[0]?.(row) ?? null).filter(value => value !== null);
  const numbers = (rows: readonly Row[]): readonly number[] => values(rows).flatMap(value => valueNumber(value) ?? []);
  const over =
    (change: (numbers: readonly number[]) => number): Aggregation['of'] =>
    rows =>
      numbers(rows).length === 0 ? null : change(numbers(rows));
  switch (name) {
    case 'count':
      return rows => (args.length === 0 ? rows.length : values(rows).length);
    case 'count_distinct':
      return rows => new Set(values(rows).map(String)).size;
    case 'sum':
      return over(sum);
    case 'avg':
      return over(list => sum(list) / list.length);
    case 'min':
      return over(list => list.reduce((a, b) => Math.min(a, b)));
    case 'max':
      return over(list => list.reduce((a, b) => Math.max(a, b)));
    case 'stddev':
      return over(list => Math.sqrt(sum(list.map(value => (value - sum(list) / list.length) ** 2)) / list.length));
    case 'median':
      return over(list => percentile(list, 50));
    case 'pct':
    case 'percentile':
      return rows =>
        numbers(rows).length === 0 ? null : percentile(numbers(rows), valueNumber(rows[0] === undefined ? null : args[1]?.(rows[0])) ?? 50);
    case 'earliest':
      return rows => firstBy(rows, (a, b) => a < b, args[0]);
    case 'latest':
      return rows => firstBy(rows, (a, b) => a >= b, args[0]);
    default:
      return scanner.fail(`${name} is not an aggregation that is known here`, start);
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Quantile type 7, as numpy. */
function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = ((sorted.length - 1) * percent) / 100;
  const below = sorted[Math.floor(position)] ?? 0;
  return below + ((sorted[Math.ceil(position)] ?? below) - below) * (position - Math.floor(position));
}

function firstBy(rows: readonly Row[], isBefore: (a: number, b: number) => boolean, expression: Expression | undefined): Value {
  let best: Row | undefined;
  for (const row of rows) {
    if ((expression?.(row) ?? null) === null) continue;
    if (best === undefined || isBefore(Number(row.get('@atMs')), Number(best.get('@atMs')))) best = row;
  }
  return best === undefined ? null : (expression?.(best) ?? null);
}

/** Groups rows by the values of expressions; one row per group in order of appearance, and one row for no groups at all. */
export function aggregate(
  rows: readonly Row[],
  aggregations: readonly Aggregation[],
  by: readonly { readonly name: string; readonly expression: Expression }[],
): Row[] {
  const groups = new Map<string, { readonly keys: readonly Value[]; readonly rows: Row[] }>();
  if (by.length === 0) groups.set('', { keys: [], rows: [...rows] });
  else {
    for (const row of rows) {
      const keys = by.map(column => column.expression(row));
      const key = JSON.stringify(keys);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { keys, rows: [row] });
      else group.rows.push(row);
    }
  }
  return [...groups.values()].map(group => {
    const values = new Map<string, Value>();
    for (const [at, column] of by.entries()) values.set(column.name, group.keys[at] ?? null);
    for (const aggregation of aggregations) values.set(aggregation.name, aggregation.of(group.rows));
    return {
      get: (name: string) => values.get(name),
      set: (name: string, value: Value) => {
        values.set(name, value);
      },
    };
  });
}
