import { describe, expect, it } from 'vitest';
import { createSeriesStore } from '../../core/series/series-store.ts';
import { metricData } from '../../local/metric-data.ts';

const startMs = Date.parse('2026-03-09T13:00:00Z');
const store = createSeriesStore();
for (let minute = 0; minute < 10; minute++)
  for (const [at, bot] of ['a', 'b'].entries())
    store.put('N', 'Cpu', { Bot: bot }, startMs + minute * 60_000, { values: [10 * (at + 1) + minute] });

const data = (...queries: Parameters<typeof metricData>[1]) => metricData(store, queries, startMs, startMs + 600_000);

describe('expressions of one request', () => {
  it('are each computed at their own period', () => {
    const found = data(
      { id: 'fine', expression: 'SUM(SEARCH(\'{N,Bot} MetricName="Cpu" Bot="a"\', \'Maximum\', 60))', period: 60 },
      { id: 'coarse', expression: 'SUM(SEARCH(\'{N,Bot} MetricName="Cpu" Bot="a"\', \'Maximum\', 300))', period: 300 },
    );
    expect(found.map(({ id, values }) => [id, values])).toEqual([
      ['fine', [10, 11, 12, 13, 14, 15, 16, 17, 18, 19]],
      ['coarse', [14, 19]],
    ]);
  });

  it('have the period of the metrics when they name none', () => {
    const metric = {
      id: 'm',
      namespace: 'N',
      metricName: 'Cpu',
      dimensions: { Bot: 'b' },
      stat: 'Maximum',
      period: 300,
      returnData: false,
    };
    expect(data(metric, { id: 'e', expression: 'm * 2' }).map(({ values }) => values)).toEqual([[48, 58]]);
  });
});

describe('a long range', () => {
  it('keeps the period that is asked for: a week of minutes has the sums of minutes', () => {
    const from = startMs - 7 * 86_400_000;
    const week = createSeriesStore();
    for (let minute = 0; minute < 7 * 1_440; minute += 1) week.put('N', 'Fills', {}, from + minute * 60_000, { values: [1] });
    const query = { id: 'm', namespace: 'N', metricName: 'Fills', dimensions: {}, stat: 'Sum', period: 60 };
    const [found] = metricData(week, [query], from, startMs);
    expect([found?.values.length, ...new Set(found?.values)]).toEqual([10_080, 1]);
    const [, halves] = metricData(week, [query, { id: 'e', expression: 'm / 2', period: 60 }], from, startMs);
    expect([...new Set(halves?.values)]).toEqual([0.5]);
  });
});

describe('the whole range as one period', () => {
  const unlike = createSeriesStore();
  // Nine samples of 10 in the first minute, one of 110 in the third: 20 on average, where the mean of the minutes' averages is 60.
  unlike.put('N', 'Latency', {}, startMs, { values: [10], counts: [9] });
  unlike.put('N', 'Latency', {}, startMs + 120_000, { values: [110] });
  const query = { id: 'm', namespace: 'N', metricName: 'Latency', dimensions: {}, period: 60, isWhole: true };
  const values = (...queries: Parameters<typeof metricData>[1]) =>
    metricData(unlike, queries, startMs + 30_000, startMs + 600_000).map(each => [each.id, each.values]);

  it('is the statistic of all samples, not one of the statistics of its parts', () => {
    expect(values(query, { ...query, id: 'p', stat: 'p50' }, { ...query, id: 's', stat: 'Sum' })).toEqual([
      ['m', [20]],
      ['p', [10]],
      ['s', [200]],
    ]);
  });

  it('holds for expressions of it, beside others that keep their period', () => {
    expect(values({ ...query, returnData: false }, { id: 'e', expression: 'm * 2', period: 60, isWhole: true })).toEqual([['e', [40]]]);
    expect(values(query, { ...query, id: 'n', isWhole: false })).toEqual([
      ['n', [10, 110]],
      ['m', [20]],
    ]);
  });
});

describe('a search', () => {
  const labels = (search: string) =>
    data({ id: 's', expression: `SEARCH('${search}', 'Maximum', 60)`, period: 60 }).map(({ label }) => label);

  it.each([
    ['everything of a schema', '{N,Bot} MetricName="Cpu"', ['a', 'b']],
    ['an exact dimension', '{N,Bot} MetricName="Cpu" Bot="b"', ['b']],
    ['an exact term that is the namespace: all', '{N,Bot} MetricName="Cpu" "N"', ['a', 'b']],
    ['alternatives', '{N,Bot} Bot=("a" OR "x")', ['a']],
    ['nothing', '{N,Bot} "nobody"', []],
    ['another schema', '{N,Strategy} MetricName="Cpu"', []],
    ['a comma after the schema, as the guide writes it', '{N,Bot}, MetricName="Cpu"', ['a', 'b']],
    ['what does not parse', '{N,Bot', []],
  ])('finds %s', (_, search, wanted) => {
    expect(labels(search)).toEqual(wanted);
  });
});
