import { describe, expect, it, test } from 'vitest';
import type { Field } from '../../core/events/field.ts';
import { parseLine, type RejectCode } from '../../core/events/parse.ts';
import { eventTables } from '../../core/events/tables.ts';
import type { NightdeskEvent } from '../../core/events/types.ts';
import { lineOf, smallest, type TypeName } from './lines-of.ts';

const types = Object.keys(smallest) as TypeName[];

function eventOf(line: string): NightdeskEvent {
  const parsed = parseLine(line);
  if (parsed.kind !== 'event') throw new Error(`no event: ${JSON.stringify(parsed)}`);
  return parsed.event;
}

function rejectionOf(line: string) {
  const parsed = parseLine(line);
  if (parsed.kind !== 'rejected') throw new Error(`not rejected: ${parsed.kind}`);
  return parsed;
}

describe('the kind of a line', () => {
  test.each([
    ['', 'blank'],
    [' \t\r', 'blank'],
    ['2026-03-09 starting up', 'log'],
    ['[1, 2, 3]', 'log'],
    ['"eventType"', 'log'],
    ['{"level":"info","msg":"hello"}', 'log'],
    ['{"levelname":"WARNING","message":"hello"}', 'log'],
    ['{"severity":"ERROR"}', 'log'],
    ['{"log.level":"error"}', 'log'],
    ['{"log":{"level":"error"}}', 'log'],
    ['{"level":30}', 'log'],
    ['{"level":"purple"}', 'log'],
    [lineOf('heartbeat'), 'event'],
    [`  ${lineOf('heartbeat')}\r`, 'event'],
    [`\ufeff${lineOf('heartbeat')}`, 'event'],
  ])('of %j is %s', (line, kind) => {
    expect(parseLine(line).kind).toBe(kind);
  });

  it('gives level and message of a log line', () => {
    expect(parseLine('{"level":50,"msg":"no route"}')).toEqual({ kind: 'log', level: 'error', message: 'no route' });
    expect(parseLine('12:00 WARN slow')).toEqual({ kind: 'log', level: 'warning', message: '12:00 WARN slow' });
  });
});

describe('the smallest event', () => {
  test.each(types)('of type %s is accepted', eventType => {
    expect(eventOf(lineOf(eventType)).eventType).toBe(eventType);
  });

  const required = (table: Readonly<Record<string, Field>>) =>
    Object.keys(table).filter(key => table[key]!.need === 'required' && table[key]!.fallback === undefined);
  const needs = types.flatMap(eventType => required(eventTables[eventType].fields).map(field => [eventType, field] as const));

  test.each(needs)('of type %s needs %s', (eventType, field) => {
    expect(rejectionOf(lineOf(eventType, { [field]: undefined }))).toMatchObject({
      code: 'MISSING_FIELD',
      message: `${eventType}.${field} is required`,
    });
    expect(rejectionOf(lineOf(eventType, { [field]: null })).code).toBe('MISSING_FIELD');
  });

  test.each(['strategyId', 'accountId', 'tsEvent'])('of any type needs %s of the envelope', field => {
    for (const eventType of types) expect(rejectionOf(lineOf(eventType, { [field]: undefined })).code).toBe('MISSING_FIELD');
  });

  it('gets the defaults that the envelope documents', () => {
    const event = eventOf(lineOf('heartbeat'));
    expect(event).toMatchObject({ schemaVersion: 1, environment: 'live', source: { system: 'unknown' } });
    expect(event.tsSent).toBe(event.tsEvent);
  });

  it('sent twice has one identity, and another one when anything differs', () => {
    expect(eventOf(lineOf('cash')).eventId).toBe(eventOf(lineOf('cash')).eventId);
    expect(eventOf(lineOf('cash')).eventId).not.toBe(eventOf(lineOf('cash', { amount: '-1.26' })).eventId);
  });
});

