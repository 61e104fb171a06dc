import type { Units } from './instrument.ts';

/** Cash and one position, exact. `cost` is what the open lots cost, signed like them; it only serves the average price. */
export interface Book {
  /** Units of money. */
  cash: bigint;
  lots: number;
  cost: bigint;
}

export const openBook = (capital: bigint): Book => ({ cash: capital, lots: 0, cost: 0n });

/** Books a fill; `signedLots` is negative for a sale. A reduction takes its share of the cost, a flip starts anew. */
export function bookFill(book: Book, units: Units, signedLots: number, ticks: number, fee: bigint): void {
  const notional = units.notional(ticks, signedLots);
  const before = book.lots;
  book.cash -= notional + fee;
  book.lots += signedLots;
  if (before === 0 || Math.sign(before) === Math.sign(signedLots)) book.cost += notional;
  else if (book.lots === 0) book.cost = 0n;
  else if (Math.sign(book.lots) === Math.sign(before)) book.cost = (book.cost * BigInt(book.lots)) / BigInt(before);
  else book.cost = units.notional(ticks, book.lots);
}

/** Value of the account at a mark, exact. */
export function equityAt(book: Book, units: Units, markTicks: number): bigint {
  return book.cash + units.notional(markTicks, book.lots);
}
