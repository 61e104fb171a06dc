/** What happened to orders in each of the last minutes. */
import type { EpochMs } from '../time/instant.ts';
import { decodeSketch, emptySketch, encodeSketch, type LatencySketch, mergeSketch, type SketchText } from './latency-sketch.ts';

export interface Minute {
  /** Minutes since 1970. */
  readonly minute: number;
  submitted: number;
  accepted: number;
  rejected: number;
  /** Orders filled beyond their quantity. */
  overfilled: number;
  /** Most identical new orders within a second. */
  repeats: number;
  /** Executions that added to a position while trading was halted. */
  halted: number;
  /** Largest distance of an execution from its reference price, as a fraction. */
  deviation: number;
  readonly ack: LatencySketch;
  readonly fill: LatencySketch;
  readonly cancel: LatencySketch;
}

/** Minutes that `recentOrders` looks back. */
export const recentMinutes = 5;
const keptMinutes = 15;

const emptyMinute = (minute: number): Minute => ({
  minute,
  submitted: 0,
  accepted: 0,
  rejected: 0,
  overfilled: 0,
  repeats: 0,
  halted: 0,
  deviation: 0,
  ack: emptySketch(),
  fill: emptySketch(),
  cancel: emptySketch(),
});

/** The minute of an instant, made when there is none. The newest are kept; an older one is counted nowhere. Oldest first. */
export function minuteAt(minutes: Minute[], atMs: EpochMs): Minute {
  const minute = Math.floor(atMs / 60_000);
  const last = minutes[minutes.length - 1];
  if (last?.minute === minute) return last;
  const known = minutes.find(other => other.minute === minute);
  if (known !== undefined) return known;
  const fresh = emptyMinute(minute);
  minutes.push(fresh);
  if (last !== undefined && minute < last.minute) minutes.sort((a, b) => a.minute - b.minute);
  if (minutes.length > keptMinutes) minutes.splice(0, minutes.length - keptMinutes);
  return fresh;
}

/** The last minutes before `nowMs` as one, the running one included. `submitted` is that of the busiest of them. */
export function recentOf(minutes: readonly Minute[], nowMs: EpochMs, count: number = recentMinutes): Minute {
  const newest = Math.floor(nowMs / 60_000);
  const sum = emptyMinute(newest);
  for (const minute of minutes) {
    if (minute.minute <= newest - count) continue;
    sum.submitted = Math.max(sum.submitted, minute.submitted);
    sum.accepted += minute.accepted;
    sum.rejected += minute.rejected;
    sum.overfilled += minute.overfilled;
    sum.repeats = Math.max(sum.repeats, minute.repeats);
    sum.halted += minute.halted;
    sum.deviation = Math.max(sum.deviation, minute.deviation);
    mergeSketch(sum.ack, minute.ack);
    mergeSketch(sum.fill, minute.fill);
    mergeSketch(sum.cancel, minute.cancel);
  }
  return sum;
}

export type MinuteText = readonly [
  minute: number,
  accepted: number,
  rejected: number,
  ack: SketchText,
  counts?: readonly number[],
  fill?: SketchText,
  cancel?: SketchText,
];

/** What is nothing is left out from the end. */
export function encodeMinute(minute: Minute): MinuteText {
  const { submitted, overfilled, repeats, halted, deviation, ack, fill, cancel } = minute;
  const counts = [submitted, overfilled, repeats, halted, Number(deviation.toPrecision(4))];
  while (counts.at(-1) === 0) counts.pop();
  const text: [...MinuteText] = [minute.minute, minute.accepted, minute.rejected, encodeSketch(ack), counts];
  if (fill.count + cancel.count > 0) text.push(encodeSketch(fill));
  if (cancel.count > 0) text.push(encodeSketch(cancel));
  return text;
}

export function decodeMinute([minute, accepted, rejected, ack, counts = [], fill, cancel]: MinuteText): Minute {
  const [submitted = 0, overfilled = 0, repeats = 0, halted = 0, deviation = 0] = counts;
  const sketch = (text: SketchText | undefined) => (text === undefined ? emptySketch() : decodeSketch(text));
  return {
    ...emptyMinute(minute),
    submitted,
    accepted,
    rejected,
    overfilled,
    repeats,
    halted,
    deviation,
    ack: decodeSketch(ack),
    fill: sketch(fill),
    cancel: sketch(cancel),
  };
}
