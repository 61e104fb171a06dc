/** The kept history of a strategy, told entry by entry. */
import { settle } from './fold-entries.ts';
import { refoldFrom } from './journal.ts';
import type { FoldObserver, StrategyState } from './state.ts';

/**
 * Folds every kept entry once more, in order, and tells the observer; afterwards the state is what it was. What is no longer kept
 * (`journal.floor`) is not told.
 */
export function refold(state: StrategyState, observer: FoldObserver): void {
  settle(state);
  const [first] = state.journal.segments;
  const [oldest] = first?.entries ?? [];
  if (oldest === undefined) return;
  refoldFrom(state.journal, oldest.at);
  state.observer = observer;
  try {
    settle(state);
  } finally {
    delete state.observer;
  }
}
