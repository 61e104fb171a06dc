/** Every hard limit of a strategy: crossed by lines, said within the invocation that reads them, over when it is. */
import { describe, expect, it, test } from 'vitest';
import { rulesOf } from '../../core/catalogue/alarm-definitions.ts';
import { catalogue } from '../../core/catalogue/index.ts';
import { lineOf } from '../events/lines-of.ts';
import { pathStory, startMs } from './path-story.ts';

type Story = ReturnType<typeof pathStory>;

const iso = (second: number) => new Date(startMs + second * 1000).toISOString();
const bot = (limits: object, more: object = {}) => ({
  bots: [{ id: 's1', limits: { dailyLoss: '1000000', drawdown: 1, ...limits }, ...more }],
});

let counter = 0;
const event = (type: Parameters<typeof lineOf>[0], second: number, changes: object = {}) => {
  const eventId = `e${counter++}`;
  return lineOf(type, { eventId, execId: eventId, tsEvent: iso(second), transactTime: iso(second), settlCurrency: 'USDT', ...changes });
};
const account = event('account', 0, { equity: '10000' });
const fill = (second: number, side: string, lastQty: string, lastPx: string, more: object = {}) =>
  event('execution', second, { side, lastQty, lastPx, ...more });
const order = (second: number, clOrdId: string, execType: string, more: object = {}) =>
  event('order', second, { clOrdId, execType, ordStatus: execType, tsSubmitted: iso(second), price: String(100 + counter), ...more });
const mark = (second: number, price: string) => event('marketData', second, { mark: price, tsLastMessage: iso(second) });

async function tell(s: Story, second: number, ...lines: readonly string[]) {
  s.at(second);
  await s.ingest(s.logs(...lines));
  expect(await s.fold()).toEqual({ batchItemFailures: [] });
  return s.topics.published.map(({ alarm, state }) => `${alarm} ${state}`);
}

const rejects = (count: number, from = 1) => Array.from({ length: count }, (_, at) => order(from + at, `r${from + at}`, 'rejected'));

interface Case {
  readonly limits: object;
  readonly more?: object;
  readonly within: readonly string[];
  readonly beyond: readonly string[];
  readonly alarm: string;
  /** Part of the reason that a person reads. */
  readonly says: string;
  readonly value: number;
  readonly limit: number;
}

const same = (second: number, clOrdId: string) => order(second, clOrdId, 'new', { price: '100' });

