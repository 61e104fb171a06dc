import type { EpochNs } from '../time/instant.ts';
import { decimalFromLiteral, isNegative, isPlainDecimal, maxNumberDigits, numberLiteral } from './decimal-text.ts';
import { type TimeUnit, timeUnits } from './envelope.ts';
import type { FieldTable, Shape } from './field.ts';
import { normalizeLevel } from './level.ts';
import type { RejectCode } from './reject.ts';
import { createTimeReader } from './time-text.ts';

/** What a check knows about the line that its value stands in. */
export interface LineContext {
  /** Text of the line: numbers are read from it again, because JSON.parse rounds them. */
  text: string;
  timeUnit: TimeUnit | undefined;
}

export interface Problem {
  readonly code: RejectCode;
  /** Field within the event, such as `fees[0].amount`. */
  readonly path: string;
  readonly rule: string;
  readonly value: unknown;
}

export type Holder = Record<string | number, unknown>;

/** Checks the value at `key` and replaces it where its inner form differs from its text. Returns what is wrong with it. */
type Check = (holder: Holder, key: string | number, value: unknown, line: LineContext) => Problem | undefined;

/** Checks all fields of an object in place. */
export type CheckFields = (holder: Holder, line: LineContext) => Problem | undefined;

const readIso = createTimeReader();

const decimalRule = 'must be a plain decimal such as "12.50", without exponent';
const timeRule = 'must be a time in UTC such as "2026-03-09T13:30:00.123456789Z", or an integer with a declared timeUnit';

function problem(code: RejectCode, key: string | number, rule: string, value: unknown): Problem {
  return { code, path: String(key), rule, value };
}

function within(key: string | number, inner: Problem): Problem {
  const joint = inner.path.startsWith('[') ? '' : '.';
  return { ...inner, path: `${key}${joint}${inner.path}` };
}

function decimalFromNumber(value: number, key: string | number, line: LineContext): string | undefined {
  return decimalFromLiteral(numberLiteral(line.text, String(key), value));
}

function checkDecimal(sign: 'any' | 'notNegative'): Check {
  return (holder, key, value, line) => {
    let decimal = value;
    if (typeof value === 'number') {
      decimal = decimalFromNumber(value, key, line);
      if (decimal === undefined) {
        return problem('BAD_DECIMAL', key, `as a number may have at most ${maxNumberDigits} significant digits; send it as text`, value);
      }
      holder[key] = decimal;
    }
    if (typeof decimal !== 'string') return problem('WRONG_TYPE', key, decimalRule, value);
    if (!isPlainDecimal(decimal)) return problem('BAD_DECIMAL', key, decimalRule, value);
    if (sign === 'notNegative' && isNegative(decimal)) return problem('OUT_OF_RANGE', key, 'must not be negative', value);
    return undefined;
  };
}

/** Nanoseconds of an integer time, or undefined when it is none, or earlier than 1970. */
function readInteger(literal: string, unit: TimeUnit): EpochNs | undefined {
  return /^\d{1,20}$/.test(literal) ? BigInt(literal) * timeUnits[unit] : undefined;
}

const checkTime: Check = (holder, key, value, line) => {
  if (typeof value === 'string') {
    const time = readIso(value) ?? (line.timeUnit === undefined ? undefined : readInteger(value, line.timeUnit));
    if (time === undefined) return problem('BAD_TIME', key, timeRule, value);
    holder[key] = time;
    return undefined;
  }
  if (typeof value !== 'number') return problem('WRONG_TYPE', key, timeRule, value);
  if (line.timeUnit === undefined)
    return problem('BAD_TIME', key, 'is an integer, so the event must declare timeUnit "ns", "us", "ms" or "s"', value);
  const time = readInteger(numberLiteral(line.text, String(key), value), line.timeUnit);
  if (time === undefined) return problem('BAD_TIME', key, timeRule, value);
  holder[key] = time;
  return undefined;
};

function checkText(minLength: number, maxLength: number): Check {
  return (_holder, key, value) => {
    if (typeof value !== 'string') return problem('WRONG_TYPE', key, 'must be text', value);
    if (value.length < minLength || value.length > maxLength) {
      return problem('OUT_OF_RANGE', key, `must have ${minLength} to ${maxLength} characters`, value);
    }
    return undefined;
  };
}

function checkChoice(of: readonly string[]): Check {
  const allowed = new Set<unknown>(of);
  return (_holder, key, value) => {
    if (allowed.has(value)) return undefined;
    return problem(typeof value === 'string' ? 'NOT_ALLOWED' : 'WRONG_TYPE', key, `must be one of ${of.join(', ')}`, value);
  };
}

const checkLevel: Check = (holder, key, value) => {
  const level = normalizeLevel(value);
  if (level === undefined) return problem('NOT_ALLOWED', key, 'must be one of debug, info, warning, error, critical', value);
  holder[key] = level;
  return undefined;
};

