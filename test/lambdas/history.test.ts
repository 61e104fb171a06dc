import { describe, expect, it } from 'vitest';
import { createHistoryStore } from '../../adapters/aws/history-store.ts';
import { createMemoryTable } from '../../adapters/memory/table.ts';
import { DAY_MS, type HistoryRow, HOUR_MS, MINUTE_MS, resolutionFor, sampleOf, summaryOf } from '../../core/ledger/history.ts';
import { lineOf } from '../events/lines-of.ts';
import { pathStory } from './path-story.ts';

const start = Date.UTC(2026, 2, 9);
const orders = { submitted: 9, accepted: 8, rejected: 1, denied: 0, filledWhole: 5, filledPartly: 1 };
const minute = (n: number, equity: number, drawdown = 0): HistoryRow => [start / MINUTE_MS + n, equity, equity - 100, drawdown];

async function recorded(rows: readonly HistoryRow[], table = createMemoryTable()) {
  const store = createHistoryStore(table);
  for (const row of rows) await store.record('s1', row);
  const read = async (resolution: 'minutes' | 'hours' | 'days', fromMs = start, toMs = (rows.at(-1)![0] + 1) * MINUTE_MS) =>
    (await store.read({ strategyIds: ['s1'], resolution, fromMs, toMs })).get('s1') ?? [];
  return { table, store, read };
}

describe('the history of a strategy', () => {
  it('keeps the lowest and highest minute of each hour and day: no zoom hides a loss', async () => {
    const { read } = await recorded([minute(0, 100), minute(10, 40, 0.6), minute(20, 110), minute(60, 105), minute(120, 90)]);
    expect((await read('minutes')).map(({ equity }) => equity?.[0])).toEqual([100, 40, 110, 105, 90]);
    const [first, second] = await read('hours');
    expect(first).toEqual({ at: start, equity: [110, 40, 110], pnl: [10, -60, 10], drawdown: 0.6 });
    expect(second?.equity).toEqual([105, 105, 105]);
    expect(await read('days')).toEqual([{ at: start, equity: [90, 40, 110], pnl: [-10, -60, 10], drawdown: 0.6 }]);
  });

  it('sums up hours that ended while nobody swept', async () => {
    const { table } = await recorded([minute(0, 100), minute(1, 50)]);
    // Another process begins five hours later.
    const { read } = await recorded([minute(5 * 60 + 1, 80)], table);
    expect((await read('hours')).map(({ at, equity }) => [(at - start) / HOUR_MS, equity])).toEqual([
      [0, [50, 50, 100]],
      [5, [80, 80, 80]],
    ]);
  });

  it('takes the same minute twice as one, also from another process', async () => {
    const { table } = await recorded([minute(0, 100)]);
    const { read } = await recorded([minute(0, 100), minute(1, 101)], table);
    expect((await read('minutes')).map(({ equity }) => equity?.[0])).toEqual([100, 101]);
  });

  it('keeps the counts of orders every tenth minute, and the last of every fourth hour and of the day', async () => {
    const at = (n: number) => sampleOf({ equity: 100 }, start + n * MINUTE_MS, { ...orders, submitted: n })!;
    const { read, store } = await recorded([at(0), at(4), at(50), at(59), at(3 * 60), at(4 * 60)]);
    const counted = await store.read({ strategyIds: ['s1'], resolution: 'minutes', fromMs: start, toMs: start + DAY_MS, isCounted: true });
    expect(counted.get('s1')?.map(point => point.orders?.submitted)).toEqual([0, 50, 180, 240]);
    expect((await read('minutes')).map(point => point.orders?.submitted)).toEqual([0, undefined, 50, undefined, 180, 240]);
    // The running hour is told from its minutes.
    expect((await read('hours')).map(point => point.orders?.submitted)).toEqual([undefined, 180, 240]);
    expect((await read('hours'))[1]?.orders).toEqual({ ...orders, submitted: 180 });
    expect((await read('days')).map(point => point.orders?.submitted)).toEqual([240]);
    expect(sampleOf({}, start, orders)?.slice(1, 4)).toEqual([null, null, null]);
    expect(sampleOf({}, start + MINUTE_MS, orders)).toBeNull();
  });

  it('stays small: an hour of minutes below 4 KB, a month of hours below 100 KB, and both expire', async () => {
    const rows = Array.from({ length: 31 * 24 * 60 }, (_, n): HistoryRow => {
      const row = [start / MINUTE_MS + n, 102_927.4123 + n / 7, -1_234.5678 - n / 3, 0.012345678] as const;
      return n % 10 === 0 ? [...row, [10_000_000 + n, 9_000_000 + n, 12_345, 1_234, 8_765_432 + n, 12_345]] : row;
    });
    const { table } = await recorded(rows);
    const sizes = (kind: string) =>
      [...table.items.values()].filter(({ sk }) => sk.startsWith(`HISTORY#${kind}`)).map(item => JSON.stringify(item).length);
    expect(Math.max(...sizes('MINUTES'))).toBeLessThan(4_096);
    expect(Math.max(...sizes('HOURS'))).toBeLessThan(100_000);
    for (const item of table.items.values())
      if (/MINUTES|HOURS/.test(item.sk)) expect(Number(item['expiresAt'])).toBeGreaterThan(start / 1000);
  });

  it('picks the finest resolution that still reaches back', () => {
    const now = start + 200 * DAY_MS;
    expect(resolutionFor(now - 3 * HOUR_MS, now, now)).toBe('minutes');
    expect(resolutionFor(now - 30 * DAY_MS, now, now)).toBe('hours');
    expect(resolutionFor(now - 190 * DAY_MS, now, now)).toBe('days');
  });

  it('has no value for nothing', () => {
    expect(summaryOf([], 3)).toBeNull();
    expect(summaryOf([[1, null, null, null]], 0)).toEqual([0, null, null, null]);
  });
});

it('the sweep keeps the minute, the ledger’s days and the marks of two changes in one minute', async () => {
  const s = pathStory();
  const deploy = lineOf('control', { tsEvent: s.iso(1), action: 'deploy', actor: 'ci', reason: 'v2' });
  await s.ingest(
    s
      .at(2)
      .logs(
        lineOf('account', { equity: '10000' }),
        lineOf('execution', { tsEvent: s.iso(1), transactTime: s.iso(1), settlCurrency: 'USDT' }),
        deploy,
        lineOf('control', { tsEvent: s.iso(1), action: 'deploy', actor: 'ci', reason: 'v2 of the other part', eventId: 'c2' }),
      ),
  );
  await s.fold();
  s.at(60);
  await s.sweep();
  const store = createHistoryStore(s.table);
  const nowMs = Date.parse(s.iso(60));
  const points = (await store.read({ strategyIds: ['s1'], resolution: 'minutes', fromMs: nowMs - HOUR_MS, toMs: nowMs + MINUTE_MS })).get(
    's1',
  );
  expect(points?.[0]?.equity?.[0]).toBeGreaterThan(9_000);
  const days = (await store.readDays(['s1'])).get('s1');
  expect(days).toMatchObject({ currency: 'USDT', capital: '10000', days: [[20_521, expect.any(String), '0']] });
  expect((await store.readMarks(['s1'])).get('s1')).toEqual([
    [Date.parse(s.iso(1)), 'deploy', 'ci', 'v2'],
    [Date.parse(s.iso(1)), 'deploy', 'ci', 'v2 of the other part'],
  ]);
});
