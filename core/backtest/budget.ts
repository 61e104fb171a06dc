/** What a set of alarms is allowed to cost in sleep, and what it must not miss. */
import type { Judgement } from './judge.ts';
import { type GroupedIncident, pagingOf, worstWeekOf } from './pages.ts';

export interface Budget {
  /** Most pages within any seven days. */
  readonly pagesPerWeek?: number;
  /** Incidents that must be caught. */
  readonly mustCatch: readonly string[];
}

export interface Verdict {
  readonly ok: boolean;
  readonly text: string;
}

export function verdictsOf(budget: Budget, incidents: readonly GroupedIncident[], judgement: Judgement | undefined): readonly Verdict[] {
  const verdicts: Verdict[] = [];
  const most = budget.pagesPerWeek;
  if (most !== undefined) {
    const worst = worstWeekOf(pagingOf(incidents));
    verdicts.push({ ok: worst <= most, text: `${worst} pages within the worst seven days; the budget is ${most}` });
  }
  for (const id of budget.mustCatch) {
    const judged = judgement?.incidents.find(({ incident }) => incident.id === id);
    verdicts.push({
      ok: judged?.caught === true,
      text: judged?.caught === true ? `${id} is caught by ${judged.by}` : `${id} is not caught`,
    });
  }
  return verdicts;
}
