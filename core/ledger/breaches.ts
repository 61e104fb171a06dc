/** Hard limits of the config, judged on the state, and those that single events have broken. */
import type { StrategyConfig } from '../config/types.ts';
import { absolute, compare, type Decimal, formatDecimal, negate, parseDecimal, toApproximate } from '../money/decimal.ts';
import { recentOrders, unacknowledged, unanswered, type Waiting } from '../orders/order-book.ts';
import { currentDrawdown } from '../performance/drawdown.ts';
import type { EpochMs } from '../time/instant.ts';
import { staleMarksAt } from './conditions.ts';
import { dailyReturns, openPositionsOf } from './days.ts';
import { exposureOf } from './exposure.ts';
import type { Finding } from './finding.ts';
import { liquidations, unexpectedPositions } from './position-risk.ts';
import { quantityOf } from './positions.ts';
import type { StrategyState } from './state.ts';
import { sessionPnl } from './strategy-gauges.ts';

/** A configured limit that is crossed at this moment. */
export interface Breach {
  /** Row of the catalogue and its alarm. */
  readonly row: string;
  readonly alarm: string;
  /** Value and limit as sizes, in `unit`. */
  readonly value: number;
  readonly limit: number;
  readonly unit: string;
  /** One English sentence. */
  readonly reason: string;
  readonly instrumentId?: string;
}

/** New orders below which a reject share says nothing. */
const minimumAnswers = 10;
/** Clock minutes that a rate of orders is looked for in: the running one, and the one before it. */
const rateMinutes = 2;

type Judge = (state: StrategyState, settings: StrategyConfig, nowMs: EpochMs) => readonly Breach[];

/** Hard limits that are crossed now. A limit that cannot be judged (no capital, missing rate) is not reported as crossed. */
export function breachesOf(state: StrategyState, settings: StrategyConfig, nowMs: EpochMs): readonly Breach[] {
  return judges.flatMap(judge => judge(state, settings, nowMs));
}

const judges: readonly Judge[] = [
  dailyLoss,
  drawdown,
  positions,
  grossExposure,
  rejects,
  orderRate,
  waitingOrders,
  staleMarks,
  unexpected,
  liquidation,
  lossStreak,
];

function dailyLoss(state: StrategyState, { limits }: StrategyConfig, nowMs: EpochMs): readonly Breach[] {
  const session = limits.dailyLoss === undefined ? undefined : sessionPnl(state, nowMs);
  if (limits.dailyLoss === undefined || session === undefined) return [];
  const limit = parseDecimal(limits.dailyLoss);
  if (session.units >= 0n || compare(negate(session), limit) <= 0) return [];
  const unit = currencyOf(state);
  const reason = `The session has lost ${formatDecimal(negate(session))} ${unit}; the limit is ${formatDecimal(limit)} ${unit}.`;
  return [{ row: 'sessionPnl', alarm: 'session-loss', value: toApproximate(negate(session)), limit: toApproximate(limit), unit, reason }];
}

function drawdown(state: StrategyState, { limits }: StrategyConfig): readonly Breach[] {
  const value = Math.abs(currentDrawdown(dailyReturns(state).returns) ?? 0);
  if (limits.drawdown === undefined || value <= limits.drawdown) return [];
  const reason = `Equity is ${percent(value)} below its peak; the limit is ${percent(limits.drawdown)}.`;
  return [{ row: 'drawdown', alarm: 'drawdown', value, limit: limits.drawdown, unit: 'share', reason }];
}