function checkNumber(least: number, kind: 'integer' | 'number'): Check {
  return (_holder, key, value) => {
    if (typeof value !== 'number') return problem('WRONG_TYPE', key, 'must be a JSON number', value);
    if (kind === 'integer' && !Number.isSafeInteger(value)) return problem('OUT_OF_RANGE', key, 'must be a whole number below 2^53', value);
    if (!Number.isFinite(value) || value < least) return problem('OUT_OF_RANGE', key, `must be finite and at least ${least}`, value);
    return undefined;
  };
}

const checkFlag: Check = (_holder, key, value) =>
  typeof value === 'boolean' ? undefined : problem('WRONG_TYPE', key, 'must be true or false', value);

function checkList(of: Shape): Check {
  const check = checkShape(of);
  return (_holder, key, value, line) => {
    if (!Array.isArray(value)) return problem('WRONG_TYPE', key, 'must be a list', value);
    for (let at = 0; at < value.length; at++) {
      const inner = check(value as unknown as Holder, at, value[at], line);
      if (inner !== undefined) return within(key, { ...inner, path: inner.path.replace(/^\d+/, '[$&]') });
    }
    return undefined;
  };
}

function checkObject(fields: FieldTable, textAs: string | undefined): Check {
  const check = checkTable(fields);
  return (holder, key, value, line) => {
    let inside = value;
    if (typeof value === 'string' && textAs !== undefined) {
      inside = { [textAs]: value };
      holder[key] = inside;
    }
    if (typeof inside !== 'object' || inside === null || Array.isArray(inside))
      return problem('WRONG_TYPE', key, 'must be an object', value);
    const inner = check(inside as Holder, line);
    return inner === undefined ? undefined : within(key, inner);
  };
}

function checkShape(shape: Shape): Check {
  switch (shape.kind) {
    case 'decimal':
      return checkDecimal(shape.sign);
    case 'time':
      return checkTime;
    case 'text':
      return checkText(shape.minLength, shape.maxLength);
    case 'choice':
      return checkChoice(shape.of);
    case 'level':
      return checkLevel;
    case 'integer':
    case 'number':
      return checkNumber(shape.least, shape.kind);
    case 'flag':
      return checkFlag;
    case 'list':
      return checkList(shape.of);
    case 'object':
      return checkObject(shape.fields, shape.textAs);
  }
}

interface Entry {
  readonly check: Check;
  /** Lengths of text that needs no check; none for fields that are no plain text. */
  readonly minLength: number;
  readonly maxLength: number;
  /** 1 for a field whose absence has to be dealt with. */
  readonly counts: 0 | 1;
}

/** What an absent field means: a default, or a problem. */
function fillAbsent(holder: Holder, fields: FieldTable, expected: readonly string[]): Problem | undefined {
  for (const key of expected) {
    if (holder[key] !== undefined) continue;
    const { fallback } = fields[key]!;
    if (fallback === undefined) return problem('MISSING_FIELD', key, 'is required', undefined);
    holder[key] = fallback;
  }
  return undefined;
}

/**
 * Compiles a table to a check of whole objects. JSON null counts as absent. Keys that the table does not name are left alone.
 * `derived` fields may be absent, because the caller fills them in. Walks the keys that are there, since most fields of
 * a table are optional and absent.
 */
export function checkTable(fields: FieldTable, derived: readonly string[] = []): CheckFields {
  const expected = Object.keys(fields).filter(key => {
    const { need, fallback } = fields[key]!;
    return (need === 'required' || fallback !== undefined) && !derived.includes(key);
  });
  const entries = new Map<string, Entry>(
    Object.keys(fields).map(key => {
      const shape = fields[key]!;
      const { minLength, maxLength } = shape.kind === 'text' ? shape : { minLength: 0, maxLength: -1 };
      return [key, { check: checkShape(shape), minLength, maxLength, counts: expected.includes(key) ? 1 : 0 }];
    }),
  );

  // Lines of one sender have their keys in one order: where the last one had this key, its check is at hand.
  const lastKeys: string[] = [];
  const lastEntries: Entry[] = [];

  return (holder, line) => {
    let present = 0;
    let at = 0;
    for (const key in holder) {
      let entry = lastEntries[at];
      if (entry === undefined || lastKeys[at] !== key) {
        entry = entries.get(key);
        if (entry === undefined) continue;
        lastKeys[at] = key;
        lastEntries[at] = entry;
      }
      at++;
      const value = holder[key];
      if (typeof value === 'string' && value.length <= entry.maxLength && value.length >= entry.minLength) {
        present += entry.counts;
        continue;
      }
      if (value === null) {
        holder[key] = undefined;
        continue;
      }
      const found = entry.check(holder, key, value, line);
      if (found !== undefined) return found;
      present += entry.counts;
    }
    return present === expected.length ? undefined : fillAbsent(holder, fields, expected);
  };
}
