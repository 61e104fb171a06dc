import { expect, it } from 'vitest';
import { anomalyRows, type DetectorStates, isDetectorMinute, strategyAnomalies } from '../../core/anomaly/strategy-anomalies.ts';
import type { StrategyGauges } from '../../core/ledger/gauges.ts';
import { DAY, dailyWave, HOUR, MINUTE, pointsOf, START } from './series.ts';

const rows = anomalyRows({ publish: ['exposureAnomaly', 'orderLatencyAnomaly'] });

it('has rows for what the config publishes only', () => {
  expect(anomalyRows({})).toEqual([]);
  expect(rows.map(({ id }) => id).sort()).toEqual(['exposureAnomaly', 'orderLatencyAnomaly']);
});

it('looks once in five minutes, at the end of them', () => {
  const looks = [0, 1, 2, 3, 4, 5, 9].map(minute => isDetectorMinute(START + minute * MINUTE + 1_500));
  expect(looks).toEqual([false, false, false, false, true, false, true]);
});

/** Scores of exposure over days in which it follows a wave, doubled from an instant on. */
function scores(calendar: string, doubledFrom: number, days: number) {
  let states: DetectorStates = {};
  const found: [number, number][] = [];
  for (const { at, value } of pointsOf({ days, valueAt: dailyWave })) {
    const gauges: StrategyGauges = { grossExposure: (at >= doubledFrom ? 2 : 1) * value };
    const next = strategyAnomalies(rows, states, gauges, { calendar, nowMs: at });
    states = next.states;
    const score = next.values.exposureAnomaly;
    if (score !== undefined) found.push([at, score]);
  }
  return found;
}

it('scores a doubled exposure above 1 within two hours, and nothing before', () => {
  const from = START + 7 * DAY + 15 * HOUR;
  const found = scores('24x7', from, 7.9);
  expect(found.filter(([at, score]) => at < from && score > 1)).toEqual([]);
  const [first] = found.find(([, score]) => score > 1)!;
  expect(first - from).toBeLessThan(2 * HOUR);
});

it('has no score while the strategy’s market is closed, nor for a gauge that is absent', () => {
  const found = scores('NYSE', Number.POSITIVE_INFINITY, 7);
  expect(found.length).toBeGreaterThan(0);
  expect(found.filter(([at]) => at >= START + 5 * DAY)).toEqual([]);
  expect(found.every(([at]) => (at % DAY) / HOUR >= 14.5 && (at % DAY) / HOUR < 21)).toBe(true);
});