describe('a broken line', () => {
  const cases: readonly (readonly [string, string, RejectCode, string])[] = [
    ['half an object', '{"eventType":"order"', 'NOT_JSON', 'begins'],
    ['NaN, which is no JSON', lineOf('cash').replace('"-1.25"', 'NaN'), 'NOT_JSON', 'begins'],
    ['Infinity, which is no JSON', lineOf('cash').replace('"-1.25"', '-Infinity'), 'NOT_JSON', 'begins'],
    ['an object of something else', '{"foo":1}', 'NO_EVENT_TYPE', 'foo'],
    ['an unknown type', lineOf('cash', { eventType: 'trade' }), 'UNKNOWN_EVENT_TYPE', '"trade"'],
    ['the name of a method as type', lineOf('cash', { eventType: 'constructor' }), 'UNKNOWN_EVENT_TYPE', '"constructor"'],
    ['a type that is no text', lineOf('cash', { eventType: 7 }), 'WRONG_TYPE', 'eventType'],
    ['a newer schema', lineOf('cash', { schemaVersion: 2 }), 'UNSUPPORTED_SCHEMA_VERSION', 'at most 1; was 2'],
    ['a quantity with exponent', lineOf('execution', { lastQty: '1e3' }), 'BAD_DECIMAL', 'execution.lastQty'],
    ['a price of NaN as text', lineOf('execution', { lastPx: 'NaN' }), 'BAD_DECIMAL', 'was "NaN"'],
    ['an empty decimal', lineOf('account', { equity: '' }), 'BAD_DECIMAL', 'account.equity'],
    ['a decimal with a comma', lineOf('account', { equity: '1,000' }), 'BAD_DECIMAL', 'account.equity'],
    ['a number of 16 digits', lineOf('account', { equity: 0.1234567890123456 }), 'BAD_DECIMAL', '15 significant digits'],
    ['a decimal that is a list', lineOf('account', { equity: ['1'] }), 'WRONG_TYPE', 'account.equity'],
    ['a negative quantity', lineOf('execution', { lastQty: '-1' }), 'OUT_OF_RANGE', 'must not be negative'],
    ['an unknown side', lineOf('execution', { side: 'BUY' }), 'NOT_ALLOWED', 'buy, sell'],
    ['a side that is a number', lineOf('execution', { side: 1 }), 'WRONG_TYPE', 'buy, sell'],
    ['a name that is a number', lineOf('execution', { execId: 17 }), 'WRONG_TYPE', 'execution.execId'],
    ['an empty name', lineOf('execution', { execId: '' }), 'OUT_OF_RANGE', '1 to 256'],
    ['an endless name', lineOf('execution', { execId: 'x'.repeat(257) }), 'OUT_OF_RANGE', '1 to 256'],
    ['a time without zone', lineOf('cash', { tsEvent: '2026-03-09T13:30:00' }), 'BAD_TIME', 'cash.tsEvent'],
    ['an integer time without unit', lineOf('cash', { tsEvent: 1_773_063_000 }), 'BAD_TIME', 'must declare timeUnit'],
    ['an unknown unit of time', lineOf('cash', { tsEvent: 1_773_063_000, timeUnit: 'min' }), 'NOT_ALLOWED', 'timeUnit'],
    ['a time that is an object', lineOf('cash', { tsEvent: {} }), 'WRONG_TYPE', 'cash.tsEvent'],
    ['a count that is text', lineOf('marketData', { messages: '12' }), 'WRONG_TYPE', 'marketData.messages'],
    ['half a message', lineOf('marketData', { messages: 1.5 }), 'OUT_OF_RANGE', 'whole number'],
    ['a negative interval', lineOf('heartbeat', { intervalMs: -1 }), 'OUT_OF_RANGE', 'heartbeat.intervalMs'],
    ['market data of nothing', lineOf('marketData', { instrumentId: undefined }), 'MISSING_FIELD', 'or feed is required'],
    ['a bust of nothing', lineOf('execution', { execType: 'tradeCancel' }), 'MISSING_FIELD', 'execution.execRefId'],
    ['a fee without currency', lineOf('execution', { fees: [{ amount: '1' }] }), 'MISSING_FIELD', 'execution.fees[0].currency'],
    ['fees that are no list', lineOf('execution', { fees: { amount: '1', currency: 'USD' } }), 'WRONG_TYPE', 'execution.fees'],
    ['a reject that is text', lineOf('order', { reject: 'no' }), 'WRONG_TYPE', 'order.reject'],
    ['resources out of range', lineOf('heartbeat', { resources: { cpuPercent: -1 } }), 'OUT_OF_RANGE', 'heartbeat.resources.cpuPercent'],
    ['an unknown severity', lineOf('error', { severity: 'purple' }), 'NOT_ALLOWED', 'error.severity'],
    ['a megabyte', lineOf('error', { message: 'x'.repeat(1_000_000) }), 'LINE_TOO_LONG', '262144'],
  ];

  test.each(cases)('with %s is rejected', (_what, line, code, words) => {
    const rejection = rejectionOf(line);
    expect(rejection.code).toBe(code);
    expect(rejection.message).toContain(words);
  });

  it('of exactly 262,144 bytes is still read, and one byte more is not', () => {
    const frame = lineOf('error', { message: '' }).length;
    const line = lineOf('error', { message: `${'é'.repeat(1000)}${'x'.repeat(262_144 - frame - 2000)}` });
    expect(parseLine(line).kind).toBe('event');
    expect(rejectionOf(`${line} `).code).toBe('LINE_TOO_LONG');
  });

  it('cannot smuggle line ends, marks or a megabyte into the message', () => {
    const { message } = rejectionOf(lineOf('cash', { eventType: `\n\u202e\u0007${'y'.repeat(5000)}` }));
    expect(message.length).toBeLessThan(300);
    expect(message).not.toMatch(/\p{Cc}|\p{Cf}/u);
  });
});

