import type { Pulse } from '../health/pulse.ts';
import { gaugesAt, type StrategyView } from '../ledger/view.ts';
import type { EpochMs } from '../time/instant.ts';
import type { MoneyAtRisk, OpenPosition } from './money-at-risk.ts';
import { durationText } from './quantity-text.ts';

/** Money at risk out of a strategy's stored view and pulse, with the ages as of `now`. */
export function moneyAtRisk(strategyId: string, head: { readonly view?: StrategyView; readonly pulse?: Pulse }, now: EpochMs): MoneyAtRisk {
  const { view, pulse } = head;
  const heardAt = pulse?.lastEventMs ?? view?.at;
  const beat = pulse?.heartbeat;
  const control = pulse?.controls?.at(-1);
  const openOrders = view?.gauges.openOrders ?? beat?.openOrders;
  return {
    strategyId,
    positions: (view?.positions ?? []).map(position => openPosition(position, now)),
    ...(view === undefined ? {} : { gauges: gaugesAt(view, now) }),
    ...(pulse?.environment === undefined ? {} : { environment: pulse.environment }),
    ...(view?.currency === undefined ? {} : { currency: view.currency }),
    ...(view?.gauges.sessionPnl === undefined ? {} : { sessionPnl: view.gauges.sessionPnl }),
    ...(view?.gauges.equity === undefined ? {} : { equity: view.gauges.equity }),
    ...(openOrders === undefined ? {} : { openOrders }),
    ...(beat?.tradingState === undefined ? {} : { tradingState: beat.tradingState }),
    ...(heardAt === undefined ? {} : { ageSeconds: Math.max(0, (now - heardAt) / 1000) }),
    ...(view?.gauges.incomplete === 1 ? { incomplete: true } : {}),
    ...(control === undefined
      ? {}
      : { lastChange: `${control.action} by ${control.actor} ${durationText((now - control.at) / 1000)} ago: ${control.reason}` }),
  };
}

function openPosition(position: StrategyView['positions'][number], now: EpochMs): OpenPosition {
  const { instrumentId, qty, avgPx, unrealizedPnl, currency, markedAtMs } = position;
  return {
    instrumentId,
    qty,
    ...(avgPx === undefined ? {} : { avgPx }),
    ...(unrealizedPnl === undefined ? {} : { unrealizedPnl }),
    ...(currency === undefined ? {} : { currency }),
    ...(markedAtMs === undefined ? {} : { markAgeSeconds: Math.max(0, (now - markedAtMs) / 1000) }),
  };
}
