/** Prices to value open positions at: the newest of each trading day. */
import type { DayNumber } from '../calendar/calendar.ts';
import type { Decimal } from '../money/decimal.ts';
import type { EpochNs } from '../time/instant.ts';

export interface Mark {
  readonly day: DayNumber;
  readonly at: EpochNs;
  readonly seq: number;
  readonly price: Decimal;
}

/** By instrument; oldest day first. */
export type Marks = Map<string, Mark[]>;

export function addMark(marks: Marks, instrumentId: string, mark: Mark): void {
  const line = marks.get(instrumentId);
  if (line === undefined) {
    marks.set(instrumentId, [mark]);
    return;
  }
  let at = line.length;
  while (at > 0 && line[at - 1]!.day > mark.day) at--;
  const same = line[at - 1];
  if (same?.day !== mark.day) line.splice(at, 0, mark);
  else if (mark.at > same.at || (mark.at === same.at && mark.seq >= same.seq)) line[at - 1] = mark;
}

/** The newest mark of the day or of the days before it. */
export function markOn(marks: Marks, instrumentId: string, day: DayNumber): Mark | undefined {
  const line = marks.get(instrumentId);
  if (line === undefined) return undefined;
  for (let at = line.length - 1; at >= 0; at--) if (line[at]!.day <= day) return line[at];
  return undefined;
}

export function newestMark(marks: Marks, instrumentId: string): Mark | undefined {
  return marks.get(instrumentId)?.at(-1);
}

/** Keeps the marks of `day` and later, and the one before them that still is valid. */
export function pruneMarks(marks: Marks, day: DayNumber): void {
  for (const line of marks.values()) {
    let drop = 0;
    while (drop + 1 < line.length && line[drop + 1]!.day <= day) drop++;
    if (drop > 0) line.splice(0, drop);
  }
}