describe('values', () => {
  test.each([
    [1, '1'],
    [-0.5, '-0.5'],
    [1e-7, '0.0000001'],
    [0, '0'],
    [123456789012345, '123456789012345'],
    [1e20, '100000000000000000000'],
  ])('take the number %s as %s', (number, decimal) => {
    expect(eventOf(lineOf('account', { equity: number }))).toMatchObject({ equity: decimal });
  });

  it('are judged by the digits that stood in the line, not by the rounded double', () => {
    const line = lineOf('account', { equity: 1 }).replace('"equity":1', '"equity":1.00000000000000000001');
    expect(rejectionOf(line).code).toBe('BAD_DECIMAL');
    expect(eventOf(line.replace('1.00000000000000000001', '1.00000000000000000000'))).toMatchObject({ equity: '1' });
  });

  it('keep decimals as they were sent', () => {
    expect(eventOf(lineOf('execution', { lastPx: '-0.00012300' }))).toMatchObject({ lastPx: '-0.00012300' });
  });

  it('keep all nanoseconds of an integer time, although a double cannot', () => {
    const line = lineOf('cash', { timeUnit: 'ns', tsEvent: 1 }).replace('"tsEvent":1', '"tsEvent":1773063000123456789');
    expect(eventOf(line).tsEvent).toBe(1_773_063_000_123_456_789n);
  });

  test.each([
    ['s', 1_773_063_000],
    ['ms', 1_773_063_000_000],
    ['us', 1_773_063_000_000_000],
    ['ms', '1773063000000'],
  ])('read integer times in %s', (timeUnit, tsEvent) => {
    expect(eventOf(lineOf('cash', { timeUnit, tsEvent })).tsEvent).toBe(1_773_063_000_000_000_000n);
  });

  it('treat null as absent and leave unknown keys alone', () => {
    const event = eventOf(lineOf('execution', { clOrdId: null, fees: null, colour: 'blue' }));
    expect(event).toMatchObject({ colour: 'blue' });
    expect(event.eventType === 'execution' && event.clOrdId).toBeUndefined();
  });

  it('understand the severities of other loggers', () => {
    expect(eventOf(lineOf('error', { severity: 'FATAL' }))).toMatchObject({ severity: 'critical' });
  });

  it('take a source given as text for its system, and name a refusal without source the venue’s', () => {
    expect(eventOf(lineOf('cash', { source: 'freqtrade' })).source).toEqual({ system: 'freqtrade' });
    const refused = eventOf(lineOf('order', { execType: 'rejected', reject: { text: 'no' } }));
    expect(refused).toMatchObject({ reject: { source: 'venue', text: 'no' } });
  });
});
