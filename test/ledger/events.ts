/** Short builders of events for ledger tests. Times are seconds after a Monday midnight. */

import type { StrategyConfig } from '../../core/config/types.ts';
import type {
  AccountEvent,
  CashEvent,
  ControlEvent,
  ExecutionEvent,
  Fee,
  HeartbeatEvent,
  MarketDataEvent,
  NightdeskEvent,
  OrderEvent,
  PositionEvent,
  ReferenceEvent,
} from '../../core/events/types.ts';
import { type FoldResult, foldBatch } from '../../core/ledger/fold.ts';
import { settingsFor } from '../../core/ledger/settings.ts';
import { emptyState, type Retention, type StrategyState, wholeRetention } from '../../core/ledger/state.ts';

export const monday = Date.parse('2026-03-09T00:00:00Z');
export const second = (seconds: number) => BigInt(monday) * 1_000_000n + BigInt(Math.round(seconds * 1e9));

let counter = 0;
const envelope = (at: number) => {
  const tsEvent = second(at);
  return {
    schemaVersion: 1,
    eventId: `event-${counter++}`,
    source: { system: 'test' },
    environment: 'paper' as const,
    strategyId: 's1',
    accountId: 'a1',
    tsEvent,
    tsSent: tsEvent,
  };
};

/** `trade(5, 'buy', '10', '100.5', {fee: '1'})`: bought 10 at 100.5 in second 5. */
export function trade(
  at: number,
  side: 'buy' | 'sell',
  quantity: string,
  price: string,
  more: Partial<ExecutionEvent> & { readonly fee?: string } = {},
): ExecutionEvent {
  const { fee, ...rest } = more;
  const fees: readonly Fee[] | undefined = fee === undefined ? undefined : [{ amount: fee, currency: 'USD' }];
  const base = envelope(at);
  return {
    ...base,
    eventType: 'execution',
    execId: `x-${base.eventId}`,
    execType: 'trade',
    instrumentId: 'BTC-USD',
    venue: 'v1',
    side,
    lastQty: quantity,
    lastPx: price,
    transactTime: base.tsEvent,
    ...(fees === undefined ? {} : { fees }),
    ...rest,
  };
}

export function bust(at: number, of: ExecutionEvent): ExecutionEvent {
  const base = envelope(at);
  return { ...of, ...base, execId: `bust-${base.eventId}`, execType: 'tradeCancel', execRefId: of.execId, transactTime: second(at) };
}

export function correction(at: number, of: ExecutionEvent, to: { readonly lastQty?: string; readonly lastPx?: string }): ExecutionEvent {
  const base = envelope(at);
  return { ...of, ...base, ...to, execId: `fix-${base.eventId}`, execType: 'tradeCorrect', execRefId: of.execId, transactTime: second(at) };
}

export function account(at: number, equity: string, currency = 'USD'): AccountEvent {
  const base = envelope(at);
  return { ...base, eventType: 'account', equity, currency, tsAsOf: base.tsEvent };
}

export function cash(at: number, cashType: CashEvent['cashType'], amount: string, more: Partial<CashEvent> = {}): CashEvent {
  const base = envelope(at);
  return { ...base, eventType: 'cash', cashType, amount, currency: 'USD', refId: `ref-${base.eventId}`, ...more };
}

export function mark(at: number, price: string, instrumentId = 'BTC-USD'): MarketDataEvent {
  const base = envelope(at);
  return { ...base, eventType: 'marketData', instrumentId, tsLastMessage: base.tsEvent, messages: 1, mark: price };
}

export function rate(at: number, base: string, quote: string, value: string): ReferenceEvent {
  return {
    ...envelope(at),
    eventType: 'reference',
    kind: 'fxRate',
    instrumentId: `${base}/${quote}`,
    baseCurrency: base,
    quoteCurrency: quote,
    rate: value,
  };
}

export function instrument(at: number, more: Partial<ReferenceEvent>): ReferenceEvent {
  return { ...envelope(at), eventType: 'reference', kind: 'instrument', instrumentId: 'BTC-USD', ...more };
}

export function snapshot(at: number, quantity: string): PositionEvent {
  const base = envelope(at);
  return { ...base, eventType: 'position', instrumentId: 'BTC-USD', qty: quantity, tsAsOf: base.tsEvent };
}

export function heartbeat(at: number): HeartbeatEvent {
  return { ...envelope(at), eventType: 'heartbeat', component: 'main', status: 'ok', intervalMs: 10_000 };
}

export function control(at: number, action: ControlEvent['action']): ControlEvent {
  return { ...envelope(at), eventType: 'control', action, actor: 'ada', reason: 'test' };
}

export function order(at: number, clOrdId: string, execType: OrderEvent['execType'], more: Partial<OrderEvent> = {}): OrderEvent {
  return {
    ...envelope(at),
    eventType: 'order',
    clOrdId,
    instrumentId: 'BTC-USD',
    venue: 'v1',
    side: 'buy',
    ordType: 'limit',
    orderQty: '10',
    execType,
    ordStatus: execType,
    cumQty: '0',
    leavesQty: '10',
    ...more,
  };
}

export function strategyState(settings: Partial<StrategyConfig> = {}, retention: Retention = wholeRetention): StrategyState {
  return emptyState({ ...settingsFor(undefined, 's1'), ...settings }, retention);
}

export function folded(events: readonly NightdeskEvent[], settings: Partial<StrategyConfig> = {}): FoldResult {
  return foldBatch(strategyState(settings), events, { receivedAtMs: Number.POSITIVE_INFINITY });
}
