import { describe, expect, it } from 'vitest';
import { createOutput } from '../../adapters/aws/output.ts';
import { createSweepStore } from '../../adapters/aws/sweep-store.ts';
import { widget } from '../../lambdas/widgets/widgets.ts';
import { lineOf } from '../events/lines-of.ts';
import { pathStory } from './path-story.ts';

async function staged(input?: unknown) {
  const s = input === undefined ? pathStory() : pathStory(input);
  const fill = lineOf('execution', {
    tsEvent: s.iso(1),
    transactTime: s.iso(1),
    settlCurrency: 'USDT',
    instrumentId: '<b>BTC</b>',
    side: 'sell',
  });
  await s.ingest(s.at(2).logs(lineOf('account', { equity: '10000' }), fill, lineOf('heartbeat', { tsEvent: s.iso(2) })));
  await s.fold();
  s.at(65);
  const log: string[] = [];
  const tools = {
    config: s.config,
    sweeps: createSweepStore(s.table),
    now: () => Date.parse(s.iso(65)),
    output: createOutput(line => void log.push(line)),
  };
  return { s, log, show: (event: unknown) => widget(event, tools) };
}

const inDashboard = (params: unknown) => ({ widgetContext: { dashboardName: 'd', widgetId: 'w', params } });

describe('widgets', () => {
  it('show open positions with the age of their mark, results and ratios', async () => {
    const { show } = await staged();
    const html = await show(inDashboard({ widget: 'positions' }));
    for (const text of ['-0.5', '42000.5', '64 s', 'Gross', '→ equity', '10,000.00']) expect(html).toContain(text);
    expect(html).toMatch(/\(\d+ days\)/);
  });

  it('escape what a bot wrote', async () => {
    const { show } = await staged();
    const html = await show(inDashboard({}));
    expect(html).toContain('&lt;b&gt;BTC&lt;/b&gt;');
    expect(html).not.toContain('<b>');
  });

  it('say who is silent', async () => {
    const { show } = await staged();
    expect(await show(inDashboard({ widget: 'health' }))).toMatch(/s1<\/td><td>down<\/td><td>63 s/);
  });

  it('show what the processes use', async () => {
    const { s, show } = await staged();
    const resources = { cpuPercent: 12.5, diskReadBytesPerSecond: 1_000, diskWriteBytesPerSecond: 500 };
    await s.ingest(s.at(60).logs(lineOf('heartbeat', { eventId: 'h60', tsEvent: s.iso(60), resources })));
    await s.fold();
    expect(await show({ widget: 'system' })).toMatch(/12\.5 %<\/td><td>–<\/td><td>1\.5 kB\/s.*5 s ago/);
  });

  it('show only the strategies asked for, also those that were never heard', async () => {
    const { show } = await staged({ bots: [{ id: 's1' }, { id: 's2' }] });
    const html = await show({ widget: 'results', strategies: ['s2'] });
    expect(html).toContain('s2');
    expect(html).toContain('never heard');
    expect(html).not.toContain('s1');
  });

  it('describe themselves, and name what they do not know', async () => {
    const { show } = await staged();
    expect(await show({ describe: true })).toMatch(/^## .*\n/);
    expect(await show({ widget: '<script>' })).toContain('Unknown widget &lt;script&gt;');
    expect(await show(null)).toContain('Open positions');
  });

  it('answer in words while the table is unreachable', async () => {
    const { s, show, log } = await staged();
    s.table.failure = new Error('unreachable');
    expect(await show({})).toBe('<p>The table could not be read: Error.</p>');
    expect(log.join()).toContain('widget failed');
  });
});
