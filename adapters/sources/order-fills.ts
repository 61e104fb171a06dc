/** Executions of sources that state each order's cumulative quantity and average price. */
import { type FilledSoFar, fillBetween, type NextFill } from './plain-decimal.ts';
import type { Memory } from './source.ts';

export interface OrderFills {
  /** The fill since the last look, or undefined. */
  readonly next: (orderId: string, cumulative: string | undefined, average: string | undefined) => NextFill | undefined;
  /** True the first time that this step of an order is told. */
  readonly isNews: (step: string) => boolean;
  readonly memory: () => Memory;
}

/** Orders that are remembered over a restart. */
const kept = 20_000;

export function openOrderFills(memory: Memory | undefined): OrderFills {
  const filled = new Map((memory?.['filled'] ?? []) as [string, FilledSoFar][]);
  const told = new Set((memory?.['told'] ?? []) as string[]);
  return {
    next: (orderId, cumulative, average) => {
      if (cumulative === undefined || average === undefined) return undefined;
      const fill = fillBetween(filled.get(orderId), cumulative, average);
      if (fill !== undefined) filled.set(orderId, fill.now);
      return fill;
    },
    isNews: step => {
      const isNew = !told.has(step);
      told.add(step);
      return isNew;
    },
    memory: () => ({ filled: [...filled].slice(-kept), told: [...told].slice(-kept) }),
  };
}
