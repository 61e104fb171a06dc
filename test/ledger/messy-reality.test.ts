/** What goes wrong between a venue and a ledger: each with its count, its reason, and the alarm that a person gets. */
import { describe, expect, test } from 'vitest';
import { functionValues } from '../../core/catalogue/emit.ts';
import { isMetricId } from '../../core/catalogue/index.ts';
import type { StrategyConfig } from '../../core/config/types.ts';
import type { NightdeskEvent } from '../../core/events/types.ts';
import type { Finding } from '../../core/ledger/finding.ts';
import { foldBatch } from '../../core/ledger/fold.ts';
import { scoreStrategy } from '../../core/ledger/score.ts';
import { storedRetention } from '../../core/ledger/state.ts';
import { viewOf } from '../../core/ledger/view-of.ts';
import { noSums, sumsWith } from '../../lambdas/ledger/batch-sums.ts';
import { reportOf } from '../../lambdas/ledger/last-batch.ts';
import { cases, config, fires } from '../catalogue/play.ts';
import { account, bust, cash, correction, instrument, mark, monday, order, rate, snapshot, strategyState, trade } from './events.ts';

/** Folds the events as one batch that is received in `second`, and plays what the ledger then publishes to the catalogue's alarms. */
function take(events: readonly NightdeskEvent[], second = 2000, settings: Partial<StrategyConfig> = {}) {
  const nowMs = monday + second * 1000;
  const state = strategyState({ currency: 'USD', initialCapital: '1000', ...settings }, storedRetention);
  const folded = foldBatch(state, events, { receivedAtMs: nowMs });
  const report = reportOf(folded);
  const sums = sumsWith(noSums, { report, state, view: viewOf(state, nowMs) });
  const values = functionValues(sums, config);
  const alarms = cases.flatMap(({ row, rule, definition }) => {
    const value = isMetricId(row.id) ? values[row.id] : undefined;
    return value !== undefined && fires(definition, `${value}*5`) && row.id !== 'throughput' ? [rule.id] : [];
  });
  const reasons = folded.findings.map(({ kind, message }) => `${kind}: ${message}`);
  return { sums, reasons, alarms, score: scoreStrategy(state) };
}

const buy = trade(100, 'buy', '10', '100', { execId: 'X1', fee: '1' });
const sell = trade(200, 'sell', '10', '120', { execId: 'X2', fee: '1' });
const newest = trade(1900, 'buy', '1', '100', { execId: 'X9' });
const bnb = { execId: 'X3', fees: [{ amount: '0.01', currency: 'BNB' }] };

interface Row {
  readonly title: string;
  readonly events: readonly NightdeskEvent[];
  readonly settings?: Partial<StrategyConfig>;
  /** What the ledger counts or measures of it. */
  readonly counted: Readonly<Record<string, number>>;
  readonly kind?: Finding['kind'];
  readonly reason?: string;
  readonly alarms: readonly string[];
  /** What stands in the result. */
  readonly stands: Readonly<Record<string, unknown>>;
  readonly absent?: readonly string[];
}

