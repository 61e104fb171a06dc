import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nightdesk, paperBot } from '../run-nightdesk.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightdesk-scheduled-report-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Summary {
  readonly notifications: readonly {
    readonly channel: string;
    readonly at: string;
    readonly request: { readonly body: { readonly text?: string } };
  }[];
  readonly incidents: readonly { readonly key: string }[];
  readonly invocations: Readonly<Record<string, number>>;
}

it('says after the close how the day went, once, in Slack and not to the pager', async () => {
  const events = join(folder, 'events.ndjson');
  const traded = await paperBot('--random', '--minutes', '90', '--seed', '7', '--start', '2026-01-05T23:00:00Z', '--out', events);
  expect(traded.code, traded.stderr).toBe(0);
  const config = join(folder, 'nightdesk.config.json');
  const slack = { kind: 'slack', webhook: { secretName: 'nightdesk/demo/slack' } };
  const pager = { kind: 'pagerduty', routingKey: { secretName: 'nightdesk/demo/pagerduty' } };
  writeFileSync(
    config,
    JSON.stringify({
      bots: [{ id: 'meanrev-btc', heartbeat: { intervalSeconds: 60 } }],
      channels: { desk: slack, pager },
      reports: { periods: ['day'] },
    }),
  );
  const ran = await nightdesk('start', '--input', events, '--config', config, '--headless', '--until-end', '--json');
  expect(ran.code, ran.stderr).toBe(0);
  const { notifications, incidents, invocations } = JSON.parse(ran.stdout) as Summary;
  const reports = notifications.filter(({ request }) => /\[REPORT\]/.test(JSON.stringify(request.body)));
  expect(reports.map(({ channel }) => channel)).toEqual(['desk']);
  expect(reports[0]!.at).toMatch(/^2026-01-06T00:/);
  const text = JSON.stringify(reports[0]!.request.body);
  expect(text).toContain('[REPORT] demo day 2026-01-05:');
  expect(text).toMatch(/meanrev-btc/);
  expect(text).toMatch(/Sharpe not yet \(n 1 days\)/);
  expect(incidents.some(({ key }) => key.includes('report'))).toBe(false);
  expect(invocations['report']).toBeGreaterThan(3);
}, 120_000);
