import { describe, expect, it } from 'vitest';
import { batches, queriesOf, renameIds, rowIdOf, wholeRows } from '../../local/web/dashboard/batch.ts';
import { seriesCsv } from '../../local/web/dashboard/csv.ts';
import { factsOf } from '../../local/web/dashboard/facts.ts';
import { dynamicLabel, needsEveryPoint, rowLabels, seriesKeys } from '../../local/web/dashboard/label.ts';
import { columns, place, readingOrder, spanFor } from '../../local/web/dashboard/layout.ts';
import { logSeries, logSlices } from '../../local/web/dashboard/log-series.ts';
import { readDashboard } from '../../local/web/dashboard/model.ts';
import { ownRange } from '../../local/web/dashboard/own-range.ts';
import { movedRange, periodFor, periodOf, presetFor, presetOf, presetThatFills, readDuration } from '../../local/web/dashboard/period.ts';
import { expandMetrics } from '../../local/web/dashboard/shorthand.ts';
import { chosenLines, type TipLine } from '../../local/web/dashboard/tip-lines.ts';
import { bodies } from './fake-dashboards.ts';

const minute = 60_000;
const hour = 60 * minute;
const defaults = { stat: 'Average', periodSeconds: 60 };
const rowsOf = (...rows: readonly unknown[]) => expandMetrics(rows, defaults).rows;

describe('the metrics of a widget', () => {
  it('are written out from the row above', () => {
    const rows = rowsOf(['N', 'A', 'S', 's1', { stat: 'p99' }], ['.', 'B', '.', '.'], ['...', 's2', { visible: false, yAxis: 'right' }]);
    expect(rows.map(row => row.source)).toEqual([
      { kind: 'metric', namespace: 'N', metricName: 'A', dimensions: { S: 's1' } },
      { kind: 'metric', namespace: 'N', metricName: 'B', dimensions: { S: 's1' } },
      { kind: 'metric', namespace: 'N', metricName: 'B', dimensions: { S: 's2' } },
    ]);
    expect(rows.map(row => [row.stat, row.visible, row.yAxis])).toEqual([
      ['p99', true, 'left'],
      ['Average', true, 'left'],
      ['Average', false, 'right'],
    ]);
  });

  it('that cannot be read are left out with a note', () => {
    const { rows, notes } = expandMetrics(['nonsense', ['N'], ['N', 'A']], defaults);
    expect(rows).toHaveLength(1);
    expect(notes).toHaveLength(2);
  });

  it('are called what tells them apart', () => {
    expect(rowLabels(rowsOf(['N', 'A', 'S', 's1'], ['N', 'A', 'S', 's2']))).toEqual(['s1', 's2']);
    expect(rowLabels(rowsOf(['N', 'A', 'S', 's1'], ['N', 'B', 'S', 's1']))).toEqual(['A', 'B']);
    expect(rowLabels(rowsOf(['N', 'A', { stat: 'p50' }], ['N', 'A', { stat: 'p99' }]))).toEqual(['p50', 'p99']);
    expect(rowLabels(rowsOf(['N', 'A', 'S', 's1', { label: 'mine' }]))).toEqual(['mine']);
  });

  it('fill in dynamic labels', () => {
    const [row] = rowsOf(['N', 'A', 'S', 's1']);
    const fill = (template: string) => dynamicLabel(template, row!, { values: [1, 3] });
    const inside = (name: string) => `\${${name}}`;
    expect(fill(`${inside("PROP('Dim.S')")} last ${inside('LAST')} avg ${inside('AVG')}`)).toBe('s1 last 3 avg 2');
    expect(fill(inside('UNHEARD'))).toBe(inside('UNHEARD'));
    expect(dynamicLabel(inside('LAST'), row!, { values: [] })).toBe('–');
  });
});

