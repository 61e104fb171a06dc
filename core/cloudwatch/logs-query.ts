import type { Result } from '../result.ts';
import type { EpochMs } from '../time/instant.ts';
import { type Aggregation, aggregate, readAggregation } from './logs-aggregate.ts';
import { type Expression, isTrue, type Row, readExpression, readField, textOf, type Value, valueNumber } from './logs-expression.ts';
import { parseWith, quotedText, type Scanner, type SyntaxProblem } from './syntax.ts';

/** A log event as a query sees it. */
export interface LogRecord {
  readonly atMs: EpochMs;
  readonly message: string;
  readonly group: string;
  readonly stream: string;
}

export interface QueryResult {
  readonly fields: readonly string[];
  /** Absent fields are null. `@timestamp` is written as `2026-03-09 13:30:00.000`. */
  readonly rows: readonly (readonly (string | number | null)[])[];
  /** Events that the query looked at. */
  readonly scanned: number;
}

export interface LogsQuery {
  readonly commands: readonly Command[];
}

interface Named {
  readonly name: string;
  readonly expression: Expression;
}

type Command =
  | { readonly kind: 'fields' | 'display'; readonly columns: readonly Named[] }
  | { readonly kind: 'filter'; readonly condition: Expression }
  | { readonly kind: 'sort'; readonly keys: readonly { readonly expression: Expression; readonly descending: boolean }[] }
  | { readonly kind: 'limit'; readonly count: number }
  | { readonly kind: 'dedup'; readonly names: readonly string[] }
  | { readonly kind: 'parse'; readonly from: Expression; readonly pattern: RegExp; readonly names: readonly string[] }
  | { readonly kind: 'stats'; readonly aggregations: readonly Aggregation[]; readonly by: readonly Named[] };

/** Most rows of a result. Source: CloudWatch Logs user guide, "limit". */
export const ROW_LIMIT = 10_000;

/**
 * Parses a subset of CloudWatch Logs Insights: fields, display, filter (= != < <= > >=, like, in, and, or, not, ispresent, isempty,
 * strcontains), parse (glob and regular expression), stats (count, count_distinct, sum, avg, min, max, pct, stddev, earliest, latest)
 * by fields and bin(), sort, limit, dedup. Commands are separated by `|`; `#` starts a comment.
 * Source: CloudWatch Logs user guide, "CloudWatch Logs Insights query syntax".
 */
export function parseLogsQuery(text: string): Result<LogsQuery, SyntaxProblem> {
  return parseWith('logs query', text, scanner => {
    const commands: Command[] = [];
    for (;;) {
      skip(scanner);
      if (scanner.atEnd()) return { commands };
      if (scanner.take('|')) continue;
      commands.push(readCommand(scanner));
      skip(scanner);
      if (!scanner.atEnd() && !scanner.sees('|')) scanner.fail('commands are separated by |');
    }
  });
}

