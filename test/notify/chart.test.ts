import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { signed } from '../../adapters/aws/signed-call.ts';
import { pageChart } from '../../adapters/notify/page-chart.ts';
import { encodePng } from '../../adapters/notify/png.ts';
import { drawLineChart, palette, shortNumber } from '../../core/chart/line-chart.ts';
import { atMs, page } from './pages.ts';

const hour = 3_600_000;
const points = (values: readonly (number | null)[]) => values.map((value, index) => ({ atMs: atMs + index * 60_000, value }));
const used = (bitmap: { readonly points: Uint8Array }) => new Set(bitmap.points);
const [, , , , series, limit, alarm] = palette.map((_, index) => index);

describe('a chart', () => {
  it('shows the series, its limit and since when it is in alarm', () => {
    const bitmap = drawLineChart({
      title: 't',
      points: points([1, 2, 9]),
      fromMs: atMs,
      toMs: atMs + hour,
      limit: 5,
      sinceMs: atMs + 60_000,
    });
    for (const colour of [series, limit, alarm]) expect(used(bitmap)).toContain(colour);
  });

  it('marks nothing that is not there', () => {
    const bitmap = drawLineChart({ title: 't', points: points([1, 2, 3]), fromMs: atMs, toMs: atMs + hour });
    for (const colour of [limit, alarm]) expect(used(bitmap)).not.toContain(colour);
  });

  it.each([
    ['no value at all', [null, null]],
    ['one value', [3]],
    ['values that are all equal', [0, 0, 0]],
    ['negative values', [-5, -1, -900]],
    ['tiny values', [1e-9, 2e-9]],
    ['huge values', [1e15, -1e15]],
  ])('is drawn for %s', (_name, values) => {
    const bitmap = drawLineChart({ title: 'x', points: points(values), fromMs: atMs, toMs: atMs + hour, limit: 1 });
    expect(bitmap.points.length).toBe(bitmap.width * bitmap.height);
  });

  it.each([
    [0, '0'],
    [0.05, '0.05'],
    [1234, '1234'],
    [12_345, '12.35K'],
    [1_500_000, '1.5M'],
    [-2.5e9, '-2.5G'],
  ])('writes %d as %s', (value, words) => expect(shortNumber(value)).toBe(words));
});

describe('the picture', () => {
  const bitmap = drawLineChart({ title: 't', points: points([1, 2]), fromMs: atMs, toMs: atMs + hour });
  const png = Buffer.from(encodePng(bitmap, palette));

  it('is a PNG whose rows are the points', () => {
    expect(png.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
    const at = png.indexOf('IDAT');
    const rows = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
    expect(rows.length).toBe((bitmap.width + 1) * bitmap.height);
    expect(Buffer.compare(rows.subarray(1, bitmap.width + 1), bitmap.points.subarray(0, bitmap.width))).toBe(0);
  });

  it('ends in the chunk that every reader knows by its check sum', () => {
    expect(png.subarray(-12).toString('hex')).toBe('0000000049454e44ae426082');
  });

  it('is small enough to be sent with a page', () => expect(png.length).toBeLessThan(20_000));
});

describe('a signed call', () => {
  it('has the signature of the published example', () => {
    const headers = signed(
      {
        method: 'GET',
        url: 'https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08',
        headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
        body: '',
      },
      { service: 'iam', region: 'us-east-1', now: Date.parse('2015-08-30T12:36:00Z') },
      { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
    );
    expect(headers['authorization']).toContain('Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7');
  });
});

describe('the chart of a page', () => {
  const config = { stage: 'prod' };
  const reader = (answer: unknown) => {
    const asked: unknown[] = [];
    return {
      asked,
      now: () => atMs,
      fetch: async (_url: string, init: RequestInit) => {
        asked.push(JSON.parse(String(init.body)));
        return new Response(JSON.stringify(answer));
      },
    };
  };
  const found = { MetricDataResults: [{ Timestamps: [Math.floor(atMs / 60_000) * 60], Values: [12] }] };

  it('reads the minute values of the metric behind the alarm', async () => {
    const call = reader(found);
    const about = page('trigger', { row: 'heartbeatCount', dimensions: { Strategy: 's1' }, limit: 1 });
    expect(await pageChart(about, config, call)).toBeInstanceOf(Uint8Array);
    expect(call.asked).toMatchObject([
      { MetricDataQueries: [{ MetricStat: { Metric: { Namespace: 'Nightdesk/prod', MetricName: 'HeartbeatCount' }, Period: 60 } }] },
    ]);
  });

  it.each([
    ['an alarm of somebody else', { row: 'somebodyElses' }],
    ['a metric of AWS itself', { row: 'functionErrors' }],
  ])('is not drawn for %s', async (_name, changes) => {
    const call = reader(found);
    expect(await pageChart(page('trigger', changes), config, call)).toBeUndefined();
    expect(call.asked).toEqual([]);
  });

  it('is not drawn without a value', async () => {
    const about = page('trigger', { row: 'heartbeatCount', dimensions: { Strategy: 's1' } });
    expect(await pageChart(about, config, reader({ MetricDataResults: [] }))).toBeUndefined();
  });
});
