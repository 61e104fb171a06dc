import type { EpochMs } from '../time/instant.ts';

/**
 * A stand-in for CloudWatch's anomaly model, which is not published: wherever it decides, the output says "approximated".
 * It is causal and deterministic: centre and width come from points before the judged ones alone.
 */
export const BAND_MODEL = 'approximated' as const;

/** History that a band learns from. */
export const BAND_HISTORY = {
  /** Points directly before the judged ones. */
  recentPeriods: 180,
  /** Days back whose same time of day counts. */
  days: 7,
  /** Periods to either side of the same time of day. */
  daySidePeriods: 15,
  /** Fewer points give no band; CloudWatch's own appears after about as many minutes. */
  fewestPoints: 15,
} as const;

/** Spans, oldest first, that `bandOf` wants to see for judged points that start at `fromMs`. */
export function bandHistorySpans(fromMs: EpochMs, periodMs: number): readonly { readonly fromMs: EpochMs; readonly toMs: EpochMs }[] {
  const day = 86_400_000;
  const side = BAND_HISTORY.daySidePeriods * periodMs;
  const recent = { fromMs: fromMs - BAND_HISTORY.recentPeriods * periodMs, toMs: fromMs };
  if (periodMs >= 3_600_000) return [recent];
  const days = Array.from({ length: BAND_HISTORY.days }, (_, at) => fromMs - (BAND_HISTORY.days - at) * day);
  return [...days.map(at => ({ fromMs: at - side, toMs: at + side })).filter(span => span.toMs <= recent.fromMs), recent];
}

export interface Band {
  readonly lower: number;
  readonly upper: number;
}

/**
 * Mean ± `deviations` standard deviations (of the population) of the history. The deviation is at least 1 % of the mean's size,
 * since a constant series would otherwise have a band without width. Undefined with fewer than `BAND_HISTORY.fewestPoints` points.
 */
export function bandOf(history: readonly (number | null)[], deviations: number): Band | undefined {
  let n = 0;
  let mean = 0;
  let squares = 0;
  for (const value of history) {
    if (value === null) continue;
    n += 1;
    const change = value - mean;
    mean += change / n;
    squares += change * (value - mean);
  }
  if (n < BAND_HISTORY.fewestPoints) return undefined;
  const width = deviations * Math.max(Math.sqrt(squares / n), Math.abs(mean) * 0.01);
  return { lower: mean - width, upper: mean + width };
}
