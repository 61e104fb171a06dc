/** Hard limits of the config, judged on the state. */
import type { StrategyConfig } from '../config/types.ts';
import { compare, type Decimal, formatDecimal, parseDecimal, toApproximate } from '../money/decimal.ts';
import { recentOrders } from '../orders/order-book.ts';
import { currentDrawdown } from '../performance/drawdown.ts';
import type { EpochMs } from '../time/instant.ts';
import { dailyReturns, openPositionsOf } from './days.ts';
import { quantityOf } from './positions.ts';
import type { StrategyState } from './state.ts';
import { sessionPnl } from './strategy-gauges.ts';

/** A configured limit that is crossed at this moment. */
export interface Breach {
  /** Row of the catalogue and its alarm; a limit without a CloudWatch alarm has an alarm id of its own. */
  readonly row: 'sessionPnl' | 'drawdown' | 'largestPosition' | 'rejectShare';
  readonly alarm: 'session-loss' | 'drawdown' | 'position-limit' | 'reject-share';
  readonly severity: 'critical';
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

/** Hard limits that are crossed now. A limit that cannot be judged (no capital, missing rate) is not reported as crossed. */
export function breachesOf(state: StrategyState, settings: StrategyConfig, nowMs: EpochMs): readonly Breach[] {
  const { limits } = settings;
  const breaches: Breach[] = [];
  const add = (breach: Omit<Breach, 'severity'>) => breaches.push({ ...breach, severity: 'critical' });
  const currency = state.currency ?? 'money';
  if (limits.dailyLoss !== undefined) {
    const session = sessionPnl(state, nowMs);
    const limit = parseDecimal(limits.dailyLoss);
    if (session !== undefined && session.units < 0n && compare(flip(session), limit) > 0) {
      const reason = `The session has lost ${formatDecimal(flip(session))} ${currency}; the limit is ${formatDecimal(limit)} ${currency}.`;
      add({
        row: 'sessionPnl',
        alarm: 'session-loss',
        value: toApproximate(flip(session)),
        limit: toApproximate(limit),
        unit: currency,
        reason,
      });
    }
  }
  if (limits.drawdown !== undefined) {
    const drawdown = Math.abs(currentDrawdown(dailyReturns(state).returns) ?? 0);
    if (drawdown > limits.drawdown) {
      const reason = `Equity is ${percent(drawdown)} below its peak; the limit is ${percent(limits.drawdown)}.`;
      add({ row: 'drawdown', alarm: 'drawdown', value: drawdown, limit: limits.drawdown, unit: 'share', reason });
    }
  }
  if (limits.positionQty !== undefined) breaches.push(...positionBreaches(state, parseDecimal(limits.positionQty)));
  if (limits.rejectShare !== undefined) {
    const { accepted, rejected } = recentOrders(state.orders, nowMs);
    const share = accepted + rejected >= minimumAnswers ? rejected / (accepted + rejected) : 0;
    if (share > limits.rejectShare) {
      const reason = `${rejected} of the last ${accepted + rejected} new orders were rejected (${percent(share)}); the limit is ${percent(limits.rejectShare)}.`;
      add({ row: 'rejectShare', alarm: 'reject-share', value: share, limit: limits.rejectShare, unit: 'share', reason });
    }
  }
  return breaches;
}

function positionBreaches(state: StrategyState, limit: Decimal): Breach[] {
  return openPositionsOf(state).flatMap(({ book, position }) => {
    const quantity = quantityOf(position);
    const size = quantity.units < 0n ? flip(quantity) : quantity;
    if (compare(size, limit) <= 0) return [];
    return [
      {
        row: 'largestPosition' as const,
        alarm: 'position-limit' as const,
        severity: 'critical' as const,
        value: toApproximate(size),
        limit: toApproximate(limit),
        unit: book.instrumentId,
        reason: `The position in ${book.instrumentId} is ${formatDecimal(quantity)}; the limit is ${formatDecimal(limit)} either way.`,
        instrumentId: book.instrumentId,
      },
    ];
  });
}

function flip(value: Decimal): Decimal {
  return { units: -value.units, scale: value.scale };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
