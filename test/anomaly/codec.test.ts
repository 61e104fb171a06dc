import { expect, it } from 'vitest';
import { decodeDetector, encodeDetector } from '../../core/anomaly/codec.ts';
import { emptyDetector } from '../../core/anomaly/detector.ts';
import { dailyWave, pointsOf, run } from './series.ts';

const learnt = run(pointsOf({ days: 5, valueAt: dailyWave }), { preset: 'quiet' }).state;

it.each([
  ['that is new', emptyDetector],
  ['that has learnt', learnt],
])('keeps a state %s', (_, state) => {
  expect(decodeDetector(encodeDetector(state, 'quiet'), 'quiet')).toEqual(state);
});

it('learns anew under another preset', () => {
  expect(decodeDetector(encodeDetector(learnt, 'quiet'), 'sensitive')).toBeUndefined();
});
