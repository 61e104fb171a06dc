/** Returns of longer periods and how they are spread. */
import { growthOf } from '../performance/growth.ts';
import { percentileOf, sortedCopy } from '../performance/moments.ts';
import type { Distribution } from './document.ts';

interface Day {
  readonly date: string;
  readonly return: number;
}

const dayNumber = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 86_400_000;

/** The period that a date belongs to; weeks run from Monday to Sunday. 1970-01-05 was a Monday. */
const periods = [
  ['Days', (date: string) => date],
  ['Weeks', (date: string) => String(Math.floor((dayNumber(date) - 4) / 7))],
  ['Months', (date: string) => date.slice(0, 7)],
  ['Quarters', (date: string) => `${date.slice(0, 4)}-${Math.ceil(Number(date.slice(5, 7)) / 3)}`],
  ['Years', (date: string) => date.slice(0, 4)],
] as const;

/** How returns of days, weeks, months, quarters and years are spread; unfinished periods count as they stand, and one period alone is none. */
export function distributions(days: readonly Day[]): readonly Distribution[] {
  return periods.flatMap(([label, keyOf]) => {
    const groups = new Map<string, number[]>();
    for (const day of days) {
      const own = groups.get(keyOf(day.date));
      if (own === undefined) groups.set(keyOf(day.date), [day.return]);
      else own.push(day.return);
    }
    const sorted = sortedCopy([...groups.values()].map(returns => (returns.length === 1 ? returns[0]! : growthOf(returns) - 1)));
    const at = (share: number) => percentileOf(sorted, share)!;
    return sorted.length < 2
      ? []
      : [{ label, n: sorted.length, least: sorted[0]!, low: at(0.25), middle: at(0.5), high: at(0.75), most: sorted.at(-1)! }];
  });
}