/** The hard limit, else the softer one that only warns. */
function positions(state: StrategyState, { limits }: StrategyConfig): readonly Breach[] {
  const { positionQty, positionSoftQty } = limits;
  if (positionQty === undefined && positionSoftQty === undefined) return [];
  const hard = positionQty === undefined ? undefined : parseDecimal(positionQty);
  const soft = positionSoftQty === undefined ? undefined : parseDecimal(positionSoftQty);
  return openPositionsOf(state).flatMap(({ book: { instrumentId }, position }) => {
    const quantity = quantityOf(position);
    const size = absolute(quantity);
    const isAbove = (limit: Decimal | undefined): limit is Decimal => limit !== undefined && compare(size, limit) > 0;
    const limit = isAbove(hard) ? hard : isAbove(soft) ? soft : undefined;
    if (limit === undefined) return [];
    const isHard = limit === hard;
    return [
      {
        row: 'largestPosition',
        alarm: isHard ? 'position-limit' : 'position-soft-limit',
        value: toApproximate(size),
        limit: toApproximate(limit),
        unit: instrumentId,
        reason: `The position in ${instrumentId} is ${formatDecimal(quantity)}; the ${isHard ? 'limit' : 'warning level'} is ${formatDecimal(limit)} either way.`,
        instrumentId,
      },
    ];
  });
}

function grossExposure(state: StrategyState, { limits }: StrategyConfig, nowMs: EpochMs): readonly Breach[] {
  if (limits.grossExposure === undefined) return [];
  const gross = exposureOf(state, openPositionsOf(state), state.calendar.dayOf(nowMs))?.gross;
  const limit = parseDecimal(limits.grossExposure);
  if (gross === undefined || compare(gross, limit) <= 0) return [];
  const unit = currencyOf(state);
  const reason = `Open positions are worth ${formatDecimal(gross)} ${unit} without sign; the limit is ${formatDecimal(limit)} ${unit}.`;
  return [{ row: 'grossExposure', alarm: 'gross-exposure-limit', value: toApproximate(gross), limit: toApproximate(limit), unit, reason }];
}

function rejects(state: StrategyState, { limits }: StrategyConfig, nowMs: EpochMs): readonly Breach[] {
  const { accepted, rejected } = recentOrders(state.orders, nowMs);
  const answered = accepted + rejected;
  const share = answered >= minimumAnswers ? rejected / answered : 0;
  const found: Breach[] = [];
  if (limits.rejectShare !== undefined && share > limits.rejectShare) {
    const reason = `${rejected} of the last ${answered} new orders were rejected (${percent(share)}); the limit is ${percent(limits.rejectShare)}.`;
    found.push({ row: 'rejectShare', alarm: 'reject-share', value: share, limit: limits.rejectShare, unit: 'share', reason });
  }
  const { consecutiveRejects: limit } = limits;
  const run = state.orders.rejectRun;
  if (limit !== undefined && run > limit) {
    const reason = `The last ${run} new orders were all refused; the limit is ${limit} in a row.`;
    found.push({ row: 'consecutiveRejects', alarm: 'consecutive-rejects', value: run, limit, unit: 'count', reason });
  }
  return found;
}

function orderRate(state: StrategyState, { limits: { ordersPerMinute: limit } }: StrategyConfig, nowMs: EpochMs): readonly Breach[] {
  const value = recentOrders(state.orders, nowMs, rateMinutes).submitted;
  if (limit === undefined || value <= limit) return [];
  const reason = `${value} new orders were sent within a minute; the limit is ${limit}.`;
  return [{ row: 'ordersPerMinute', alarm: 'runaway-orders', value, limit, unit: 'count', reason }];
}

function waitingOrders({ orders }: StrategyState, { limits }: StrategyConfig, nowMs: EpochMs): readonly Breach[] {
  const judged = (
    waiting: Waiting | undefined,
    limit: number | undefined,
    names: Pick<Breach, 'row' | 'alarm'>,
    what: string,
  ): Breach[] => {
    if (waiting === undefined || limit === undefined || waiting.longestMs <= limit * 1000) return [];
    const value = waiting.longestMs / 1000;
    const more = waiting.count > 1 ? ` (${waiting.count} wait)` : '';
    const reason = `${what} ${waiting.clOrdId} of ${waiting.instrumentId} has had no answer for ${Math.round(value)} s${more}; the limit is ${limit} s.`;
    return [{ ...names, value, limit, unit: 'seconds', reason }];
  };
  return [
    ...judged(
      unacknowledged(orders, nowMs),
      limits.unacknowledgedSeconds,
      { row: 'unacknowledgedAge', alarm: 'unacknowledged-order' },
      'New order',
    ),
    ...judged(
      unanswered(orders, nowMs),
      limits.pendingCancelSeconds,
      { row: 'unansweredAge', alarm: 'stuck-cancel' },
      'The cancel or replace of order',
    ),
  ];
}

