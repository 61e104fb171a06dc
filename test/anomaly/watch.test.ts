import { expect, it } from 'vitest';
import type { DetectorSettings } from '../../core/anomaly/detector.ts';
import { gaugeOf, watchGauges } from '../../core/anomaly/watch.ts';
import { DAY, dailyWave, HOUR, pointsOf, run, START } from './series.ts';

type Row = 'orders' | 'latency';
const quiet: DetectorSettings = { preset: 'quiet' };
const learnt = run(pointsOf({ days: 5, valueAt: dailyWave }), quiet).state;
const now = START + 5 * DAY;

it('gives each watched row that has a value a score and a band', () => {
  const { states, gauges } = watchGauges<Row>({ orders: learnt, latency: learnt }, { orders: 100, latency: 400 }, now, {
    orders: quiet,
    latency: quiet,
  });
  expect(gauges.orders!.score).toBeLessThan(1);
  expect(gauges.latency!.score).toBeGreaterThan(1);
  expect(gauges.orders!.lower).toBeLessThan(gauges.orders!.upper);
  expect(states.orders?.lastAt).toBe(now);
});

it.each([[undefined], [Number.NaN]])('keeps the state of a row whose value is %s, without a gauge', value => {
  const { states, gauges } = watchGauges<Row>({ orders: learnt }, { orders: value }, now, { orders: quiet });
  expect(states.orders).toBe(learnt);
  expect(gauges).toEqual({});
});

it('starts a row that is new and drops one that is no longer watched', () => {
  const { states, gauges } = watchGauges<Row>({ orders: learnt }, { orders: 100, latency: 5 }, now, { latency: quiet });
  expect(Object.keys(states)).toEqual(['latency']);
  expect(gauges).toEqual({});
});

it('is above 1 exactly while an episode lasts, so a plain alarm goes off once an episode', () => {
  const from = START + 9 * DAY;
  const lifted = (at: number) => [0, 5 * HOUR].some(after => at >= from + after && at < from + after + 2 * HOUR);
  const { verdicts } = run(pointsOf({ days: 10, valueAt: (at, noise) => dailyWave(at, noise) + (lifted(at) ? 90 : 0) }), {
    preset: 'sensitive',
  });
  const scores = verdicts.filter(({ at }) => at >= from).map(verdict => gaugeOf(verdict)?.score ?? 0);
  const rises = scores.filter((score, index) => score > 1 && (scores[index - 1] ?? 0) <= 1);
  expect(rises).toHaveLength(1);
});
