/** Series for the detector's tests: seeded, so that the same test sees the same numbers. */
import type { DetectorSettings, DetectorState, Point, Verdict } from '../../core/anomaly/detector.ts';
import { detect, emptyDetector } from '../../core/anomaly/detector.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** A Monday. */
export const START = Date.UTC(2026, 2, 2);

/** Uniform in [0, 1). The generator is Mulberry32 by Tommy Ettinger (public domain). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface Shape {
  readonly days: number;
  readonly everyMs?: number;
  readonly seed?: number;
  readonly valueAt: (at: number, noise: () => number) => number;
}

/** `noise()` is roughly normal with deviation 1. */
export function pointsOf({ days, everyMs = 5 * MINUTE, seed = 1, valueAt }: Shape): readonly Point[] {
  const random = randomOf(seed);
  const noise = () => (random() + random() + random() + random() - 2) * Math.sqrt(3);
  return Array.from({ length: Math.floor((days * DAY) / everyMs) }, (_, index) => {
    const at = START + index * everyMs;
    return { at, value: valueAt(at, noise) };
  });
}

/** A daily wave around 100 of height 20, with noise of deviation 2. */
export const dailyWave = (at: number, noise: () => number): number => 100 + 20 * Math.sin((2 * Math.PI * (at % DAY)) / DAY) + 2 * noise();

export function run(
  points: readonly Point[],
  settings: DetectorSettings,
  from: DetectorState = emptyDetector,
): { readonly verdicts: readonly Verdict[]; readonly state: DetectorState } {
  let state = from;
  const verdicts = points.map(point => {
    const next = detect(state, point, settings);
    state = next.state;
    return next.verdict;
  });
  return { verdicts, state };
}

export const onsets = (verdicts: readonly Verdict[]): readonly number[] => verdicts.filter(({ onset }) => onset).map(({ at }) => at);