function staleMarks(state: StrategyState, { limits: { markAgeSeconds: limit } }: StrategyConfig, nowMs: EpochMs): readonly Breach[] {
  if (limit === undefined) return [];
  return staleMarksAt(state, nowMs, limit).map(({ instrumentId, ageSeconds: value }) => ({
    row: 'positionMarkAge',
    alarm: 'position-mark-stale',
    value,
    limit,
    unit: 'seconds',
    reason: `The mark of ${instrumentId} is ${Math.round(value)} s old while its market is open; the limit is ${limit} s.`,
    instrumentId,
  }));
}

function unexpected(state: StrategyState, _: StrategyConfig, nowMs: EpochMs): readonly Breach[] {
  return unexpectedPositions(state, nowMs).map(({ open: { book, position }, why }) => ({
    row: 'unexpectedPositions',
    alarm: 'unexpected-position',
    value: 1,
    limit: 0,
    unit: 'count',
    reason: `There is a position of ${formatDecimal(quantityOf(position))} in ${book.instrumentId}, ${why === 'instrument' ? 'which is not among the strategy’s instruments' : 'and its market is closed'}.`,
    instrumentId: book.instrumentId,
  }));
}

function liquidation(state: StrategyState, { limits: { liquidationDistance: limit } }: StrategyConfig, nowMs: EpochMs): readonly Breach[] {
  if (limit === undefined) return [];
  return liquidations(state, nowMs)
    .filter(({ distance }) => distance < limit)
    .map(({ instrumentId, distance: value, price, mark }) => ({
      row: 'liquidationDistance',
      alarm: 'liquidation-near',
      value,
      limit,
      unit: 'share',
      reason: `${instrumentId} at ${mark} is ${percent(value)} from its liquidation at ${price}; the limit is ${percent(limit)}.`,
      instrumentId,
    }));
}

function lossStreak({ totals }: StrategyState, { limits: { lossStreak: limit } }: StrategyConfig): readonly Breach[] {
  const value = Math.max(0, -totals.streak);
  if (limit === undefined || value <= limit) return [];
  const reason = `The last ${value} round trips lost; the limit is ${limit} in a row.`;
  return [{ row: 'lossStreak', alarm: 'loss-streak', value, limit, unit: 'count', reason }];
}

interface Momentary {
  readonly row: string;
  readonly alarm: string;
  readonly unit: string;
}

/** Findings that are limits, under their rows and alarms. */
const momentary: Readonly<Partial<Record<Finding['kind'], Momentary>>> = {
  duplicateOrders: { row: 'duplicateOrders', alarm: 'duplicate-orders', unit: 'count' },
  overfilledOrder: { row: 'overfilledOrders', alarm: 'overfilled-order', unit: 'quantity' },
  priceCollar: { row: 'priceDeviation', alarm: 'price-collar', unit: 'share' },
  tradedWhileHalted: { row: 'haltedFills', alarm: 'traded-while-halted', unit: 'count' },
};

/** Limits that single events of a batch have broken: they hold for the moment of the batch, and clear by themselves. */
export function momentaryBreaches(findings: readonly Finding[]): readonly Breach[] {
  return findings.flatMap(({ kind, message, value, limit, instrumentId }) => {
    const names = momentary[kind];
    if (names === undefined) return [];
    const reason = `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
    return [{ ...names, value: value ?? 1, limit: limit ?? 0, reason, ...(instrumentId === undefined ? {} : { instrumentId }) }];
  });
}

const currencyOf = ({ currency }: StrategyState): string => currency ?? 'money';

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
