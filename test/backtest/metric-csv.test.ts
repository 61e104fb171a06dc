import { describe, expect, it } from 'vitest';
import { csvHistory } from '../../adapters/history/metric-csv.ts';
import { runAlarms } from '../../core/backtest/run-alarms.ts';
import { alarm, at, minute, startMs } from './history-of.ts';

const header = 'timestamp,namespace,metric,dimensions,value';

async function read(...lines: readonly string[]) {
  const result = await csvHistory(lines, 'points.csv');
  if (!result.ok) throw new Error(`${result.error.line}: ${result.error.message}`);
  return result.value;
}

describe('metric points out of CSV', () => {
  it.each([
    ['ISO 8601', '2026-03-09T13:30:00Z'],
    ['ISO 8601 without a zone is UTC', '2026-03-09 13:30:00'],
    ['seconds since 1970', String(startMs / 1000)],
    ['milliseconds since 1970', String(startMs)],
  ])('times: %s', async (_, time) => {
    const history = await read(header, `${time},T,M,,5`);
    expect(history.fromMs).toBe(startMs);
  });

  it('keeps dimensions, quotes, counts and lines in any order', async () => {
    const history = await read(
      '\uFEFFvalue,count,timestamp,namespace,metric,dimensions',
      `4,3,${at(1)},T,"M, of course",B=2;A=1\r`,
      '',
      `8,1,${at(0)},T,"M, of course",A=1;B=2`,
    );
    const stat = { namespace: 'T', metricName: 'M, of course', dimensions: { A: '1', B: '2' }, statistic: 'Sum', periodSeconds: 60 };
    expect(history.read(stat, at(0), at(2))).toEqual([8, 12]);
    expect(history.knows(stat)).toBe(true);
    expect(history.knows({ ...stat, metricName: 'M' })).toBe(false);
  });

  it('counts a point from when it was seen: late points change nothing that was decided', async () => {
    const lines = Array.from({ length: 10 }, (_, m) => `${at(m)},T,M,,1,`);
    const late = `${at(3)},T,M,,99,${at(8)}`;
    const { transitions } = runAlarms([alarm('a', 'M')], await read(`${header},seen`, ...lines, late)).get('a')!;
    expect(transitions.map(({ to, atMs }) => [to, (atMs - startMs) / minute])).toEqual([['OK', 1]]);
  });

  it.each([
    ['a column is missing', ['timestamp,value'], '1: the header must name namespace, metric'],
    [
      'a column is unknown',
      [`${header},weight`],
      '1: unknown column "weight"; columns are timestamp, namespace, metric, value, dimensions, count, seen',
    ],
    ['a time is none', [header, 'yesterday,T,M,,5'], '2: timestamp must be a time; was "yesterday"'],
    ['a value is none', [header, `${at(0)},T,M,,much`], '2: value must be a number; was "much"'],
    ['a dimension has no name', [header, `${at(0)},T,M,s1,5`], '2: dimensions are Name=Value with ; between; was "s1"'],
    ['there is no point', [header], '1: there is no point in it'],
  ])('names the line when %s', async (_, lines, message) => {
    await expect(read(...lines)).rejects.toThrow(message);
  });
});
