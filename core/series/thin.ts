/** Fewer points that draw the same line. */
import type { EpochMs } from '../time/instant.ts';

export interface PlotSeries {
  /** Rising. */
  readonly timestamps: readonly EpochMs[];
  readonly values: readonly number[];
}

export interface Thinned extends PlotSeries {
  /** Milliseconds that one slot stands for; absent when nothing was left out. */
  readonly slotMs?: number;
}

/**
 * At most about `most` points: time is cut into slots of one width, and of each slot its smallest and largest value are kept, in the
 * order in which they came, at a quarter and three quarters of the slot. All series that are thinned over one range so share their moments, and no
 * spike is lost. Slots are counted from the epoch: ranges of one length cut alike, so a line that moves with the clock keeps its shape.
 * The last point stays exactly where it is. Series that are short enough are returned as they are.
 */
export function thin(series: PlotSeries, range: { readonly fromMs: EpochMs; readonly toMs: EpochMs }, most: number): Thinned {
  const { timestamps, values } = series;
  const count = timestamps.length;
  // A range that begins within a slot touches one more.
  const slots = Math.max(1, Math.floor(most / 2) - 1);
  if (count <= most || !(range.toMs > range.fromMs)) return series;
  const slotMs = (range.toMs - range.fromMs) / slots;
  const times: EpochMs[] = [];
  const kept: number[] = [];
  let at = 0;
  const last = count - 1;
  while (at < last) {
    const end = (Math.floor(timestamps[at]! / slotMs) + 1) * slotMs;
    let low = at;
    let high = at;
    const first = at;
    for (; at < last && timestamps[at]! < end; at++) {
      if (values[at]! < values[low]!) low = at;
      if (values[at]! > values[high]!) high = at;
    }
    if (at === first) at++;
    times.push(Math.round(end - slotMs * 0.75));
    kept.push(values[Math.min(low, high)]!);
    if (low === high) continue;
    times.push(Math.round(end - slotMs * 0.25));
    kept.push(values[Math.max(low, high)]!);
  }
  // The last point may lie before the moments of its slot: they move in front of it.
  let limit = timestamps[last]!;
  for (let index = times.length - 1; index >= 0 && times[index]! >= limit; index--) {
    limit--;
    times[index] = limit;
  }
  times.push(timestamps[last]!);
  kept.push(values[last]!);
  return { timestamps: times, values: kept, slotMs };
}