const rows: readonly Row[] = [
  {
    title: 'identical duplicates change nothing; a flood of them is somebody’s fault',
    events: [buy, sell, ...Array.from({ length: 150 }, () => buy)],
    counted: { accepted: 2, duplicates: 150 },
    alarms: ['duplicate-events'],
    stands: { fills: 2, netPnl: '198' },
  },
  {
    title: 'conflicting duplicate: the first one stands',
    events: [buy, sell, { ...buy, lastPx: '90' }],
    counted: { accepted: 2, conflicting: 1 },
    kind: 'conflictingDuplicate',
    reason: 'execution X1 of BTC-USD came again with other content; the first one stands',
    alarms: ['conflicting-events'],
    stands: { fills: 2, netPnl: '198' },
  },
  {
    title: 'late beyond the watermark: counted, and put in its place',
    events: [sell, newest, buy],
    counted: { accepted: 3, late: 1 },
    kind: 'late',
    reason: 'execution X1 of BTC-USD came 1800 s behind the newest one',
    alarms: ['late-events'],
    stands: { fills: 3, grossPnl: '200', trades: 1 },
  },
  {
    title: 'bust: trade and fee are gone',
    events: [buy, sell, bust(300, sell)],
    counted: { accepted: 3, amended: 1 },
    kind: 'bust',
    reason: 'cancels execution X2 of BTC-USD',
    alarms: ['executions-amended'],
    stands: { fills: 1, fees: '1', netPnl: '-1' },
  },
  {
    title: 'bust before its trade: the trade never counts',
    events: [buy, bust(300, sell), sell],
    counted: { accepted: 3, amended: 1 },
    kind: 'bust',
    reason: 'cancels execution X2 of BTC-USD',
    alarms: ['executions-amended'],
    stands: { fills: 1, fees: '1', netPnl: '-1' },
  },
  {
    title: 'correction: in the place of the trade',
    events: [buy, sell, correction(300, buy, { lastPx: '90' })],
    counted: { accepted: 3, amended: 1 },
    kind: 'correction',
    reason: 'corrects execution X1 of BTC-USD',
    alarms: ['executions-amended'],
    stands: { fills: 2, netPnl: '298' },
  },
  {
    title: 'cumulative snapshot going backwards: the higher quantity stands',
    events: [
      order(100, 'O1', 'new', { cumQty: '4', leavesQty: '6' }),
      order(110, 'O1', 'new', { cumQty: '3', leavesQty: '7' }),
      order(120, 'O1', 'canceled', { cumQty: '4', leavesQty: '0' }),
    ],
    counted: { problems: 1 },
    kind: 'cumulativeBackwards',
    reason: 'order O1 of BTC-USD states 3 filled, less than before',
    alarms: ['data-problems'],
    stands: { fillRate: 0.4 },
  },
  {
    title: 'sequence gap: the totals say that they lack something',
    events: [
      { ...buy, seq: 7 },
      { ...sell, seq: 9 },
    ],
    counted: { incompleteNumbers: 1 },
    kind: 'sequenceGap',
    reason: '1 numbered event has not come',
    alarms: ['numbers-incomplete'],
    stands: { netPnl: '198' },
  },
  {
    title: 'snapshot that contradicts the ledger: reported, not adopted',
    events: [buy, snapshot(150, '12'), mark(1999, '100')],
    counted: { incompleteNumbers: 1 },
    kind: 'unreconciledPosition',
    reason: 'a snapshot says 12 BTC-USD, the executions make 10; the executions stand',
    alarms: ['numbers-incomplete'],
    stands: { positions: [expect.objectContaining({ qty: '10' })] },
  },
  {
    title: 'missing conversion rate: what needs it is withheld',
    events: [buy, trade(150, 'sell', '10', '120', bnb)],
    counted: { incompleteNumbers: 1 },
    kind: 'missingRate',
    reason: 'there is no rate from BNB to USD at 2026-03-09T00:02:30.000Z',
    alarms: ['numbers-incomplete'],
    stands: { grossPnl: '200', feesByCurrency: { BNB: '0.01', USD: '1' } },
    absent: ['fees', 'netPnl', 'equity'],
  },
  {
    title: 'stale conversion rate: as good as none',
    events: [rate(0, 'BNB', 'USD', '300'), buy, trade(150, 'sell', '10', '120', bnb)],
    settings: { rateMaxAgeSeconds: 60 },
    counted: { incompleteNumbers: 1 },
    kind: 'staleRate',
    reason: 'there is no rate that is fresh enough from BNB to USD at 2026-03-09T00:02:30.000Z',
    alarms: ['numbers-incomplete'],
    stands: { grossPnl: '200' },
    absent: ['fees', 'netPnl', 'equity'],
  },
  {
    title: 'stale mark: the value of a position is a guess',
    events: [buy, mark(900, '110'), cash(1990, 'interest', '1')],
    counted: { markAgeSeconds: 1100 },
    kind: 'staleMark',
    reason: 'the mark of BTC-USD is of 2026-03-09T00:15:00.000Z',
    alarms: ['mark-stale'],
    stands: { unrealizedPnl: '100' },
  },
  {
    title: 'split between executions: quantity and price change, profit does not, nobody is woken',
    events: [buy, { ...instrument(150, {}), kind: 'corporateAction', splitRatio: '2' }, trade(200, 'sell', '20', '60', { fee: '1' })],
    counted: { accepted: 3, problems: 0, incompleteNumbers: 0 },
    alarms: [],
    stands: { trades: 1, grossPnl: '200', netPnl: '198', positions: [] },
  },
  {
    title: 'deposit in the middle of a day: equity, and no return',
    events: [buy, cash(150, 'deposit', '5000'), sell],
    counted: { accepted: 3, problems: 0, incompleteNumbers: 0 },
    alarms: [],
    stands: { netPnl: '198', equity: '6198', maxDrawdown: 0 },
  },
  {
    title: 'negative latency: not measured',
    events: [order(100, 'O1', 'new', { tsSubmitted: order(101, '', 'new').tsEvent })],
    counted: { problems: 1 },
    kind: 'negativeLatency',
    reason: 'order O1 of BTC-USD was answered before it was sent',
    alarms: ['data-problems'],
    stands: { ackLatencyMs: { n: 0 } },
  },
  {
    title: 'clock jump: an event from the future moves no day and makes nobody late',
    events: [buy, account(90_000, '1000'), trade(90_000, 'buy', '1', '100', { eventId: 'jump' }), sell, mark(1999, '120')],
    counted: { problems: 2, late: 0 },
    kind: 'clockAhead',
    reason: 'execution jump is dated 2026-03-10T01:00:00.000Z, ahead of its receipt',
    alarms: ['data-problems'],
    stands: { fills: 3, grossPnl: '200' },
  },
];

