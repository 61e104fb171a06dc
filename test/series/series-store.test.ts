import { describe, expect, test } from 'vitest';
import type { MetricStat } from '../../core/alarms/definition.ts';
import { expandSeries } from '../../core/series/notation.ts';
import { alignDown, createSeriesStore, restoreSeries } from '../../core/series/series-store.ts';
import { parseStatistic, samplesNeeded } from '../../core/series/statistic.ts';

const MINUTE = 60_000;
const stat = (statistic: string, over: Partial<MetricStat> = {}): MetricStat => ({
  namespace: 'N',
  metricName: 'M',
  dimensions: { A: '1' },
  statistic,
  periodSeconds: 60,
  ...over,
});

/** 1 to 100, one sample each. */
const HUNDRED = Array.from({ length: 100 }, (_, at) => at + 1);

function storeOf(values: readonly number[], counts?: readonly number[]) {
  const store = createSeriesStore();
  store.put('N', 'M', { A: '1' }, 0, counts === undefined ? { values } : { values, counts });
  return store;
}

describe('statistics', () => {
  test.each([
    ['SampleCount', 100],
    ['Sum', 5050],
    ['Average', 50.5],
    ['Minimum', 1],
    ['Maximum', 100],
    ['p50', 50.5],
    ['p99', 99.01],
    ['p100', 100],
    ['tm90', 45.5],
    ['TM(10%:90%)', 50.5],
    ['TM(:50)', 25.5],
    ['tc90', 90],
    ['ts50', 1275],
    ['TC(20:40)', 20],
    ['PR(:25)', 25],
    ['PR(25:75)', 50],
    ['IQM', 50.5],
    ['wm98', 50.47],
  ])('%s of 1 to 100 is %s', (name, expected) => {
    expect(storeOf(HUNDRED).read(stat(name), 0, MINUTE)[0]).toBeCloseTo(expected, 9);
  });

  test('values with counts weigh as often as they occurred', () => {
    const store = storeOf([10, 20], [99, 1]);
    expect([
      ...store.read(stat('p50'), 0, MINUTE),
      ...store.read(stat('Average'), 0, MINUTE),
      ...store.read(stat('SampleCount'), 0, MINUTE),
    ]).toEqual([10, 10.1, 100]);
  });

  test('thousands of distinct values keep percentiles within one percent', () => {
    const store = createSeriesStore();
    for (let at = 1; at <= 5000; at += 1) store.put('N', 'M', { A: '1' }, 0, { values: [at / 7] });
    const p99 = store.read(stat('p99'), 0, MINUTE)[0] ?? 0;
    expect(Math.abs(p99 / (4950 / 7) - 1)).toBeLessThan(0.01);
  });

  test.each(['p101', 'tm', 'TM(', 'TM(:)', 'PR(10%:20%)', 'average', '', 'TM(90%:10%)', 'TM(1%:5)'])('%s is no statistic', text => {
    expect(parseStatistic(text)).toBeUndefined();
  });

  test('samples needed for a percentile', () => {
    expect(['p99', 'p95', 'p90', 'p50', 'p10', 'Average'].map(samplesNeeded)).toEqual([1000, 200, 100, 20, 100, undefined]);
  });
});

