import { describe, expect, it } from 'vitest';
import { createHistoryStore } from '../../adapters/aws/history-store.ts';
import { createMemoryTable } from '../../adapters/memory/table.ts';
import { DAY_MS, type LedgerDay } from '../../core/ledger/history.ts';
import { pnlCalendar } from '../../lambdas/widgets/calendar.ts';
import { readRequest } from '../../lambdas/widgets/request.ts';
import type { Shown } from '../../lambdas/widgets/shown.ts';
import { pathStory } from './path-story.ts';

const nowMs = Date.UTC(2026, 2, 20);
const day = nowMs / DAY_MS - 9;

async function drawn(ledgers: readonly { readonly currency: string; readonly days: readonly LedgerDay[] }[]): Promise<string> {
  const { config } = pathStory({ bots: ledgers.map((_, at) => ({ id: `s${at}` })) });
  const history = createHistoryStore(createMemoryTable());
  for (const [at, ledger] of ledgers.entries()) await history.saveDays(`s${at}`, { schemaVersion: 1, at: nowMs, ...ledger });
  const request = readRequest({ widget: 'calendar' }, { config, nowMs, endpoint: 'arn' });
  return (await pnlCalendar({ config, history, nowMs, request } as unknown as Shown)).html;
}

describe('the calendar of days', () => {
  it('paints a flat day neither as a gain nor as a loss, and counts it', async () => {
    const html = await drawn([
      {
        currency: 'USD',
        days: [
          [day, '10', '0'],
          [day + 1, '10', '0'],
          [day + 2, '4', '0'],
        ],
      },
    ]);
    expect(html).toContain('+4.00 USD in 3 days: 1 up, 1 down, 1 flat');
    const colours = [...html.matchAll(/<rect [^>]*fill="([^"]+)"/g)].map(([, colour]) => colour);
    expect(new Set(colours).size).toBe(3);
  });

  it('never adds unlike currencies, and names those that it has no room for', async () => {
    const html = await drawn(['USD', 'EUR', 'JPY', 'BTC', 'ETH'].map(currency => ({ currency, days: [[day, '1', '0']] as const })));
    expect(html.match(/<svg/g)).toHaveLength(3);
    expect(html).toContain('Not drawn: BTC, ETH.');
  });
});
