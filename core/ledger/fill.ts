/** What an execution traded: reading it from its event, and telling two of them apart. */
import type { ExecutionEvent } from '../events/types.ts';
import { type Hash96, hash96 } from '../hash.ts';
import { compare, type Decimal, parseUnits, scaleOf } from '../money/decimal.ts';
import type { EpochNs } from '../time/instant.ts';
import type { FeeAmount, Fill, Scope } from './state.ts';

const none: readonly FeeAmount[] = [];

/** The event's fields are validated decimals. */
export function readFill({ side, lastQty, lastPx, fees, settlCurrency }: ExecutionEvent): Fill {
  const size = parseUnits(lastQty);
  const count = fees === undefined ? 0 : fees.length;
  return {
    quantity: side === 'sell' ? -size : size,
    quantityScale: scaleOf(lastQty),
    price: parseUnits(lastPx),
    priceScale: scaleOf(lastPx),
    fee: count === 0 ? undefined : readFee(fees![0]!),
    moreFees: count < 2 ? none : fees!.slice(1).map(readFee),
    currency: settlCurrency,
  };
}

function readFee({ amount, currency }: { readonly amount: string; readonly currency: string }): FeeAmount {
  return { currency, units: parseUnits(amount), scale: scaleOf(amount) };
}

export const quantityOfFill = ({ quantity, quantityScale }: Fill): Decimal => ({ units: quantity, scale: quantityScale });
export const priceOfFill = ({ price, priceScale }: Fill): Decimal => ({ units: price, scale: priceScale });

/** All fees, in the order in which the execution listed them. */
export function feesOf({ fee, moreFees }: Fill): readonly FeeAmount[] {
  return fee === undefined ? none : moreFees.length === 0 ? [fee] : [fee, ...moreFees];
}

/** The fees of a fill as its two fields. */
export function feeFields(fees: readonly FeeAmount[]): Pick<Fill, 'fee' | 'moreFees'> {
  const [fee, ...moreFees] = fees;
  return { fee, moreFees: moreFees.length === 0 ? none : moreFees };
}

/** By value: 1.0 is 1.00. */
export function sameFill(a: Fill, b: Fill): boolean {
  if (a.currency !== b.currency || a.moreFees.length !== b.moreFees.length) return false;
  return (
    sameUnits(a.quantity, a.quantityScale, b.quantity, b.quantityScale) &&
    sameUnits(a.price, a.priceScale, b.price, b.priceScale) &&
    sameFee(a.fee, b.fee) &&
    a.moreFees.every((fee, at) => sameFee(fee, b.moreFees[at]))
  );
}

function sameFee(a: FeeAmount | undefined, b: FeeAmount | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.currency === b.currency && sameUnits(a.units, a.scale, b.units, b.scale);
}

function sameUnits(a: bigint, aScale: number, b: bigint, bScale: number): boolean {
  return aScale === bScale ? a === b : compare({ units: a, scale: aScale }, { units: b, scale: bScale }) === 0;
}

/** Names an execution among all that the strategy has ever had. */
export function executionIdentity(scope: Scope, execKey: string): Hash96 {
  return hash96(`execution\u0001${scope.venue}\u0001${scope.book.accountId}\u0001${scope.book.instrumentId}\u0001${execKey}`);
}

/** Of an execution's content at its time: equal content has it, whatever its trailing zeros. */
export function contentHash(at: EpochNs, fill: Fill): number {
  return hash96(contentOf(at, fill)).c;
}

/** Text of a fill at its time that equal content shares, whatever its trailing zeros. */
export function contentOf(at: bigint, fill: Fill): string {
  const fees = feesOf(fill).map(fee => `${fee.currency}${withoutZeros(fee.units, fee.scale)}`);
  const quantity = withoutZeros(fill.quantity, fill.quantityScale);
  return `${at}|${quantity}|${withoutZeros(fill.price, fill.priceScale)}|${fees.join()}|${fill.currency ?? ''}`;
}

function withoutZeros(units: bigint, scale: number): string {
  let [left, digits] = [units, scale];
  while (digits > 0 && left % 10n === 0n) {
    left /= 10n;
    digits--;
  }
  return `${left}e${digits}`;
}