const cases: readonly Case[] = [
  {
    alarm: 'position-limit',
    limits: { positionQty: '10', positionSoftQty: '9.5' },
    within: [fill(1, 'buy', '9', '100')],
    beyond: [fill(2, 'buy', '1.5', '100')],
    says: 'BTC-PERP is 10.5; the limit is 10 either way',
    value: 10.5,
    limit: 10,
  },
  {
    alarm: 'position-soft-limit',
    limits: { positionQty: '10' },
    within: [fill(1, 'sell', '8', '100')],
    beyond: [fill(2, 'sell', '0.5', '100')],
    says: 'is -8.5; the warning level is 8 either way',
    value: 8.5,
    limit: 8,
  },
  {
    alarm: 'session-loss',
    limits: { dailyLoss: '100' },
    within: [fill(1, 'buy', '10', '100'), mark(2, '91')],
    beyond: [mark(3, '89.5')],
    says: 'has lost 105 USDT; the limit is 100 USDT',
    value: 105,
    limit: 100,
  },
  {
    alarm: 'drawdown',
    limits: { drawdown: 0.1 },
    within: [fill(1, 'buy', '100', '100'), mark(2, '91')],
    beyond: [mark(3, '89')],
    says: 'Equity is 11.0 % below its peak; the limit is 10.0 %',
    value: 0.11,
    limit: 0.1,
  },
  {
    alarm: 'gross-exposure-limit',
    limits: { grossExposure: '2000' },
    within: [fill(1, 'buy', '10', '100'), fill(1, 'sell', '9', '100', { instrumentId: 'ETH-PERP' })],
    beyond: [fill(2, 'sell', '1.5', '100', { instrumentId: 'ETH-PERP' })],
    says: 'are worth 2050 USDT without sign; the limit is 2000 USDT',
    value: 2050,
    limit: 2000,
  },
  {
    alarm: 'consecutive-rejects',
    limits: {},
    within: [order(0, 'good', 'new'), ...rejects(9)],
    beyond: rejects(1, 10),
    says: 'The last 10 new orders were all refused; the limit is 9 in a row',
    value: 10,
    limit: 9,
  },
  {
    alarm: 'duplicate-orders',
    limits: {},
    within: [same(1, 'a'), same(1.2, 'b'), same(1.4, 'c'), same(1.6, 'd'), same(2.1, 'e')],
    beyond: [same(2.15, 'f'), same(2.19, 'g')],
    says: '5 new orders to buy 2 BTC-PERP at 100 came within one second; the limit is 4',
    value: 5,
    limit: 4,
  },
  {
    alarm: 'runaway-orders',
    limits: { ordersPerMinute: 3 },
    within: [order(1, 'a', 'new'), order(2, 'b', 'new'), order(3, 'c', 'new'), order(61, 'd', 'new')],
    beyond: [order(62, 'e', 'new'), order(63, 'f', 'new'), order(64, 'g', 'new')],
    says: '4 new orders were sent within a minute; the limit is 3',
    value: 4,
    limit: 3,
  },
  {
    alarm: 'overfilled-order',
    limits: {},
    within: [order(1, 'a', 'new', { orderQty: '2' }), fill(2, 'buy', '1.5', '100', { clOrdId: 'a' })],
    beyond: [fill(3, 'buy', '1', '100', { clOrdId: 'a' })],
    says: 'Order a of BTC-PERP was filled 2.5 of 2',
    value: 2.5,
    limit: 2,
  },
  {
    alarm: 'price-collar',
    limits: {},
    within: [mark(1, '100'), fill(2, 'buy', '1', '104.9')],
    beyond: [fill(3, 'buy', '1', '94.9')],
    says: 'at 94.9 is 5.1 % from 100, the mark of 2026-03-09T13:30:01.000Z; the collar is 5.0 %',
    value: 0.051,
    limit: 0.05,
  },
  {
    alarm: 'traded-while-halted',
    limits: {},
    within: [fill(1, 'buy', '2', '100'), event('control', 2, { action: 'kill' }), fill(3, 'sell', '1', '100')],
    beyond: [fill(4, 'buy', '1', '100')],
    says: 'adds to the position while trading is halted',
    value: 1,
    limit: 0,
  },
  {
    alarm: 'unexpected-position',
    limits: { instruments: ['BTC-PERP'] },
    within: [fill(1, 'buy', '1', '100')],
    beyond: [fill(2, 'buy', '1', '100', { instrumentId: 'DOGE-PERP' })],
    says: 'a position of 1 in DOGE-PERP, which is not among the strategy’s instruments',
    value: 1,
    limit: 0,
  },
  {
    alarm: 'liquidation-near',
    limits: {},
    within: [fill(1, 'buy', '1', '100'), event('position', 2, { qty: '1', markPx: '100', liquidationPx: '96.5', tsAsOf: iso(2) })],
    beyond: [mark(3, '99')],
    says: 'BTC-PERP at 99 is 2.5 % from its liquidation at 96.5; the limit is 3.0 %',
    value: 0.02525,
    limit: 0.03,
  },
  {
    alarm: 'loss-streak',
    limits: { lossStreak: 2 },
    within: [1, 3, 5].flatMap(at => [fill(at, 'buy', '1', '100'), fill(at + 1, 'sell', '1', at === 1 ? '101' : '99')]),
    beyond: [fill(7, 'buy', '1', '100'), fill(8, 'sell', '1', '99')],
    says: 'The last 3 round trips lost; the limit is 2 in a row',
    value: 3,
    limit: 2,
  },
];

