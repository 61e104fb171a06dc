import { expect, it } from 'vitest';
import { decodeDetector, encodeDetector } from '../../core/anomaly/codec.ts';
import { detect, emptyDetector } from '../../core/anomaly/detector.ts';
import { DAY, dailyWave, HOUR, MINUTE, pointsOf, run, START } from './series.ts';

const learnt = run(pointsOf({ days: 5, valueAt: dailyWave }), { preset: 'quiet' }).state;

it.each([
  ['that is new', emptyDetector],
  ['that has learnt', learnt],
])('keeps a state %s', (_, state) => {
  expect(decodeDetector(encodeDetector(state, 'quiet'), 'quiet')).toEqual(state);
});

it('changes the large text at the start of an hour only', () => {
  const at = START + 5 * DAY;
  const first = detect(learnt, { at, value: 100 }, { preset: 'quiet' }).state;
  const second = detect(first, { at: at + MINUTE, value: 101 }, { preset: 'quiet' }).state;
  const hourLater = detect(second, { at: at + HOUR, value: 101 }, { preset: 'quiet' }).state;
  const [a, b, c] = [first, second, hourLater].map(state => encodeDetector(state, 'quiet'));
  expect(b!.past).toBe(a!.past);
  expect(b!.now).not.toBe(a!.now);
  expect(c!.past).not.toBe(b!.past);
});

it('learns anew under another preset', () => {
  expect(decodeDetector(encodeDetector(learnt, 'quiet'), 'sensitive')).toBeUndefined();
});
