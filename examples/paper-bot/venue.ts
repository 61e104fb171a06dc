import type { Random } from './random.ts';

/** A simulated venue, pure: an order and a bar in, what the venue reports out. Prices are ticks, quantities lots. */

export interface VenueProfile {
  readonly name: string;
  /** Millionths of the notional; negative is a rebate. */
  readonly makerFee: number;
  readonly takerFee: number;
  /** Acknowledgement takes at least this long, and usually this much longer, ms. */
  readonly ackFloorMs: number;
  readonly ackSpreadMs: number;
  /** Share of orders refused on a normal day. */
  readonly rejectShare: number;
}

/** Things that a demonstration breaks on purpose. */
export interface Trouble {
  readonly rejecting: boolean;
  readonly slow: boolean;
  /** The book is nearly empty: market orders fill this share of the price away from the mid. */
  readonly slippage: number;
}

export interface Bar {
  readonly openMs: number;
  readonly closeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

export type Side = 'buy' | 'sell';

export interface WorkingOrder {
  readonly clOrdId: string;
  readonly orderId: string;
  readonly side: Side;
  readonly ordType: 'limit' | 'market';
  /** Absent for market orders. */
  readonly limitTicks?: number;
  readonly lots: number;
  readonly filledLots: number;
  readonly submittedMs: number;
  readonly ackedMs: number;
  /** The bot takes the order back at this time. */
  readonly cancelMs: number;
  readonly reduceOnly: boolean;
  readonly arrivalTicks: number;
  readonly traceId: string;
}

export interface Refusal {
  readonly code: string;
  readonly text: string;
}

export interface Fill {
  readonly atMs: number;
  readonly lots: number;
  readonly ticks: number;
  readonly liquidity: 'maker' | 'taker';
}

/** Time until the venue answers, ms: a floor and an exponential tail cut at five times the spread; several seconds when it is slow. */
export function acknowledgementMs(profile: VenueProfile, trouble: Trouble, random: Random): number {
  const tail = Math.min(5, -Math.log(1 - random.next()));
  const usual = Math.round(profile.ackFloorMs + profile.ackSpreadMs * tail);
  return trouble.slow ? usual + random.between(1500, 6000) : usual;
}

const refusals: readonly Refusal[] = [
  { code: 'POST_ONLY_CROSSES', text: 'post-only order would have taken liquidity' },
  { code: 'PRICE_BAND', text: 'price outside the permitted band' },
];

const overload: Refusal = { code: 'RATE_LIMIT', text: 'too many requests, order not accepted' };

/** Why the venue refuses the order, or undefined when it takes it. */
export function refusalOf(profile: VenueProfile, trouble: Trouble, random: Random): Refusal | undefined {
  const chance = random.next();
  const kind = random.between(0, refusals.length - 1);
  if (trouble.rejecting) return chance < 0.9 ? overload : undefined;
  return chance < profile.rejectShare ? refusals[kind] : undefined;
}

/** Splits lots into at most `most` pieces of at least one lot. */
function pieces(lots: number, most: number, random: Random): number[] {
  const count = Math.min(lots, random.between(1, most));
  const out: number[] = [];
  let left = lots;
  for (let at = count; at > 1; at--) {
    const piece = Math.max(1, Math.min(left - at + 1, Math.round((left / at) * (0.6 + 0.8 * random.next()))));
    out.push(piece);
    left -= piece;
  }
  return [...out, left];
}

/** A market order walks the book: each further piece a little worse, never through zero. */
function fillsAtMarket(order: WorkingOrder, bar: Bar, trouble: Trouble, random: Random): Fill[] {
  const direction = order.side === 'buy' ? 1 : -1;
  const away = Math.round(bar.open * trouble.slippage);
  let atMs = order.ackedMs;
  return pieces(order.lots - order.filledLots, 3, random).map((lots, depth) => {
    atMs += random.between(1, 25);
    return { atMs, lots, ticks: Math.max(1, bar.open + direction * (1 + depth + away)), liquidity: 'taker' as const };
  });
}

/** A limit order that rests fills at its price once the bar trades through it, and in part when the bar only touches it. */
function fillsAtLimit(order: WorkingOrder, bar: Bar, random: Random): Fill[] {
  const limit = order.limitTicks!;
  const reach = order.side === 'buy' ? bar.low : bar.high;
  const beyond = order.side === 'buy' ? limit - reach : reach - limit;
  if (beyond < 0) return [];
  const from = Math.max(order.ackedMs, bar.openMs) + 1;
  const to = Math.min(order.cancelMs, bar.closeMs) - 1;
  if (to <= from) return [];
  const open = order.lots - order.filledLots;
  const wanted = beyond > 0 ? open : Math.floor(open * (0.3 + 0.4 * random.next()));
  if (wanted <= 0) return [];
  const parts = pieces(wanted, 3, random);
  let atMs = from + Math.floor((to - from) * 0.6 * random.next());
  return parts.map(lots => {
    const fill: Fill = { atMs, lots, ticks: limit, liquidity: 'maker' };
    atMs = Math.min(to, atMs + random.between(1, 900));
    return fill;
  });
}

/** What fills of an accepted order during the bar, in order of time. */
export function fillsOf(order: WorkingOrder, bar: Bar, trouble: Trouble, random: Random): Fill[] {
  if (order.ackedMs >= bar.closeMs) return [];
  return order.ordType === 'market' ? fillsAtMarket(order, bar, trouble, random) : fillsAtLimit(order, bar, random);
}

/** Fee of a fill in units of money, rounded half to even as the venue's statement shows it (1e-8). Positive is a cost. */
export function feeOf(profile: VenueProfile, liquidity: 'maker' | 'taker', notional: bigint): bigint {
  const rate = BigInt(liquidity === 'maker' ? profile.makerFee : profile.takerFee);
  const exact = (notional < 0n ? -notional : notional) * rate;
  const million = 1_000_000n;
  const whole = exact / million;
  const rest = exact % million;
  const size = rest < 0n ? -rest : rest;
  const isUp = size * 2n > million || (size * 2n === million && whole % 2n !== 0n);
  return isUp ? whole + (exact < 0n ? -1n : 1n) : whole;
}
