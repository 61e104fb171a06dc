import { compare } from '../money/decimal.ts';
import type { StrategyState } from './state.ts';

export type IncompleteReason = 'sequenceGap' | 'missingRate' | 'needsRebuild' | 'unreconciledPosition';

/** Why the numbers are not to be trusted in full; empty when they are. */
export function incompleteReasons(state: StrategyState): readonly IncompleteReason[] {
  const { gross, fees, funding, flows } = state.totals.missing;
  const reasons: IncompleteReason[] = [];
  if (missingEvents(state) > 0) reasons.push('sequenceGap');
  if (gross + fees + funding + flows > 0) reasons.push('missingRate');
  if (state.needsRebuild) reasons.push('needsRebuild');
  if (hasContradiction(state)) reasons.push('unreconciledPosition');
  return reasons;
}

/** Events that the sources have numbered but that have not come. */
export function missingEvents(state: StrategyState): number {
  let missing = 0;
  for (const { lowest, highest, count } of state.sequences.values()) missing += Math.max(0, highest - lowest + 1 - count);
  return missing;
}

/** Somebody else's view of a position, as of after our last execution in it, differs from ours. */
function hasContradiction(state: StrategyState): boolean {
  for (const [book, { at, quantity }] of state.assertions) {
    if (at <= book.lastAt) continue;
    if (compare(quantity, { units: book.position.quantity, scale: book.position.quantityScale }) !== 0) return true;
  }
  return false;
}
