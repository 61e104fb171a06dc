import { describe, expect, it, test } from 'vitest';
import { createEmitter, type Emitter } from '../../bot/index.ts';
import { parseLine } from '../../core/events/parse.ts';

function recorder() {
  const lines: string[] = [];
  const emitter = createEmitter({
    strategyId: 's1',
    accountId: 'A-1',
    source: { system: 'test', instanceId: 'i1' },
    environment: 'paper',
    write: line => lines.push(line),
    now: () => Date.UTC(2026, 2, 9, 13, 30),
  });
  const newest = () => JSON.parse(lines.at(-1)!) as Record<string, unknown>;
  return { emitter, lines, newest };
}

const instrument = { instrumentId: 'BTC-PERP', venue: 'SIM' };

const oneLiners: readonly (readonly [string, (emitter: Emitter) => void])[] = [
  [
    'order',
    ({ order }) =>
      order({
        ...instrument,
        clOrdId: 'o1',
        side: 'buy',
        ordType: 'limit',
        orderQty: '1',
        price: '42000.5',
        execType: 'new',
        ordStatus: 'new',
        cumQty: '0',
        leavesQty: '1',
        tsSubmitted: new Date(0),
        tsAcked: 5_000_000n,
      }),
  ],
  [
    'execution',
    ({ execution }) => execution({ ...instrument, execId: 'x1', execType: 'trade', side: 'sell', lastQty: '1', lastPx: '42000' }),
  ],
  ['position', ({ position }) => position({ instrumentId: 'BTC-PERP', qty: '-1' })],
  ['account', ({ account }) => account({ equity: '100000', currency: 'USDT' })],
  ['cash', ({ cash }) => cash({ cashType: 'funding', amount: '-1.5', currency: 'USDT', refId: 'f1' })],
  ['marketData', ({ marketData }) => marketData({ feed: 'trades', messages: 10 })],
  ['heartbeat', ({ heartbeat }) => heartbeat({ component: 'trader', status: 'ok', intervalMs: 10_000 })],
  ['error', ({ error }) => error({ severity: 'error', code: 'E1', message: 'it broke' })],
  ['control', ({ control }) => control({ action: 'halt', actor: 'anna', reason: 'lunch' })],
  ['reference', ({ reference }) => reference({ instrumentId: 'BTC-PERP', kind: 'instrument' })],
];

describe('one line', () => {
  test.each(oneLiners)('emits a valid %s', (eventType, emit) => {
    const { emitter, lines } = recorder();
    emit(emitter);
    expect(lines.map(line => parseLine(line))).toMatchObject([{ kind: 'event', event: { eventType, strategyId: 's1', accountId: 'A-1' } }]);
  });
});

describe('an emitter', () => {
  it('numbers its events from 1 and gives each its own id', () => {
    const { emitter, lines } = recorder();
    const ids = [1, 2, 3].map(() => emitter.account({ equity: '1', currency: 'USDT' }));
    expect(lines.map(line => (JSON.parse(line) as { seq: number }).seq)).toEqual([1, 2, 3]);
    expect(new Set(ids).size).toBe(3);
  });

  it('fills in the times that go without saying', () => {
    const { emitter, newest } = recorder();
    emitter.position({ instrumentId: 'BTC-PERP', qty: '1', tsEvent: '2026-03-09T13:29:59Z' });
    expect(newest()).toMatchObject({ tsEvent: '2026-03-09T13:29:59Z', tsAsOf: '2026-03-09T13:29:59Z', tsSent: '2026-03-09T13:30:00.000Z' });
  });

  it('keeps nanoseconds', () => {
    const { emitter, newest } = recorder();
    emitter.account({ equity: '1', currency: 'USDT', tsEvent: 1_773_063_000_000_000_007n });
    expect(newest()['tsEvent']).toBe('2026-03-09T13:30:00.000000007Z');
  });

  it('refuses numbers where money is meant, at compile time', () => {
    const { emitter } = recorder();
    // @ts-expect-error money is decimal text
    emitter.account({ equity: 100_000.1, currency: 'USDT' });
    // @ts-expect-error nobody knows the unit of a bare number
    emitter.account({ equity: '1', currency: 'USDT', tsAsOf: 1_773_063_000 });
  });
});

describe('a log line', () => {
  it('carries level, time, strategy and what it is bound to', () => {
    const { emitter, lines, newest } = recorder();
    emitter.log.with({ clOrdId: 'o1', traceId: 't1' }).warning('slow answer', { tookMs: 812 });
    expect(newest()).toMatchObject({
      level: 'warning',
      message: 'slow answer',
      strategyId: 's1',
      clOrdId: 'o1',
      traceId: 't1',
      tookMs: 812,
    });
    expect(parseLine(lines[0]!)).toEqual({ kind: 'log', level: 'warning', message: 'slow answer' });
  });

  it('carries the class and stack of an error', () => {
    const { emitter, newest } = recorder();
    emitter.log.error('send failed', new TypeError('no route'));
    expect(newest()).toMatchObject({ level: 'error', exceptionType: 'TypeError', exceptionMessage: 'no route' });
    expect(newest()['stack']).toContain('TypeError: no route');
  });

  it('cannot pass for an event or change its level', () => {
    const { emitter, lines } = recorder();
    emitter.log.debug('hello', { eventType: 'cash', level: 'critical', time: 'never', message: 'bye' });
    expect(parseLine(lines[0]!)).toEqual({ kind: 'log', level: 'debug', message: 'hello' });
  });
});