describe('reading', () => {
  test('one value a period, null where nothing was sent', () => {
    const store = createSeriesStore();
    for (const minute of [0, 1, 3]) store.put('N', 'M', { A: '1' }, minute * MINUTE + 30_000, { values: [minute] });
    expect(store.read(stat('Sum'), 0, 5 * MINUTE)).toEqual([0, 1, null, 3, null]);
    expect(store.read(stat('Sum', { periodSeconds: 120 }), MINUTE, 5 * MINUTE)).toEqual([1, 3]);
    expect(store.read(stat('Sum', { metricName: 'Other' }), 0, 2 * MINUTE)).toEqual([null, null]);
  });

  test('dimensions are a set: their order does not matter, their values do', () => {
    const store = createSeriesStore();
    store.put('N', 'M', { A: '1', B: '2' }, 0, { values: [5] });
    expect(store.read(stat('Sum', { dimensions: { B: '2', A: '1' } }), 0, MINUTE)).toEqual([5]);
    expect(store.read(stat('Sum', { dimensions: { A: '1' } }), 0, MINUTE)).toEqual([null]);
  });

  test('a late sample is seen only by reads that know of it', () => {
    const store = createSeriesStore();
    store.put('N', 'M', { A: '1' }, 0, { values: [1] }, 10_000);
    store.put('N', 'M', { A: '1' }, 30_000, { values: [5] }, 4 * MINUTE);
    expect(store.read(stat('Maximum'), 0, MINUTE, 3 * MINUTE)).toEqual([1]);
    expect(store.read(stat('Maximum'), 0, MINUTE, 4 * MINUTE)).toEqual([5]);
    expect(store.hasLate(stat('Maximum'), 0, MINUTE)).toBe(true);
    expect(store.hasLate(stat('Maximum'), MINUTE, 2 * MINUTE)).toBe(false);
  });

  test('high-resolution metrics keep seconds beside their minutes', () => {
    const store = createSeriesStore();
    for (let second = 0; second < 60; second += 10)
      store.put('N', 'M', { A: '1' }, second * 1000, { values: [second], storageResolution: 1 });
    expect(store.read(stat('Sum', { periodSeconds: 20 }), 0, MINUTE)).toEqual([10, 50, 90]);
    expect(store.read(stat('Sum'), 0, MINUTE)).toEqual([150]);
  });

  test('equal samples stay exact, however many there are', () => {
    const store = createSeriesStore();
    for (let at = 0; at < 3; at += 1) store.put('N', 'M', { A: '1' }, 0, { values: [0.1] });
    expect(store.read(stat('Average'), 0, MINUTE)).toEqual([0.1]);
  });

  test('what is no number is left out', () => {
    expect(storeOf([Number.NaN, 2, Number.POSITIVE_INFINITY]).read(stat('SampleCount'), 0, MINUTE)).toEqual([1]);
    expect(storeOf([1, 2], [0, 1]).read(stat('Sum'), 0, MINUTE)).toEqual([2]);
  });

  test('periods align where the caller asks', () => {
    expect(alignDown(299_999, 60_000)).toBe(240_000);
  });
});

describe('keeping', () => {
  test('metrics are listed by namespace, name and dimensions', () => {
    const store = storeOf([1]);
    store.put('N', 'M', { A: '2' }, MINUTE, { values: [1] });
    store.put('Z', 'M', {}, 0, { values: [1] });
    expect(store.listMetrics().length).toBe(3);
    expect(store.listMetrics({ namespace: 'N', dimensions: { A: '2' } })).toEqual([
      { namespace: 'N', metricName: 'M', dimensions: { A: '2' }, newestMs: MINUTE },
    ]);
    expect(store.listMetrics({ dimensions: { A: undefined } }).length).toBe(2);
  });

  test('old samples are forgotten, and metrics without any with them', () => {
    const store = storeOf([1]);
    store.put('N', 'New', {}, 30 * 86_400_000, { values: [1] });
    store.trim(86_400_000);
    expect(store.listMetrics().map(metric => metric.metricName)).toEqual(['New']);
  });

  test('what was saved reads the same', () => {
    const store = storeOf(HUNDRED);
    store.put('N', 'M', { A: '1' }, 0, { values: [1000] }, 5 * MINUTE);
    store.put('N', 'H', {}, 1000, { values: [3], storageResolution: 1 });
    const again = restoreSeries(store.serialise());
    for (const name of ['Sum', 'p90', 'SampleCount', 'Minimum']) {
      expect(again.read(stat(name), 0, MINUTE, MINUTE)).toEqual(store.read(stat(name), 0, MINUTE, MINUTE));
      expect(again.read(stat(name), 0, MINUTE)).toEqual(store.read(stat(name), 0, MINUTE));
    }
    const seconds = stat('Sum', { metricName: 'H', dimensions: {}, periodSeconds: 10 });
    expect(again.read(seconds, 0, 20_000)).toEqual([3, null]);
    expect(again.read({ ...seconds, periodSeconds: 60 }, 0, MINUTE)).toEqual([3]);
  });
});

describe('series text', () => {
  test('repeats points and leaves gaps', () => {
    expect(expandSeries('0*3 5 _*2 -1.5e3')).toEqual({ ok: true, value: [0, 0, 0, 5, null, null, -1500] });
    expect(expandSeries('')).toEqual({ ok: true, value: [] });
  });

  test('names the place of what it cannot read', () => {
    const bad = expandSeries('1 2x4');
    expect(bad.ok ? '' : bad.error.message).toBe(
      'series: a point is a number or _, with *times to repeat it, as in 0*10 5 _*2; found "2x4" at position 2',
    );
  });
});
