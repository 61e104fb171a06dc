import type { EpochMs } from '../time/instant.ts';

export interface ReasonFacts {
  /** Newest data point of the text. */
  readonly value?: number;
  /** Time of the oldest data point of the text, UTC. */
  readonly sinceMs?: EpochMs;
  readonly threshold?: number;
}

/**
 * What CloudWatch's reason text tells in numbers, e.g.
 * `Threshold Crossed: 2 out of the last 3 datapoints [9.0 (22/11/26 03:02:00), 12.0 (…)] was greater than the threshold (5.0) …`:
 * value 9, since 03:01, threshold 5. Points stand newest first; dates are day/month/year. Other texts give nothing.
 */
export function readReason(reason: string | undefined): ReasonFacts {
  if (reason === undefined) return {};
  const points = [...reason.slice(0, 4_000).matchAll(/(-?\d[\d.]*(?:[Ee][+-]?\d+)?) \((\d\d)\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d)\)/g)].map(
    match => ({
      value: Number(match[1]),
      atMs: Date.UTC(2000 + Number(match[4]), Number(match[3]) - 1, Number(match[2]), Number(match[5]), Number(match[6]), Number(match[7])),
    }),
  );
  const threshold = Number(/the threshold \((-?[\d.]+(?:[Ee][+-]?\d+)?)\)/.exec(reason)?.[1] ?? Number.NaN);
  const value = points[0]?.value;
  return {
    ...(value !== undefined && Number.isFinite(value) ? { value } : {}),
    ...(points.length > 0 ? { sinceMs: Math.min(...points.map(point => point.atMs)) } : {}),
    ...(Number.isFinite(threshold) ? { threshold } : {}),
  };
}
