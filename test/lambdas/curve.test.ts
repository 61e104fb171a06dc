import { describe, expect, it } from 'vitest';
import { createHistoryStore } from '../../adapters/aws/history-store.ts';
import { createMemoryTable } from '../../adapters/memory/table.ts';
import { DAY_MS, type HistoryRow, type LedgerDay, MINUTE_MS } from '../../core/ledger/history.ts';
import { curve } from '../../lambdas/widgets/curve.ts';
import { readRequest } from '../../lambdas/widgets/request.ts';
import type { Shown } from '../../lambdas/widgets/shown.ts';
import { pathStory } from './path-story.ts';

const day = (n: number) => Date.UTC(2026, 2, n) / DAY_MS;
const at = (n: number, hour = 0) => Date.UTC(2026, 2, n, hour);

interface Kept {
  readonly days?: readonly LedgerDay[];
  readonly minutes?: readonly HistoryRow[];
  readonly nowMs?: number;
}

/** What the curve of one strategy, with 1,000 as its capital, says in a time range. */
async function said(fromMs: number, toMs: number, { days = [], minutes = [], nowMs = at(20) }: Kept): Promise<string> {
  const { config } = pathStory({ bots: [{ id: 's1' }] });
  const history = createHistoryStore(createMemoryTable());
  await history.saveDays('s1', { schemaVersion: 1, at: nowMs, currency: 'USDT', capital: '1000', days });
  for (const row of minutes) await history.record('s1', row);
  const event = { widget: 'curve', widgetContext: { timeRange: { start: fromMs, end: toMs } } };
  const shown = { config, history, nowMs, request: readRequest(event, { config, nowMs, endpoint: 'arn' }) } as unknown as Shown;
  return String((await curve(shown)).html)
    .replace(/^.*<ul/s, '')
    .replace(/<[^>]*>/g, '');
}

describe('the curve of a time range', () => {
  const days: readonly LedgerDay[] = [
    [day(9), '10', '0'],
    [day(10), '30', '0'],
    [day(11), '60', '0'],
    [day(12), '100', '0'],
  ];

  it('counts the result from the value at the start of the range, not from the end of its first day', async () => {
    expect(await said(at(11), at(13), { days })).toContain('+70.00');
    expect(await said(at(11, 3), at(13), { days })).toContain('+70.00');
  });

  it('counts from nothing where the strategy began within the range', async () => {
    expect(await said(at(1), at(13), { days })).toContain('+100.00');
    expect(await said(at(9, 5), at(13), { days })).toContain('+100.00');
  });

  it('takes the minute before the range where there is one', async () => {
    const row = (minute: number, pnl: number): HistoryRow => [at(15) / MINUTE_MS + minute, 1000 + pnl, pnl, 0];
    const minutes = [row(0, 100), row(59, 140), row(61, 150), row(62, 155)];
    expect(await said(at(15, 1), at(15, 2), { days, minutes, nowMs: at(15, 2) })).toContain('+15.00');
  });

  it('takes the nearer end of a day where nobody recorded, never more than half of it from outside', async () => {
    expect(await said(at(11, 20), at(13), { days })).toContain('+40.00');
  });
});

describe('drawdown of days before anybody recorded', () => {
  const deepest = async (fromMs: number, days: readonly LedgerDay[]) =>
    /deepest −([\d.]+) %/.exec(await said(fromMs, at(13), { days }))?.[1];

  it('is below the peak of all days, also of those before the range', async () => {
    const days: readonly LedgerDay[] = [
      [day(9), '1000', '0'],
      [day(10), '500', '0'],
      [day(11), '600', '0'],
    ];
    expect(await deepest(at(1), days)).toBe('25.00');
    expect(await deepest(at(11), days)).toBe('20.00');
  });

  it('begins at the capital, so that a loss on the first day counts', async () => {
    expect(
      await deepest(at(1), [
        [day(9), '-100', '0'],
        [day(10), '-50', '0'],
      ]),
    ).toBe('10.00');
  });

  it('is no withdrawal', async () => {
    expect(
      await deepest(at(1), [
        [day(9), '0', '0'],
        [day(10), '0', '-500'],
        [day(11), '-50', '-500'],
      ]),
    ).toBe('10.00');
  });
});
