import { isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument, type YAMLMap } from 'yaml';
import { err, ok, type Result } from '../../result.ts';
import { expandSeries } from '../../series/notation.ts';
import type { EpochMs } from '../../time/instant.ts';
import type { SourceProblem } from '../alarm-set.ts';
import type { AlarmState, Dimensions } from '../definition.ts';
import { type Field, type ShapeName, shapes } from './fields.ts';

export interface AlarmTestFile {
  readonly file: string;
  /** As written, with the line that names it. */
  readonly source: { readonly path: string; readonly line: number };
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly tests: readonly AlarmTest[];
}

export interface AlarmTest {
  readonly name: string;
  readonly line: number;
  /** Time of the first point. */
  readonly startMs: EpochMs;
  readonly series: readonly TestSeries[];
  readonly expect: readonly Expectation[];
}

export interface TestSeries {
  readonly line: number;
  readonly metric: string;
  readonly namespace?: string;
  readonly dimensions: Dimensions;
  /** One a period; null is missing. */
  readonly points: readonly (number | null)[];
  readonly periodSeconds: number;
  /** Samples behind each point. */
  readonly samples: number;
}

export interface Expectation {
  readonly line: number;
  readonly atMs: EpochMs;
  /** `at` as written. */
  readonly at: string;
  readonly alarm: string;
  readonly state?: AlarmState;
  readonly reason?: string;
  readonly route?: readonly string[];
  readonly notified?: number;
}

/** A Monday without daylight-saving time anywhere near. */
const DEFAULT_START = '2026-01-05T00:00:00Z';
const DEFAULT_PERIOD_SECONDS = 60;

/** Reads a file of alarm tests. All problems come back at once, each with its line. */
export function parseTestFile(text: string, file: string): Result<AlarmTestFile, readonly SourceProblem[]> {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, logLevel: 'silent' });
  const fault = document.errors[0];
  if (fault !== undefined) {
    const rule = (fault.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
    return err([{ file, line: fault.linePos?.[0].line ?? 1, message: `is not YAML: ${rule}` }]);
  }
  const problems: SourceProblem[] = [];
  const lineOf = (node: ParsedNode | null | undefined): number => (node == null ? 1 : counter.linePos(node.range[0]).line);
  const report = (line: number, message: string): void => {
    problems.push({ file, line, message });
  };
  const read = readers(lineOf, report);
  const top = read.record(document.contents, 'file', 'the file');
  const periodSeconds = top.number('period') ?? DEFAULT_PERIOD_SECONDS;
  const tests = top.list('tests').map(node => readTest(read.record(node, 'test', 'a test'), read, periodSeconds));
  if (problems.length > 0) return err(problems);
  return ok({ file, source: { path: top.text('source') ?? '', line: top.lineOf('source') }, parameters: top.map('parameters'), tests });
}

type Readers = ReturnType<typeof readers>;
type RecordReader = ReturnType<Readers['record']>;

function readTest(record: RecordReader, read: Readers, filePeriod: number): AlarmTest {
  const startText = record.text('start') ?? DEFAULT_START;
  const startMs = Date.parse(startText);
  if (Number.isNaN(startMs)) read.report(record.lineOf('start'), `start must be a time like 2026-03-09T13:30:00Z; was "${startText}"`);
  const periodSeconds = record.number('period') ?? filePeriod;
  return {
    name: record.text('name') ?? '',
    line: record.line,
    startMs,
    series: record.list('series').map(node => readSeries(read.record(node, 'series', 'a series'), read, periodSeconds)),
    expect: record.list('expect').map(node => readExpectation(read.record(node, 'expectation', 'an expectation'), read, startMs)),
  };
}

function readSeries(record: RecordReader, read: Readers, testPeriod: number): TestSeries {
  const points = expandSeries(record.text('values') ?? '');
  if (!points.ok) read.report(record.lineOf('values'), points.error.message);
  else if (points.value.length === 0 && record.has('values'))
    read.report(record.lineOf('values'), 'values is empty: there is no history to evaluate');
  const namespace = record.text('namespace');
  const dimensions = Object.entries(record.map('dimensions')).map(([name, value]) => [name, String(value)] as const);
  return {
    line: record.line,
    metric: record.text('metric') ?? '',
    ...(namespace === undefined ? {} : { namespace }),
    dimensions: Object.fromEntries(dimensions),
    points: points.ok ? points.value : [],
    periodSeconds: record.number('period') ?? testPeriod,
    samples: record.number('samples') ?? 1,
  };
}