describe('a hard limit', () => {
  test.each(cases)(
    '$alarm is said in the invocation that crosses it, and not before',
    async ({ limits, more, within, beyond, alarm, says, ...numbers }) => {
      const s = pathStory(bot(limits, more));
      expect(await tell(s, 70, account, ...within)).not.toContain(`${alarm} ALARM`);
      expect(await tell(s, 72, ...beyond)).toContain(`${alarm} ALARM`);
      const breach = s.topics.published.find(each => each.alarm === alarm)!;
      expect(breach.reason).toContain(says);
      expect(breach.value).toBeCloseTo(numbers.value, 4);
      expect(breach.limit).toBe(numbers.limit);
      expect(breach.firstAction!.length).toBeGreaterThan(20);
      const rule = catalogue.flatMap(({ metric }) => rulesOf(metric)).find(({ id }) => id === alarm)!;
      expect(breach).toMatchObject({ severity: rule.severity, runbook: `#${alarm}`, dimensions: { Strategy: 's1' } });
    },
  );

  it('that single events broke is over a minute later, said by the sweep', async () => {
    const s = pathStory(bot({}));
    await tell(s, 5, account, mark(1, '100'), fill(2, 'buy', '1', '50'));
    await s.at(60).sweep();
    await s.at(120).sweep();
    await s.at(180).sweep();
    expect(s.topics.published.map(({ alarm, state }) => `${alarm} ${state}`)).toEqual(['price-collar ALARM', 'price-collar OK']);
  });

  it('is said by a redelivery when the process died between saving and publishing', async () => {
    const s = pathStory(bot({}));
    await s.ingest(s.at(5).logs(account, mark(1, '100'), fill(2, 'buy', '1', '50')));
    const bodies = s.queue.messages.splice(0).map(({ body }) => body);
    const publish = s.topics.publish;
    s.topics.publish = () => Promise.reject(new Error('killed'));
    expect((await s.foldBodies(bodies)).batchItemFailures).toHaveLength(1);
    s.topics.publish = publish;
    s.restartLedger();
    expect((await s.foldBodies(bodies)).batchItemFailures).toEqual([]);
    expect(s.topics.published).toMatchObject([{ alarm: 'price-collar', state: 'ALARM' }]);
    expect((await s.strategies.heads(['s1']))[0]).toMatchObject({ version: 1, view: { positions: [{ qty: '1' }] } });
  });
});

describe('what only time breaks, the sweep says', () => {
  it.each([
    [
      'an order that nobody acknowledges',
      [order(1, 'a', 'pendingNew')],
      'unacknowledged-order',
      'New order a of BTC-PERP has had no answer for',
    ],
    [
      'a cancel that nobody answers',
      [order(1, 'a', 'new'), order(2, 'a', 'pendingCancel')],
      'stuck-cancel',
      'The cancel or replace of order a of BTC-PERP has had no answer for',
    ],
  ])('%s', async (_, lines, alarm, says) => {
    const s = pathStory(bot({}));
    expect(await tell(s, 5, account, ...lines)).toEqual([]);
    await s.at(20).sweep();
    expect(s.topics.published).toEqual([]);
    await s.at(60).sweep();
    expect(s.topics.published).toMatchObject([{ alarm, state: 'ALARM', reason: expect.stringContaining(says) }]);
    await tell(s, 70, order(70, 'a', 'canceled'));
    await s.at(120).sweep();
    await s.at(180).sweep();
    expect(s.topics.published.at(-1)).toMatchObject({ alarm, state: 'OK' });
  });

  it('a mark that nobody renews while its market is open', async () => {
    const s = pathStory(bot({ markAgeSeconds: 120 }));
    await tell(s, 5, account, fill(1, 'buy', '1', '100'), mark(2, '100'));
    await s.at(60).sweep();
    expect(s.topics.published).toEqual([]);
    await s.at(180).sweep();
    expect(s.topics.published).toMatchObject([{ alarm: 'position-mark-stale', dimensions: { Strategy: 's1', Instrument: 'BTC-PERP' } }]);
  });

  it('a position that is left at the close', async () => {
    const s = pathStory(bot({ flatAtClose: true }, { calendar: 'XNYS' }));
    await tell(s, 5, account, fill(1, 'buy', '1', '100'));
    await s.at(60).sweep();
    expect(s.topics.published).toEqual([]);
    await s.at(6.5 * 3600 + 60).sweep();
    expect(s.topics.published).toMatchObject([{ alarm: 'unexpected-position', reason: expect.stringContaining('its market is closed') }]);
  });
});