function skip(scanner: Scanner): void {
  do scanner.skipSpace();
  while (scanner.match(/#[^\n]*/y) !== undefined);
}

function readCommand(scanner: Scanner): Command {
  const at = scanner.position();
  const name = scanner.match(/[a-z]+\b/iy)?.toLowerCase() ?? '';
  switch (name) {
    case 'fields':
    case 'display':
      return { kind: name, columns: readNamed(scanner) };
    case 'filter':
      return { kind: 'filter', condition: readExpression(scanner) };
    case 'sort':
      return { kind: 'sort', keys: readSort(scanner) };
    case 'limit':
    case 'head': {
      scanner.skipSpace();
      return { kind: 'limit', count: Math.min(ROW_LIMIT, Number(scanner.match(/\d+/y) ?? scanner.fail('limit takes a whole number'))) };
    }
    case 'dedup':
      return { kind: 'dedup', names: readNamed(scanner).map(column => column.name) };
    case 'parse':
      return readParse(scanner);
    case 'stats':
      return readStats(scanner);
    default:
      return scanner.fail('a command is fields, display, filter, parse, stats, sort, limit or dedup', at);
  }
}

function readNamed(scanner: Scanner): readonly Named[] {
  const columns: Named[] = [];
  do {
    scanner.skipSpace();
    const start = scanner.position();
    const expression = readExpression(scanner);
    const written = scanner.text.slice(start, scanner.position()).trim();
    columns.push({ name: readAlias(scanner) ?? written.replaceAll('`', ''), expression });
    scanner.skipSpace();
  } while (scanner.take(','));
  return columns;
}

function readAlias(scanner: Scanner): string | undefined {
  scanner.skipSpace();
  if (scanner.match(/as\b/iy) === undefined) return undefined;
  scanner.skipSpace();
  return readField(scanner);
}

function readSort(scanner: Scanner): Extract<Command, { kind: 'sort' }>['keys'] {
  const keys: { expression: Expression; descending: boolean }[] = [];
  do {
    const expression = readExpression(scanner);
    scanner.skipSpace();
    const order = scanner.match(/asc\b|desc\b/iy)?.toLowerCase();
    keys.push({ expression, descending: order === 'desc' });
    scanner.skipSpace();
  } while (scanner.take(','));
  return keys;
}

function readParse(scanner: Scanner): Command {
  scanner.skipSpace();
  const isPattern = scanner.sees('"') || scanner.sees('/') || scanner.sees("'");
  const field = isPattern ? '@message' : readField(scanner);
  const from: Expression = row => row.get(field) ?? null;
  scanner.skipSpace();
  const regex = scanner.match(/\/(?:\\.|[^/\\])+\//y);
  if (regex !== undefined) {
    const pattern = safeRegex(scanner, regex.slice(1, -1));
    return { kind: 'parse', from, pattern, names: [...regex.matchAll(/\(\?<(\w+)>/g)].map(match => match[1] ?? '') };
  }
  const glob = scanner.sees("'") ? (scanner.match(/'[^']*'/y) ?? "''").slice(1, -1) : quotedText(scanner);
  scanner.skipSpace();
  if (scanner.match(/as\b/iy) === undefined) scanner.fail('a glob is followed by as and a name for each *');
  const names: string[] = [];
  do {
    scanner.skipSpace();
    names.push(readField(scanner));
    scanner.skipSpace();
  } while (scanner.take(','));
  const parts = glob.split('*').map(part => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'));
  if (parts.length - 1 !== names.length) scanner.fail('a glob has as many names as *');
  return {
    kind: 'parse',
    from,
    pattern: new RegExp(
      parts
        .map((part, at) => (at === parts.length - 1 ? part : `${part}(${at === parts.length - 2 && parts.at(-1) === '' ? '.*' : '.*?'})`))
        .join(''),
      's',
    ),
    names,
  };
}

/** A regular expression of a query; `(?i)` at its start ignores case. */
function safeRegex(scanner: Scanner, source: string): RegExp {
  try {
    return source.startsWith('(?i)') ? new RegExp(source.slice(4), 'i') : new RegExp(source);
  } catch {
    return scanner.fail('a regular expression is complete');
  }
}

function readStats(scanner: Scanner): Command {
  const aggregations = [readAggregation(scanner, readAlias)];
  for (scanner.skipSpace(); scanner.take(','); scanner.skipSpace()) aggregations.push(readAggregation(scanner, readAlias));
  scanner.skipSpace();
  const by = scanner.match(/by\b/iy) === undefined ? [] : readNamed(scanner);
  return { kind: 'stats', aggregations, by };
}

interface State {
  rows: Row[];
  columns: readonly string[] | undefined;
}

/**
 * Runs a query over log events. Fields are `@timestamp`, `@message`, `@logStream`, `@log` and, for JSON messages, their members by dotted
 * path (`error.name`, `xs.0`). Without a sort, newest first; without a limit, 10,000 rows.
 */
export function runLogsQuery(query: LogsQuery, records: readonly LogRecord[]): QueryResult {
  const newestFirst = [...records].sort((a, b) => b.atMs - a.atMs);
  const state: State = { rows: newestFirst.map(rowOf), columns: undefined };
  for (const command of query.commands) apply(command, state);
  const fields = state.columns ?? ['@timestamp', '@message'];
  return { fields, rows: state.rows.slice(0, ROW_LIMIT).map(row => fields.map(name => cell(row.get(name)))), scanned: records.length };
}

function apply(command: Command, state: State): void {
  switch (command.kind) {
    case 'fields':
    case 'display': {
      for (const row of state.rows) for (const column of command.columns) row.set(column.name, column.expression(row));
      const names = command.columns.map(column => column.name);
      state.columns = command.kind === 'fields' ? [...new Set([...(state.columns ?? []), ...names])] : names;
      return;
    }
    case 'filter':
      state.rows = state.rows.filter(row => isTrue(command.condition(row)));
      return;
    case 'sort':
      state.rows = [...state.rows].sort((a, b) => compareRows(a, b, command.keys));
      return;
    case 'limit':
      state.rows = state.rows.slice(0, command.count);
      return;
    case 'dedup': {
      const seen = new Set<string>();
      state.rows = state.rows.filter(row => {
        const key = JSON.stringify(command.names.map(name => row.get(name) ?? null));
        return !seen.has(key) && seen.add(key) !== undefined;
      });
      return;
    }
    case 'parse':
      for (const row of state.rows) {
        const match = command.pattern.exec(textOf(command.from(row)) ?? '');
        for (const [at, name] of command.names.entries()) row.set(name, match?.[at + 1] ?? null);
      }
      return;
    case 'stats':
      state.rows = aggregate(state.rows, command.aggregations, command.by);
      state.columns = [...command.by.map(column => column.name), ...command.aggregations.map(aggregation => aggregation.name)];
      return;
  }
}

function compareRows(a: Row, b: Row, keys: Extract<Command, { kind: 'sort' }>['keys']): number {
  for (const { expression, descending } of keys) {
    const order = compareValues(expression(a), expression(b));
    if (order !== 0) return descending ? -order : order;
  }
  return 0;
}

/** Numbers by size, other values as texts; absent values first. */
function compareValues(a: Value, b: Value): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  const [x, y] = [valueNumber(a), valueNumber(b)];
  if (x !== undefined && y !== undefined) return x - y;
  const [left, right] = [textOf(a) ?? '', textOf(b) ?? ''];
  return left < right ? -1 : left > right ? 1 : 0;
}

const queryTime = (ms: EpochMs): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '');

function rowOf(record: LogRecord): Row {
  const own = new Map<string, Value>([
    ['@atMs', record.atMs],
    ['@timestamp', queryTime(record.atMs)],
    ['@ingestionTime', queryTime(record.atMs)],
    ['@message', record.message],
    ['@logStream', record.stream],
    ['@log', record.group],
  ]);
  let json: { readonly value: unknown } | undefined;
  return {
    get: name => {
      const value = own.get(name);
      if (value !== undefined || own.has(name) || name.startsWith('@')) return value ?? null;
      json ??= { value: parsed(record.message) };
      const found = memberOf(json.value, name);
      own.set(name, found);
      return found;
    },
    set: (name, value) => {
      own.set(name, value);
    },
  };
}

function parsed(message: string): unknown {
  if (!/^\s*\{/.test(message)) return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

function memberOf(value: unknown, path: string): Value {
  let current: unknown = value;
  if (typeof current === 'object' && current !== null && Object.hasOwn(current, path))
    return asValue((current as Record<string, unknown>)[path]);
  for (const name of path.split('.')) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, name)) return null;
    current = (current as Record<string, unknown>)[name];
  }
  return asValue(current);
}

function asValue(value: unknown): Value {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return JSON.stringify(value);
}

function cell(value: Value | undefined): string | number | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'boolean' ? String(value) : value;
}