function readExpectation(record: RecordReader, read: Readers, startMs: EpochMs): Expectation {
  const at = record.text('at') ?? '';
  const atMs = instantOf(at, startMs);
  if (atMs === undefined && record.has('at'))
    read.report(record.lineOf('at'), `at must be a duration from start like 14m or 1h30m, or a time; was "${at}"`);
  if (atMs !== undefined && atMs < startMs) read.report(record.lineOf('at'), `at lies before start; was "${at}"`);
  const state = record.text('state');
  const reason = record.text('reason');
  const route = record.texts('route');
  const notified = record.number('notified');
  if (state === undefined && reason === undefined && route === undefined && notified === undefined)
    read.report(record.line, 'an expectation needs state, reason, route or notified');
  return {
    line: record.line,
    at,
    atMs: atMs ?? startMs,
    alarm: record.text('alarm') ?? '',
    ...(state === undefined ? {} : { state: state as AlarmState }),
    ...(reason === undefined ? {} : { reason }),
    ...(route === undefined ? {} : { route }),
    ...(notified === undefined ? {} : { notified }),
  };
}

const DURATION_UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `14m`, `1h30m`, `90s`, `PT14M` or `0` from the start, or an instant. */
function instantOf(text: string, startMs: EpochMs): EpochMs | undefined {
  if (text === '0') return startMs;
  const short = text.toLowerCase().replace(/^p(\d+d)?t?/, '$1');
  if (/^(?:\d+(?:\.\d+)?[smhd])+$/.test(short)) {
    const parts = [...short.matchAll(/(\d+(?:\.\d+)?)([smhd])/g)];
    return startMs + parts.reduce((sum, [, count, unit]) => sum + Number(count) * (DURATION_UNITS[unit ?? ''] ?? 0), 0);
  }
  const instant = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(instant) ? undefined : instant;
}

function readers(lineOf: (node: ParsedNode | null | undefined) => number, report: (line: number, message: string) => void) {
  function record(node: ParsedNode | null | undefined, shapeName: ShapeName, what: string) {
    const shape = shapes[shapeName];
    const map = isMap(node) ? (node as YAMLMap.Parsed) : undefined;
    const line = lineOf(node);
    if (map === undefined) report(line, `${what} is a map with ${Object.keys(shape).join(', ')}`);
    const fields = new Map<string, { readonly line: number; readonly value: ParsedNode | null }>();
    for (const { key, value } of map?.items ?? []) {
      const name = isScalar(key) ? String(key.value) : '?';
      fields.set(name, { line: lineOf(key), value });
      if (shape[name] === undefined) report(lineOf(key), `${what} has no "${name}"; known: ${Object.keys(shape).join(', ')}`);
    }
    if (map !== undefined)
      for (const [name, field] of Object.entries(shape))
        if (field.required === true && fields.get(name)?.value == null) report(line, `${what} needs "${name}": ${field.description}`);
    const fieldLine = (name: string): number => fields.get(name)?.line ?? line;
    const wrong = (name: string, rule: string): undefined => {
      report(fieldLine(name), `${name} ${rule}`);
      return undefined;
    };
    const scalar = (name: string): unknown => {
      const value = fields.get(name)?.value;
      if (value == null) return undefined;
      if (isScalar(value)) return value.value === null ? undefined : value.value;
      return wrong(name, 'must be a single value');
    };
    return {
      line,
      lineOf: fieldLine,
      has: (name: string): boolean => fields.get(name)?.value != null,
      text(name: string): string | undefined {
        const value = scalar(name);
        const text = value === undefined ? undefined : String(value);
        const allowed = shape[name]?.oneOf;
        return text !== undefined && allowed !== undefined && !allowed.includes(text)
          ? wrong(name, `must be one of ${allowed.join(', ')}; was "${text}"`)
          : text;
      },
      number(name: string): number | undefined {
        const value = scalar(name);
        return value === undefined ? undefined : checkedNumber(value, shape[name], rule => wrong(name, rule));
      },
      list(name: string): readonly (ParsedNode | null)[] {
        const value = fields.get(name)?.value;
        if (value == null) return [];
        if (!isSeq(value)) return wrong(name, 'must be a list') ?? [];
        if (value.items.length === 0) wrong(name, name === 'series' ? 'is empty: there is no history to evaluate' : 'is empty');
        return value.items as (ParsedNode | null)[];
      },
      texts(name: string): readonly string[] | undefined {
        const value = fields.get(name)?.value;
        if (value == null) return undefined;
        if (isScalar(value)) return [String(value.value)];
        return isSeq(value) ? value.items.map(item => String(isScalar(item) ? item.value : item)) : wrong(name, 'must be a list of names');
      },
      map(name: string): Readonly<Record<string, unknown>> {
        const value = fields.get(name)?.value;
        if (value == null) return {};
        if (!isMap(value)) return wrong(name, 'must be a map') ?? {};
        return Object.fromEntries(
          value.items.map(({ key, value: part }) => [isScalar(key) ? String(key.value) : '?', isScalar(part) ? part.value : '?']),
        );
      },
    };
  }
  return { record, report };
}

function checkedNumber(value: unknown, field: Field | undefined, wrong: (rule: string) => undefined): number | undefined {
  const rule = `must be a ${field?.whole === true ? 'whole ' : ''}number from ${field?.minimum ?? 0}; was ${JSON.stringify(value)}`;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < (field?.minimum ?? 0)) return wrong(rule);
  return field?.whole === true && !Number.isInteger(value) ? wrong(rule) : value;
}
