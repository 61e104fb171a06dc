/** Histories for property tests of the ledger, in order of time, and ways to disturb them. */
import fc from 'fast-check';
import type { ExecutionEvent, NightdeskEvent } from '../../core/events/types.ts';
import { account, bust, cash, control, correction, heartbeat, instrument, mark, rate, snapshot, trade } from './events.ts';

export interface Step {
  readonly kind: number;
  readonly gap: number;
  readonly quantity: number;
  readonly price: number;
  readonly pick: number;
}

export const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.integer({ min: 0, max: 28 }),
  gap: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 400 }) },
    { weight: 1, arbitrary: fc.integer({ min: 20_000, max: 90_000 }) },
  ),
  quantity: fc.integer({ min: 1, max: 30 }),
  price: fc.integer({ min: -50, max: 4000 }),
  pick: fc.nat(),
});

const instruments = ['BTC-USD', 'ETH-USD', 'ES', 'XBTUSD'];

/** A history in order of time, with every kind of event that money depends on. Each event has its own place in time. */
export function historyOf(steps: readonly Step[]): NightdeskEvent[] {
  const events: NightdeskEvent[] = [account(0, '10000')];
  const trades: ExecutionEvent[] = [];
  const amendments: ExecutionEvent[] = [];
  let at = 0;
  const amend = (event: ExecutionEvent) => {
    amendments.push(event);
    events.push(event);
  };
  for (const { kind, gap, quantity, price, pick } of steps) {
    at += gap;
    const instrumentId = instruments[pick % instruments.length]!;
    const size = kind % 3 === 0 ? `${quantity}` : kind % 3 === 1 ? `0.${quantity}` : `${quantity}.125`;
    const px = kind % 2 === 0 ? `${price}` : `${price}.${pick % 1000}`;
    const chosen = trades[pick % Math.max(1, trades.length)];
    if (kind < 12) {
      const fees = pick % 4 === 0 ? [{ amount: '0.003', currency: 'BNB' }] : [{ amount: `0.${quantity}`, currency: 'USD' }];
      const next = trade(at, pick % 2 === 0 ? 'buy' : 'sell', size, px, { instrumentId, fees });
      trades.push(next);
      events.push(next);
    } else if (kind === 12) events.push(mark(at, px, instrumentId));
    else if (kind === 13) events.push(rate(at, 'BNB', 'USD', `${200 + (pick % 100)}.5`));
    else if (kind === 14) events.push(cash(at, pick % 2 === 0 ? 'funding' : 'withdrawal', `-0.${quantity}`, { instrumentId }));
    else if (kind === 15 && chosen !== undefined) amend(bust(at, chosen));
    else if (kind === 16 && chosen !== undefined) amend(correction(at, chosen, { lastPx: px, lastQty: size }));
    // What was corrected is busted, and what was busted is corrected after all.
    else if (kind === 22 && amendments.length > 0) amend(bust(at, amendments[pick % amendments.length]!));
    else if (kind === 23 && amendments.length > 0) amend(correction(at, amendments[pick % amendments.length]!, { lastPx: px }));
    else if (kind === 24) events.push(control(at, pick % 2 === 0 ? 'halt' : 'resume'));
    else if (kind === 25) events.push(instrument(at, { instrumentId: 'XBTUSD', inverse: true, multiplier: '100', baseCurrency: 'BTC' }));
    else if (kind === 26) events.push(rate(at, 'BTC', 'USD', `${30_000 + (pick % 1000)}`));
    else if (kind === 27) events.push(cash(at, pick % 2 === 0 ? 'funding' : 'interest', `0.${quantity}`, { currency: 'BNB' }));
    else if (kind === 28) events.push(cash(at, 'fee', `-0.${quantity}`, { instrumentId, currency: pick % 3 === 0 ? 'BNB' : 'USD' }));
    else if (kind === 17) events.push(instrument(at, { instrumentId: 'ES', multiplier: '50', quoteCurrency: 'USD' }));
    else if (kind === 18) events.push({ ...instrument(at, { instrumentId }), kind: 'corporateAction', splitRatio: '2' });
    else if (kind === 19) events.push({ ...instrument(at, { instrumentId: 'BTC-USD' }), kind: 'corporateAction', newInstrumentId: 'XBT' });
    else if (kind === 20) events.push(instrument(at, { instrumentId: 'ETH-USD', baseCurrency: 'BNB', quoteCurrency: 'USD' }));
    else events.push(snapshot(at, size), heartbeat(at), cash(at, 'deposit', `${quantity}`));
  }
  return events;
}

export function cut<T>(items: readonly T[], sizes: readonly number[]): T[][] {
  const batches: T[][] = [];
  let at = 0;
  for (let turn = 0; at < items.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    batches.push(items.slice(at, at + size));
    at += size;
  }
  return batches;
}

/** Deterministic shuffle by a list of random numbers. */
export function shuffled<T>(items: readonly T[], keys: readonly number[], reach: number): T[] {
  return items
    .map((item, at) => ({ item, key: at + ((keys[at % keys.length] ?? 0) % (2 * reach + 1)) - reach, at }))
    .sort((a, b) => a.key - b.key || a.at - b.at)
    .map(({ item }) => item);
}