describe('requests', () => {
  const wanted = (key: string, ...rows: readonly unknown[]) => ({ key, rows: rowsOf(...rows), periodSeconds: () => 60 });

  it('rename ids inside expressions, not functions and quoted text', () => {
    expect(renameIds("IF(m1 > m10, 'm1', m1)", new Set(['m1']), id => `w_${id}`)).toBe("IF(w_m1 > m10, 'm1', w_m1)");
  });

  it('ask for the whole range with ids of their own, also inside expressions', () => {
    const rows = wholeRows(rowsOf(['N', 'A', 'S', 's1', { id: 'm1', visible: false }], [{ expression: 'm1 * 2', id: 'e1' }]));
    const queries = queriesOf({ key: 'w0', rows, periodSeconds: () => 60 });
    expect(queries).toMatchObject([
      { id: 'w0_m1Whole', isWhole: true, returnData: false },
      { id: 'w0_e1Whole', isWhole: true, expression: 'w0_m1Whole * 2' },
    ]);
  });

  it('carry many widgets at once, each with ids of its own', () => {
    const found = batches([
      wanted('w1', ['N', 'A', { id: 'm1' }], [{ expression: 'm1*2', id: 'e1' }]),
      wanted('w2', ['N', 'A', { id: 'm1' }]),
    ]);
    expect(found).toHaveLength(1);
    expect(found[0]?.queries.map(query => query.id)).toEqual(['w1_m1', 'w1_e1', 'w2_m1']);
    expect(found[0]?.queries[1]).toMatchObject({ expression: 'w1_m1*2' });
    expect(rowIdOf('w1', 'w1_e1')).toBe('e1');
    expect(rowIdOf('w1', 'w11_e1')).toBeUndefined();
  });

  it('leave alone what reads all metrics of its request, and stay below the limit', () => {
    const all = wanted('w1', ['N', 'A', { id: 'm1' }], [{ expression: 'SUM(METRICS())', id: 'e1' }]);
    expect(batches([all, wanted('w2', ['N', 'B'])])).toHaveLength(2);
    expect(batches([wanted('a', ['N', 'A']), wanted('b', ['N', 'A']), wanted('c', ['N', 'A'])], 2)).toHaveLength(2);
  });

  it('ask for hidden inputs too, but say so', () => {
    expect(queriesOf(wanted('w', ['N', 'A', { visible: false }]))[0]).toMatchObject({ returnData: false });
  });
});

describe('the grid', () => {
  it('keeps given places and fills rows below with the others', () => {
    expect(
      place([
        { x: 0, y: 0, width: 24, height: 3 },
        { width: 12, height: 6 },
        { width: 12, height: 4 },
        { width: 6, height: 2 },
      ]),
    ).toEqual([
      { x: 0, y: 0, width: 24, height: 3 },
      { x: 0, y: 3, width: 12, height: 6 },
      { x: 12, y: 3, width: 12, height: 4 },
      { x: 0, y: 9, width: 6, height: 2 },
    ]);
  });

  it('never lets a widget stand outside', () => {
    expect(place([{ x: 20, y: 0, width: 8, height: 1 }])[0]?.x).toBe(columns - 8);
  });

  it('is read from the top left', () => {
    expect(
      readingOrder([
        { x: 12, y: 0, width: 12, height: 1 },
        { x: 0, y: 6, width: 6, height: 1 },
        { x: 0, y: 0, width: 12, height: 1 },
      ]),
    ).toEqual([2, 0, 1]);
  });

  it('gives whole rows on a phone, half of one to short numbers', () => {
    expect([3, 6, 12, 24].map(width => spanFor(width, 'phone'))).toEqual([12, 24, 24, 24]);
  });
});

describe('time', () => {
  const last = (ms: number) => ({ fromMs: 0, toMs: ms });

  it.each([
    ['-PT3H', 3 * hour],
    ['-P1D', 24 * hour],
    ['-PT90M', 90 * minute],
    ['P1W', 168 * hour],
    ['-P1M', 720 * hour],
    ['2026-01-01T00:00:00Z', undefined],
    ['-PT', undefined],
  ])('reads the duration %s', (text, expected) => {
    expect(readDuration(text)).toBe(expected);
  });

  it('takes the length that a dashboard names, also one that has no button', () => {
    expect(presetFor('-PT8H')).toBe('8h');
    expect(presetFor('-PT24H')).toBe('1d');
    expect(presetOf('8h')).toMatchObject({ ms: 8 * hour, long: 'Last 8 hours' });
    expect(presetOf('0h')).toBeUndefined();
    expect(presetFor(undefined)).toBeUndefined();
  });

  it('moves a range without stretching it, and never beyond now', () => {
    const range = { fromMs: 1_000, toMs: 3_000 };
    expect(movedRange(range, -500, 3_000)).toEqual({ fromMs: 500, toMs: 2_500 });
    expect(movedRange(range, 500, 3_200)).toEqual({ fromMs: 1_200, toMs: 3_200 });
    expect(movedRange(range, 500, 2_000)).toEqual(range);
  });

  it('suits the period to the range, unless the dashboard insists', () => {
    expect([hour, 12 * hour, 24 * hour, 7 * 24 * hour].map(ms => periodFor(last(ms)))).toEqual([60, 300, 300, 3600]);
    expect(periodOf(60, last(24 * hour), true)).toBe(60);
    expect(periodOf(60, last(30 * 24 * hour), true)).toBe(21_600);
  });

  it('shows a young stack at a range that it fills, and grows with it', () => {
    const range = { fromMs: 0, toMs: 3 * hour };
    expect(presetThatFills([3 * hour - 4 * minute], range, '3h')).toBe('15m');
    expect(presetThatFills([2 * hour], range, '3h')).toBe('1h');
    expect(presetThatFills([0, 0, 3 * hour - minute], range, '3h')).toBe('3h');
    expect(presetThatFills([], range, '3h')).toBe('3h');
    expect(presetThatFills([1000], { fromMs: 0, toMs: 15 * minute }, '3h')).toBe('1h');
  });
});

