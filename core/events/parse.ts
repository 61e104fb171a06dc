import { derivedFields, envelopeFields, schemaVersion, type TimeUnit, timeUnits } from './envelope.ts';
import type { EventTable } from './field.ts';
import { type LogLevel, levelOfText, readLogFields } from './level.ts';
import { maxLineBytes, type RejectCode, showValue } from './reject.ts';
import { eventTables } from './tables.ts';
import type { NightdeskEvent } from './types.ts';
import { checkTable, type Holder, type LineContext, type Problem } from './validate.ts';

export type { LogLevel } from './level.ts';
export type { RejectCode } from './reject.ts';

export type ParsedLine =
  | { readonly kind: 'event'; readonly event: NightdeskEvent }
  | { readonly kind: 'log'; readonly level?: LogLevel; readonly message?: string }
  | { readonly kind: 'blank' }
  | RejectedLine;

export interface RejectedLine {
  readonly kind: 'rejected';
  readonly code: RejectCode;
  /** Names field, rule and value on one line, escaped. */
  readonly message: string;
}

const typeNames = Object.keys(eventTables);

interface Checks {
  readonly table: EventTable;
  readonly fields: ReturnType<typeof checkTable>;
}

const checksByType = new Map<unknown, Checks>();

/** Compiled when the first event of the type comes: a process that starts waits for none. Undefined for a type that there is not. */
function checksOf(eventType: unknown): Checks | undefined {
  const known = checksByType.get(eventType);
  if (known !== undefined || typeof eventType !== 'string' || !Object.hasOwn(eventTables, eventType)) return known;
  const table: EventTable = eventTables[eventType as keyof typeof eventTables];
  const checks = { table, fields: checkTable({ ...envelopeFields, ...table.fields }, derivedFields) };
  checksByType.set(eventType, checks);
  return checks;
}

const blank: ParsedLine = { kind: 'blank' };

export function rejected(code: RejectCode, message: string): RejectedLine {
  return { kind: 'rejected', code, message };
}

/** Bytes of the text in UTF-8; a lone surrogate counts three, as encoders write it. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    if (unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) {
      at++;
    }
  }
  return bytes;
}

function isTooLong(text: string): boolean {
  if (text.length * 3 <= maxLineBytes) return false;
  return text.length > maxLineBytes || utf8Length(text) > maxLineBytes;
}

/** Index of the first character that is no blank, or −1. */
function firstInk(text: string): number {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== 32 && code !== 9 && code !== 13 && code !== 10 && code !== 0xfeff) return at;
  }
  return -1;
}

/** An identity for an event that carries none: 64 bits of two 32-bit multiplicative hashes (FNV-1a and its mirror) over the line. */
function identityOf(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b) ^ (b >>> 13);
  }
  const hex = (word: number) => (word >>> 0).toString(16).padStart(8, '0');
  return `line-${hex(a)}${hex(b)}`;
}

function describe(eventType: string, problem: Problem): RejectedLine {
  const was = problem.value === undefined ? '' : `; was ${showValue(problem.value)}`;
  return rejected(problem.code, `${eventType}.${problem.path} ${problem.rule}${was}`);
}

function readTimeUnit(holder: Holder): TimeUnit | undefined | Problem {
  const unit = holder['timeUnit'];
  if (unit === undefined || unit === null) return undefined;
  if (typeof unit === 'string' && Object.hasOwn(timeUnits, unit)) return unit as TimeUnit;
  return { code: 'NOT_ALLOWED', path: 'timeUnit', rule: 'must be one of ns, us, ms, s', value: unit };
}

function checkVersion(holder: Holder): Problem | undefined {
  const version = holder['schemaVersion'];
  if (typeof version !== 'number' || version <= schemaVersion) return undefined;
  return { code: 'UNSUPPORTED_SCHEMA_VERSION', path: 'schemaVersion', rule: `must be at most ${schemaVersion}`, value: version };
}

function checkEvent(holder: Holder, checks: Checks, line: LineContext): Problem | undefined {
  const found = checks.fields(holder, line);
  if (found !== undefined) return found;
  if (holder['tsSent'] === undefined) holder['tsSent'] = holder['tsEvent'];
  if (holder['eventId'] === undefined) holder['eventId'] = identityOf(line.text.trim());
  if (holder['source'] === undefined) holder['source'] = { system: 'unknown' };
  const also = checks.table.alsoNeeds;
  if (also === undefined || !also.isMissing(holder)) return undefined;
  return { code: 'MISSING_FIELD', path: also.field, rule: also.rule, value: undefined };
}

function readEvent(holder: Holder, text: string): ParsedLine {
  const eventType = holder['eventType'];
  const newer = checkVersion(holder);
  if (newer !== undefined) return describe(typeof eventType === 'string' ? showValue(eventType).slice(1, -1) : 'event', newer);
  const checks = checksOf(eventType);
  if (checks === undefined) {
    const rule = `eventType must be one of ${typeNames.join(', ')}; was ${showValue(eventType)}`;
    return rejected(typeof eventType === 'string' ? 'UNKNOWN_EVENT_TYPE' : 'WRONG_TYPE', rule);
  }
  const timeUnit = readTimeUnit(holder);
  if (typeof timeUnit === 'object') return describe(eventType as string, timeUnit);
  const problem = checkEvent(holder, checks, { text, timeUnit });
  if (problem !== undefined) return describe(eventType as string, problem);
  return { kind: 'event', event: holder as unknown as NightdeskEvent };
}

/** Reads the text of one line, without its line end: an event, an ordinary log line, nothing, or why it cannot be used. */
export function parseLine(text: string): ParsedLine {
  const ink = firstInk(text);
  if (ink === -1) return blank;
  if (isTooLong(text))
    return rejected('LINE_TOO_LONG', `line must have at most ${maxLineBytes} bytes; begins ${showValue(text.slice(ink, ink + 40))}`);
  if (text.charCodeAt(ink) !== 123) {
    const level = levelOfText(text);
    return { kind: 'log', ...(level === undefined ? {} : { level }), message: text };
  }
  let value: Holder;
  try {
    value = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text) as Holder;
  } catch {
    return rejected('NOT_JSON', `line starts with { and must be one JSON object; begins ${showValue(text.slice(ink, ink + 40))}`);
  }
  if ('eventType' in value) return readEvent(value, text);
  const log = readLogFields(value);
  if (log !== undefined) return { kind: 'log', ...log };
  return rejected(
    'NO_EVENT_TYPE',
    `a JSON object must have an eventType or a log level; has keys ${showValue(Object.keys(value).slice(0, 8).join(', '))}`,
  );
}
