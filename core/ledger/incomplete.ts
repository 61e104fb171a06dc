import { compare } from '../money/decimal.ts';
import { daySpan, openPositionsOf, totalUnrealized } from './days.ts';
import type { Assertion, Book, SequenceRange, StrategyState } from './state.ts';

export type IncompleteReason = 'sequenceGap' | 'missingRate' | 'needsRebuild' | 'unreconciledPosition';

/** Sources whose events of all strategies share one numbering, and how many of them have not come. */
export type SharedNumbering = ReadonlyMap<string, number>;

/**
 * Why the numbers are not to be trusted in full; empty when they are. A source numbers its events per strategy, unless `shared` says
 * otherwise.
 */
export function incompleteReasons(state: StrategyState, shared: SharedNumbering = new Map()): readonly IncompleteReason[] {
  const { gross, fees, funding, flows } = state.totals.missing;
  const reasons: IncompleteReason[] = [];
  if (missingEvents(state, shared) > 0) reasons.push('sequenceGap');
  if (gross + fees + funding + flows > 0 || isUnrealizedUnknown(state)) reasons.push('missingRate');
  if (state.needsRebuild) reasons.push('needsRebuild');
  if (contradictions(state).length > 0) reasons.push('unreconciledPosition');
  return reasons;
}

/** Events that the sources have numbered but that have not come. */
export function missingEvents(state: StrategyState, shared: SharedNumbering = new Map()): number {
  let missing = 0;
  for (const [source, range] of state.sequences) missing += shared.get(source) ?? gapsIn(range);
  return missing;
}

/**
 * Told by all strategies of a file together: numbers that never repeat between strategies are one numbering, and only then can
 * the others' events fill a strategy's gaps.
 */
export function sourcesNumberedTogether(states: readonly StrategyState[]): SharedNumbering {
  const together = new Map<string, SequenceRange & { strategies: number }>();
  for (const state of states) {
    for (const [source, range] of state.sequences) {
      const sum = together.get(source);
      if (sum === undefined) {
        together.set(source, { ...range, strategies: 1 });
        continue;
      }
      sum.lowest = Math.min(sum.lowest, range.lowest);
      sum.highest = Math.max(sum.highest, range.highest);
      sum.count += range.count;
      sum.strategies++;
    }
  }
  const shared = [...together].filter(([, sum]) => sum.strategies > 1 && sum.count <= sum.highest - sum.lowest + 1);
  return new Map(shared.map(([source, sum]) => [source, gapsIn(sum)]));
}

/** Numbers between the lowest and the highest that have not come. */
export function gapsIn({ lowest, highest, count }: SequenceRange): number {
  return Math.max(0, highest - lowest + 1 - count);
}

const isUnrealizedUnknown = (state: StrategyState): boolean =>
  totalUnrealized(state, openPositionsOf(state), daySpan(state)?.last ?? 0) === undefined;

export interface Contradiction extends Pick<Assertion, 'at' | 'quantity'> {
  readonly book: Book;
}

/** Positions of which somebody else's view, as of after our last execution in it, differs from ours. */
export function contradictions(state: StrategyState): readonly Contradiction[] {
  const found: Contradiction[] = [];
  for (const [book, { at, quantity }] of state.assertions) {
    if (at <= book.lastAt || (book.splitAt !== undefined && at < book.splitAt)) continue;
    if (compare(quantity, { units: book.position.quantity, scale: book.position.quantityScale }) !== 0) found.push({ book, at, quantity });
  }
  return found;
}
