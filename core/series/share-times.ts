/** Series of one answer mostly have the same moments: they are sent once. */
import type { EpochMs } from '../time/instant.ts';

interface Timed {
  readonly timestamps: readonly EpochMs[];
}

/** A series, or one that says which earlier series of the answer (counted from 0) has its moments. */
export type SharedTimes<T extends Timed> = T | (Omit<T, 'timestamps'> & { readonly timesOf: number });

const areAlike = (one: readonly EpochMs[], other: readonly EpochMs[]): boolean =>
  one.length === other.length && one.every((at, index) => at === other[index]);

/** Each series is compared with the last one that has moments of its own. Few moments are not worth a word. */
export function shareTimes<T extends Timed>(all: readonly T[]): SharedTimes<T>[] {
  let owner = -1;
  return all.map((series, index) => {
    const shared = all[owner]?.timestamps;
    if (shared !== undefined && series.timestamps.length > 2 && areAlike(shared, series.timestamps)) {
      const { timestamps: _, ...others } = series;
      return { ...others, timesOf: owner };
    }
    owner = index;
    return series;
  });
}

/** Gives every series its moments again; those that share them get the same array. What refers to no earlier series has none. */
export function unshareTimes<T extends Timed>(all: readonly SharedTimes<T>[]): T[] {
  const out: T[] = [];
  for (const each of all) {
    if (!('timesOf' in each)) {
      out.push(each);
      continue;
    }
    const { timesOf, ...others } = each;
    out.push({ ...others, timestamps: out[timesOf]?.timestamps ?? [] } as unknown as T);
  }
  return out;
}
