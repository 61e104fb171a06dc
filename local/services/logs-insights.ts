/**
 * The part of the Logs Insights language that the dashboards use: `fields`, `filter`, `sort`, `limit`, `parse` is not in it,
 * and `stats count(*) as n by field, bin(5m)`. A command that is not known is an error that names it.
 */
import { isoFromMs } from '../../core/time/instant.ts';
import { AwsError } from '../endpoint/errors.ts';

export interface InsightsRow {
  readonly atMs: number;
  readonly message: string;
  readonly stream: string;
  readonly group: string;
}

export interface InsightsResult {
  readonly fields: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly scanned: number;
  readonly matched: number;
}

type Row = Readonly<Record<string, unknown>>;
type Test = (row: Row) => boolean;

interface Aggregate {
  readonly name: string;
  readonly of: (rows: readonly Row[]) => number | string;
}

const malformed = (message: string) => new AwsError('MalformedQueryException', message);

/** Runs the query over the rows. Defaults as in CloudWatch: `fields @timestamp, @message`, newest first, 1,000 rows. */
export function runInsights(query: string, source: readonly InsightsRow[]): InsightsResult {
  let rows: readonly Row[] = source.map(fieldsOf);
  const scanned = rows.length;
  let matched = scanned;
  let columns: readonly string[] = ['@timestamp', '@message'];
  let isSorted = false;
  let limit = 1_000;
  for (const command of query.split(/\|(?=(?:[^"'/]*["'/][^"'/]*["'/])*[^"'/]*$)/).map(part => part.trim())) {
    if (command === '' || command.startsWith('#')) continue;
    const [verb, rest] = [command.split(/\s/, 1)[0]!.toLowerCase(), command.slice(command.split(/\s/, 1)[0]!.length).trim()];
    if (verb === 'fields' || verb === 'display') columns = splitList(rest).map(name => name.split(/\s+as\s+/i)[0]!.trim());
    else if (verb === 'filter') {
      rows = rows.filter(parseTest(rest));
      matched = rows.length;
    } else if (verb === 'sort') {
      rows = sorted(rows, rest);
      isSorted = true;
    } else if (verb === 'limit') limit = Number(rest);
    else if (verb === 'stats') {
      const result = aggregate(rows, rest);
      rows = result.rows;
      columns = result.columns;
      isSorted = true;
    } else if (verb === 'source') continue;
    else throw malformed(`"${verb}" is not supported by the local Logs Insights (fields, display, filter, sort, limit, stats)`);
  }
  if (!isSorted) rows = sorted(rows, '@timestamp desc');
  const shown = rows.slice(0, limit);
  return { fields: columns, rows: shown.map(row => columns.map(name => text(row[name]))), scanned, matched };
}

function fieldsOf(row: InsightsRow): Row {
  const base = { '@timestamp': timestamp(row.atMs), '@message': row.message, '@logStream': row.stream, '@log': row.group, '@ms': row.atMs };
  if (!row.message.startsWith('{')) return base;
  try {
    const json = JSON.parse(row.message) as Readonly<Record<string, unknown>>;
    return { ...flat(json, ''), ...base };
  } catch {
    return base;
  }
}

function flat(json: Readonly<Record<string, unknown>>, prefix: string): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(json)) {
    if (typeof value === 'object' && value !== null)
      Object.assign(result, flat(value as Readonly<Record<string, unknown>>, `${prefix}${name}.`));
    else result[prefix + name] = value;
  }
  return result;
}

const timestamp = (ms: number) => isoFromMs(ms).replace('T', ' ').replace('Z', '');
const text = (value: unknown) => (value === undefined || value === null ? '' : String(value));
const splitList = (list: string) => list.split(/,(?![^(]*\))/).map(part => part.trim());

function sorted(rows: readonly Row[], by: string): readonly Row[] {
  const [name, direction] = by.split(/\s+/);
  const sign = direction?.toLowerCase() === 'asc' ? 1 : -1;
  const key = name === '@timestamp' && rows[0]?.['@ms'] !== undefined ? '@ms' : (name ?? '@ms');
  return [...rows].sort((a, b) => sign * order(a[key], b[key]));
}

function order(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0;
}

/** `a = "x" and (b > 3 or c like /y/)`. */
function parseTest(source: string): Test {
  const tokens = source.match(/"[^"]*"|'[^']*'|\/(?:[^/\\]|\\.)+\/i?|\(|\)|!=|>=|<=|=~|=|>|<|\[|\]|,|[^\s()=<>!,[\]]+/g) ?? [];
  let position = 0;
  const next = () => tokens[position++];
  const isNext = (word: string) => tokens[position]?.toLowerCase() === word;
  const either = (): Test => {
    const terms = [both()];
    while (isNext('or')) {
      position += 1;
      terms.push(both());
    }
    return row => terms.some(term => term(row));
  };
  const both = (): Test => {
    const terms = [single()];
    while (isNext('and')) {
      position += 1;
      terms.push(single());
    }
    return row => terms.every(term => term(row));
  };
  const single = (): Test => {
    if (isNext('not')) {
      position += 1;
      const inner = single();
      return row => !inner(row);
    }
    if (isNext('(')) {
      position += 1;
      const inner = either();
      if (next() !== ')') throw malformed(`missing ")" in "${source}"`);
      return inner;
    }
    return comparison();
  };
  const comparison = (): Test => {
    const name = next() ?? '';
    const call = /^(ispresent|isblank)$/i.exec(name);
    if (call !== null && isNext('(')) {
      position += 1;
      const field = unquoted(next() ?? '');
      position += 1;
      const wanted = name.toLowerCase() === 'ispresent';
      return row => (text(row[field]) !== '') === wanted;
    }
    const by = (next() ?? '').toLowerCase();
    if (by === 'in') {
      position += 1;
      const members: string[] = [];
      while (!isNext(']') && position < tokens.length) {
        const member = next()!;
        if (member !== ',') members.push(unquoted(member));
      }
      position += 1;
      return row => members.includes(text(row[name]));
    }
    if (by === 'not') {
      position += 1;
      const like = likeTest(name, next() ?? '');
      return row => !like(row);
    }
    const operand = next();
    if (operand === undefined) throw malformed(`"${source}" ends too early`);
    if (by === 'like' || by === '=~') return likeTest(name, operand);
    return compareTest(name, by, operand);
  };
  const test = either();
  if (position < tokens.length) throw malformed(`cannot read "${tokens.slice(position).join(' ')}" in "${source}"`);
  return test;
}

const unquoted = (token: string) => token.replace(/^(["'])(.*)\1$/, '$2');

function likeTest(name: string, operand: string): Test {
  const regex = /^\/(.+)\/(i?)$/.exec(operand);
  if (regex !== null) {
    const pattern = new RegExp(regex[1]!.replace(/^\(\?i\)/, ''), regex[2] === 'i' || regex[1]!.startsWith('(?i)') ? 'i' : '');
    return row => pattern.test(text(row[name]));
  }
  const part = unquoted(operand);
  return row => text(row[name]).includes(part);
}

function compareTest(name: string, by: string, operand: string): Test {
  const wanted = unquoted(operand);
  const number = operand === wanted ? Number(operand) : Number.NaN;
  const isNumber = !Number.isNaN(number);
  const tests: Readonly<Record<string, (value: unknown) => boolean>> = {
    '=': value => (isNumber ? Number(value) === number : text(value) === wanted),
    '!=': value => (isNumber ? Number(value) !== number : text(value) !== wanted),
    '>': value => Number(value) > number,
    '>=': value => Number(value) >= number,
    '<': value => Number(value) < number,
    '<=': value => Number(value) <= number,
  };
  const test = tests[by];
  if (test === undefined) throw malformed(`"${by}" is not a comparison`);
  return row => row[name] !== undefined && test(row[name]);
}

function aggregate(rows: readonly Row[], clause: string): { readonly rows: readonly Row[]; readonly columns: readonly string[] } {
  const [what, by] = clause.split(/\s+by\s+/i);
  const aggregates = splitList(what ?? '').map(parseAggregate);
  const keys = by === undefined ? [] : splitList(by);
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const id = JSON.stringify(keys.map(key => keyOf(row, key)));
    const group = groups.get(id) ?? [];
    group.push(row);
    groups.set(id, group);
  }
  const result = [...groups].map(([id, members]) => {
    const values = JSON.parse(id) as unknown[];
    return Object.fromEntries([
      ...keys.map((key, index) => [key, values[index]]),
      ...aggregates.map(({ name, of }) => [name, of(members)]),
    ]) as Row;
  });
  const first = aggregates[0]?.name ?? '';
  const isTimed = keys.some(key => key.startsWith('bin('));
  return { rows: isTimed ? result : sorted(result, `${first} desc`), columns: [...keys, ...aggregates.map(({ name }) => name)] };
}

function keyOf(row: Row, key: string): unknown {
  const bin = /^bin\((\d+)([smhd])\)$/.exec(key);
  if (bin === null) return row[key] ?? '';
  const size = Number(bin[1]) * { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[bin[2] as 's']!;
  return timestamp(Math.floor(Number(row['@ms']) / size) * size);
}

function parseAggregate(source: string): Aggregate {
  const [call, alias] = source.split(/\s+as\s+/i);
  const match = /^(count|sum|avg|min|max|count_distinct|latest|earliest)\(\s*([^)]*?)\s*\)$/i.exec(call?.trim() ?? '');
  if (match === null) throw malformed(`"${source}" is not an aggregate that the local Logs Insights knows`);
  const name = alias?.trim() ?? call!.trim();
  const field = match[2] ?? '*';
  const numbers = (rows: readonly Row[]) => rows.map(row => Number(row[field])).filter(Number.isFinite);
  const functions: Readonly<Record<string, Aggregate['of']>> = {
    count: rows => (field === '*' || field === '' ? rows.length : rows.filter(row => row[field] !== undefined).length),
    sum: rows => numbers(rows).reduce((sum, value) => sum + value, 0),
    avg: rows => numbers(rows).reduce((sum, value) => sum + value, 0) / Math.max(1, numbers(rows).length),
    min: rows => numbers(rows).reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY),
    max: rows => numbers(rows).reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY),
    count_distinct: rows => new Set(rows.map(row => row[field])).size,
    latest: rows => text([...rows].sort((a, b) => Number(b['@ms']) - Number(a['@ms']))[0]?.[field]),
    earliest: rows => text([...rows].sort((a, b) => Number(a['@ms']) - Number(b['@ms']))[0]?.[field]),
  };
  return { name, of: functions[match[1]!.toLowerCase()]! };
}
