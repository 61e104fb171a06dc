/** What an invocation counts over all of its strategies, under the names of the catalogue's counters and measures. */
import type { CounterName, MeasureName } from '../../core/catalogue/metric.ts';
import { oldestMarkAge } from '../../core/ledger/conditions.ts';
import type { StrategyState } from '../../core/ledger/state.ts';
import type { StrategyView } from '../../core/ledger/view.ts';
import type { Report } from './last-batch.ts';

type Names = Extract<CounterName, 'accepted' | 'duplicates' | 'conflicting' | 'late' | 'amended' | 'problems'>;
type Measures = Extract<MeasureName, 'incompleteNumbers' | 'markAgeSeconds'>;
export type BatchSums = Readonly<Record<Names, number>> & Readonly<Partial<Record<Measures, number>>>;

export const noSums: BatchSums = { accepted: 0, duplicates: 0, conflicting: 0, late: 0, amended: 0, problems: 0 };

/** A batch of one strategy after it was saved. */
export interface Told {
  readonly report: Report;
  readonly state: StrategyState;
  readonly view: StrategyView;
}

export function sumsWith(sums: BatchSums, { report, state, view }: Told): BatchSums {
  const { counts, amended, problems } = report;
  const { incomplete = 0 } = view.gauges;
  const markAge = oldestMarkAge(state, view.at);
  const oldest = markAge === undefined ? sums.markAgeSeconds : Math.max(sums.markAgeSeconds ?? 0, markAge);
  return {
    accepted: sums.accepted + counts.accepted,
    duplicates: sums.duplicates + counts.duplicates,
    conflicting: sums.conflicting + counts.conflicting,
    late: sums.late + counts.late,
    amended: sums.amended + amended,
    problems: sums.problems + problems,
    incompleteNumbers: Math.max(sums.incompleteNumbers ?? 0, incomplete),
    ...(oldest === undefined ? {} : { markAgeSeconds: oldest }),
  };
}