describe('messy reality', () => {
  test.each(rows)('$title', ({ events, settings, counted, kind, reason, alarms, stands, absent = [] }) => {
    const taken = take(events, 2000, settings);
    expect(taken.sums).toMatchObject(counted);
    if (kind === undefined) expect(taken.reasons).toEqual([]);
    else expect(taken.reasons).toContainEqual(expect.stringMatching(new RegExp(`^${kind}: .*${reason}`)));
    expect(taken.alarms).toEqual(alarms);
    expect(taken.score).toMatchObject(stands);
    for (const name of absent) expect(taken.score).not.toHaveProperty(name);
  });

  test('a fresh rate gives back what a stale one withheld', () => {
    const events = [rate(0, 'BNB', 'USD', '300'), buy, trade(150, 'sell', '10', '120', bnb), rate(140, 'BNB', 'USD', '310')];
    expect(take(events, 2000, { rateMaxAgeSeconds: 60 })).toMatchObject({ alarms: [], score: { fees: '4.1', netPnl: '195.9' } });
  });

  test('an open position abroad is worth nothing known once its rate is stale', () => {
    const eur = { instrumentId: 'DAX', settlCurrency: 'EUR' };
    const story = [rate(100, 'EUR', 'USD', '1.1'), trade(100, 'buy', '1', '100', eur), mark(130, '110', 'DAX')];
    expect(take(story, 150, { rateMaxAgeSeconds: 60 })).toMatchObject({ alarms: [], score: { unrealizedPnl: '11' } });
    const later = take([...story, mark(200, '110', 'DAX')], 210, { rateMaxAgeSeconds: 60 });
    expect(later.score).not.toHaveProperty('unrealizedPnl');
    expect(later.alarms).toEqual(['numbers-incomplete']);
  });

  test('what came out of order says that it goes backwards only if it does', () => {
    const [first, second] = [
      order(100, 'O1', 'new', { cumQty: '3', leavesQty: '7' }),
      order(110, 'O1', 'new', { cumQty: '4', leavesQty: '6' }),
    ];
    expect(take([second, first]).reasons).toEqual([]);
  });
});