describe('a body', () => {
  it('is read whole, unknown things as notes', () => {
    const { widgets } = readDashboard(bodies['demo-operations']);
    expect(widgets.map(widget => widget.spec.kind)).toContain('explorer');
    expect(widgets.flatMap(widget => widget.notes)).toEqual(['Property "glow" is not drawn here.']);
  });

  it.each([
    undefined,
    null,
    'not json',
    {},
    { widgets: [null, 7, {}, { type: 'metric' }, { type: 'metric', properties: { metrics: 7, annotations: [] } }] },
  ])('of any shape does not break: %j', body => {
    expect(() => readDashboard(body)).not.toThrow();
  });

  it('knows bands, fills and hidden marks', () => {
    const horizontal = [
      { value: 5, fill: 'above', color: '#123456' },
      [
        { value: 1, label: 'low' },
        { value: 2, label: 'high' },
      ],
      { value: 9, visible: false },
      { label: 'no value' },
    ];
    const { widgets } = readDashboard({ widgets: [{ type: 'metric', properties: { metrics: [], annotations: { horizontal } } }] });
    expect(widgets[0]?.spec).toMatchObject({
      horizontal: [
        { value: 5, fill: 'above', color: '#123456' },
        { value: 1, fill: 'between', label: 'low', to: { value: 2, label: 'high' } },
      ],
    });
  });

  it('says what it does not draw, and what it takes a view for', () => {
    const { widgets, notes } = readDashboard({
      zoom: 1,
      widgets: [
        { type: 'metric', properties: { view: 'heatmap', metrics: [['N', 'A']] } },
        { type: 'explorer', properties: { metrics: [{ metricName: 'CPUUtilization' }], labels: [{ key: 'team' }] } },
        { type: 'hologram', properties: {} },
      ],
    });
    expect(notes).toEqual(['Property "zoom" of the dashboard is not drawn here.']);
    expect(widgets[0]?.notes).toEqual(['View "heatmap" is not known here: drawn as a time series.']);
    expect(widgets[1]?.spec).toEqual({ kind: 'explorer', metrics: ['CPUUtilization'], tags: ['team'] });
    expect(widgets[2]?.spec).toEqual({ kind: 'unknown', type: 'hologram' });
  });
});

describe('ranges that a body names', () => {
  const now = Date.parse('2026-01-10T12:00:00Z');
  it.each([
    [{ start: '-PT3H' }, { fromMs: now - 3 * hour, toMs: now }],
    [
      { start: '-P1D', end: '-PT12H' },
      { fromMs: now - 24 * hour, toMs: now - 12 * hour },
    ],
    [
      { start: '2026-01-01T00:00:00Z', end: '2026-01-02T00:00:00Z' },
      { fromMs: Date.parse('2026-01-01'), toMs: Date.parse('2026-01-02') },
    ],
    [{ start: '2026-01-02T00:00:00Z', end: '2026-01-01T00:00:00Z' }, undefined],
    [{ start: 'yesterday' }, undefined],
    [{}, undefined],
  ])('%j', (named, expected) => {
    expect(ownRange(named, now)).toEqual(expected);
  });
});

