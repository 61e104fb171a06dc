/** New orders that are the same again: what an order loop looks like. */
import type { OrderEvent } from '../events/types.ts';
import { hash53, hashText, readHashText } from '../hash.ts';
import type { EpochMs } from '../time/instant.ts';

/** New orders of the last seconds, oldest first: what each asked for, as a hash. */
export type Lately = (readonly [signature: number, at: EpochMs])[];

/** Orders within this are together. */
const windowMs = 1000;
/** What is remembered behind the newest order, for orders that come out of order. */
const keptMs = 2000;
const keptOrders = 64;

/** What the order asks for, without its ids. */
export function signatureOf({ accountId, instrumentId, side, ordType, price, stopPx, orderQty }: OrderEvent): number {
  return hash53([accountId, instrumentId, side, ordType, price ?? '', stopPx ?? '', orderQty].join('\u0001'));
}

/** Remembers a new order; returns how many with its signature stand within one second, itself included. */
export function noteRepeat(lately: Lately, signature: number, at: EpochMs): number {
  let place = lately.length;
  while (place > 0 && lately[place - 1]![1] > at) place--;
  lately.splice(place, 0, [signature, at]);
  const newest = lately[lately.length - 1]![1];
  const old = lately.findIndex(([, time]) => time > newest - keptMs);
  lately.splice(0, Math.max(old, lately.length - keptOrders, 0));
  let most = 0;
  const same = lately.filter(([other, time]) => other === signature && Math.abs(time - at) < windowMs).map(([, time]) => time);
  for (const start of same) most = Math.max(most, same.filter(time => time >= start && time - start < windowMs).length);
  return most;
}

/** Times are relative to the oldest. */
export type LatelyText = readonly [base: EpochMs, ...signatureAndTime: (string | number)[]];

export function encodeLately(lately: Lately): LatelyText | 0 {
  const base = lately[0]?.[1];
  return base === undefined ? 0 : [base, ...lately.flatMap(([signature, at]) => [hashText(signature), at - base])];
}

export function decodeLately(text: LatelyText | 0 | undefined): Lately {
  if (text === undefined || text === 0) return [];
  const [base, ...rest] = text;
  const lately: Lately = [];
  for (let at = 0; at + 1 < rest.length; at += 2) lately.push([readHashText(String(rest[at])), base + Number(rest[at + 1])]);
  return lately;
}
