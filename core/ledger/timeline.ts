/** Values that change with time, such as rates: what was valid when. */
import type { Decimal } from '../money/decimal.ts';
import type { EpochNs } from '../time/instant.ts';

export interface TimedValue {
  readonly at: EpochNs;
  /** Breaks ties between equal times; −1 when the event had none. */
  readonly seq: number;
  readonly value: Decimal;
}

/** Oldest first. */
export type Timeline = TimedValue[];

/** Puts a value in its place; the later of two with equal time and sequence wins. Returns whether it is now the newest. */
export function insertTimed(line: Timeline, fresh: TimedValue): boolean {
  let at = line.length;
  while (at > 0 && isBefore(fresh, line[at - 1]!)) at--;
  const same = line[at - 1];
  if (same !== undefined && same.at === fresh.at && same.seq === fresh.seq) {
    line[at - 1] = fresh;
    return at === line.length;
  }
  line.splice(at, 0, fresh);
  return at === line.length - 1;
}

/** The newest value at or before the instant. */
export function valueAt(line: Timeline, at: EpochNs): TimedValue | undefined {
  const last = line[line.length - 1];
  if (last === undefined || last.at <= at) return last;
  let low = 0;
  let high = line.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (line[middle]!.at <= at) low = middle + 1;
    else high = middle;
  }
  return line[low - 1];
}

/** Drops values that no instant at or after `from` can ask for, and the oldest beyond `limit`. */
export function pruneTimeline(line: Timeline, from: EpochNs, limit: number): void {
  let drop = 0;
  while (drop + 1 < line.length && line[drop + 1]!.at <= from) drop++;
  drop = Math.max(drop, line.length - limit);
  if (drop > 0) line.splice(0, drop);
}

function isBefore(a: TimedValue, b: TimedValue): boolean {
  return a.at < b.at || (a.at === b.at && a.seq < b.seq);
}