describe('dynamic labels', () => {
  const [row] = expandMetrics([['N', 'Latency', 'Strategy', 's1', { stat: 'p99', period: 60 }]], {
    stat: 'Average',
    periodSeconds: 300,
  }).rows;
  const series = { values: [3, 1, 8, 2], timestamps: [0, 60_000, 120_000, 180_000] };
  it.each([
    ['${LAST} now', '2 now'],
    ['${FIRST}..${MAX}', '3..8'],
    ['${MAX_TIME}', '00:02:00'],
    ['${MIN_TIME} ${AVG} ${SUM} ${RANGE} ${DATAPOINT_COUNT}', '00:01:00 3.5 14 7 4'],
    ["${PROP('Dim.Strategy')} ${PROP('MetricName')} ${PROP('Stat')} ${PROP('Period')}", 's1 Latency p99 60'],
    ['${LABEL} ${NONSENSE}', 'Latency ${NONSENSE}'],
  ])('%s', (template, expected) => {
    expect(dynamicLabel(template, row!, series)).toBe(expected);
  });

  it('without data are dashes, and a label that counts points needs them all', () => {
    expect(dynamicLabel('${LAST} ${AVG} ${MAX_TIME}', row!, { values: [] })).toBe('– – –');
    expect(needsEveryPoint('${LAST}')).toBe(false);
    expect(needsEveryPoint('mean ${AVG}')).toBe(true);
  });
});

describe('answers of log queries as charts', () => {
  const table = {
    fields: ['bin(5m)', 'code', 'count(*)'],
    rows: [
      ['2026-01-01 00:05:00.000', 'A', '2'],
      ['2026-01-01 00:00:00.000', 'A', '1'],
      ['2026-01-01 00:05:00.000', 'B', 5],
    ],
  };
  it('are one series for each group, in the order of time', () => {
    expect(logSeries(table)).toEqual([
      { label: 'A', timestamps: [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 1, 0, 5)], values: [1, 2] },
      { label: 'B', timestamps: [Date.UTC(2026, 0, 1, 0, 5)], values: [5] },
    ]);
  });

  it('are slices by their words, and nothing where there is no number', () => {
    expect(
      logSlices({
        fields: ['code', 'n'],
        rows: [
          ['A', 1],
          ['B', '2'],
        ],
      }),
    ).toEqual([
      { label: 'A', value: 1 },
      { label: 'B', value: 2 },
    ]);
    expect(logSlices({ fields: ['code'], rows: [['A']] })).toBeUndefined();
    expect(logSeries({ fields: ['code', 'n'], rows: [['A', 1]] })).toBeUndefined();
  });
});

describe('what a reader of a chart is told', () => {
  const line = (label: string, top: number): TipLine => ({ label, color: '#123456', isDashed: false, value: -top, top });
  const labels = (lines: readonly TipLine[]) => lines.map(({ label }) => label).join('');

  it('are the lines as they lie there, the nearest to the pointer marked', () => {
    const { lines, nearest, left } = chosenLines([line('c', 90), line('a', 10), line('b', 40)], 60);
    expect([labels(lines), nearest?.label, left]).toEqual(['abc', 'b', 0]);
  });

  it('are those around the pointer where there are too many', () => {
    const many = [...'abcdefghij'].map((label, index) => line(label, index * 10));
    expect(labels(chosenLines(many, 52, 4).lines)).toBe('defg');
    expect(labels(chosenLines(many, 0, 4).lines)).toBe('abcd');
    expect(chosenLines(many, 95, 4)).toMatchObject({ left: 6, nearest: { label: 'j' } });
    expect(chosenLines(many, undefined, 4).nearest).toBeUndefined();
  });

  it('is what a series comes to, without an average of points that were picked', () => {
    expect(factsOf({ values: [2, -4, 5] })).toEqual({ last: 5, min: -4, max: 5, average: 1 });
    expect(factsOf({ values: [2, -4, 5], isThinned: true })).toEqual({ last: 5, min: -4, max: 5 });
    expect(factsOf({ values: [] })).toEqual({});
  });

  it('keeps series of one name apart', () => {
    expect(seriesKeys([{ label: 'a' }, { label: 'b' }, { label: 'a' }])).toEqual(['a', 'b', 'a #2']);
  });
});

describe('CSV', () => {
  it('has a row for each moment, quotes what must be quoted, and starts no formula', () => {
    const csv = seriesCsv([
      { label: 'a, "b"', unit: 'Percent', timestamps: [0, 60_000], values: [1, -2] },
      { label: '=cmd()', timestamps: [60_000], values: [3] },
    ]);
    expect(csv).toBe('time,"a, ""b"" (Percent)",\'=cmd()\r\n1970-01-01T00:00:00.000Z,1,\r\n1970-01-01T00:01:00.000Z,-2,3\r\n');
  });
});
