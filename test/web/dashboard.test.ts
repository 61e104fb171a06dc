import { describe, expect, it } from 'vitest';
import { batches, queriesOf, renameIds, rowIdOf } from '../../local/web/dashboard/batch.ts';
import { dynamicLabel, rowLabels } from '../../local/web/dashboard/label.ts';
import { columns, place, readingOrder, spanFor } from '../../local/web/dashboard/layout.ts';
import { applyVariables, readDashboard } from '../../local/web/dashboard/model.ts';
import { periodFor, periodOf, presetFor, presetThatFills, readDuration } from '../../local/web/dashboard/period.ts';
import { expandMetrics } from '../../local/web/dashboard/shorthand.ts';
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

  it('takes the preset nearest to a dashboard', () => {
    expect(presetFor('-PT8H')).toBe('12h');
    expect(presetFor(undefined)).toBeUndefined();
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
    expect(widgets.map(widget => widget.spec.kind)).toContain('unknown');
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

  it('takes the values of its variables', () => {
    const body = { widgets: [{ properties: { title: 'of STRATEGY', metrics: [['N', 'A', 'Strategy', 's1', { label: 'Strategy' }]] } }] };
    const property = { kind: 'property' as const, target: 'Strategy', id: 's', label: 's', initial: 's1', values: [] };
    const pattern = { ...property, kind: 'pattern' as const, target: 'STRATEGY', id: 'p' };
    expect(applyVariables(body, [property, pattern], { s: 's2', p: 'a"b' })).toEqual({
      widgets: [{ properties: { title: 'of a"b', metrics: [['N', 'A', 'Strategy', 's2', { label: 'Strategy' }]] } }],
    });
  });
});
