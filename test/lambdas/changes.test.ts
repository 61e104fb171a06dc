import { describe, expect, it } from 'vitest';
import { createMemoryTable } from '../../adapters/memory/table.ts';
import { changeBody, type StrategyChange } from '../../adapters/notify/pagerduty/change.ts';
import { tellChanges } from '../../lambdas/notifier/changes.ts';
import { fakeWeb, type Reply } from '../notify/fake-web.ts';
import { configWith, startMs } from './actions-story.ts';

const deploy: StrategyChange = {
  strategyId: 'momentum',
  at: startMs - 60_000,
  action: 'deploy',
  actor: 'ana',
  reason: 'v2.4 <!channel> \u202E',
};

function story(changes: readonly StrategyChange[], replies: readonly Reply[] = [{ status: 202 }]) {
  const web = fakeWeb({ 'change/enqueue': replies }, startMs);
  const silent = () => undefined;
  const output = { info: silent, warn: silent, error: silent, metrics: silent };
  const { secrets, send } = web.tools;
  const tools = { config: configWith(), table: createMemoryTable(), changes: async () => changes, secrets, send, output };
  return { ...web, sweep: () => tellChanges(tools) };
}

describe('a change in a strategy', () => {
  it('is a change event at PagerDuty, once', async () => {
    const { asked, sweep } = story([deploy]);
    await sweep();
    await sweep();
    expect(asked.map(({ url }) => url)).toEqual(['https://events.pagerduty.com/v2/change/enqueue']);
    expect(JSON.parse(asked[0]!.body)).toMatchObject({
      routing_key: 'value-of-pd',
      payload: { summary: 'momentum: deploy by ana: v2.4 <!channel>', timestamp: '2026-11-22T03:04:00.000Z', source: 'momentum' },
    });
  });

  it.each([
    ['that is history is not told', { ...deploy, at: startMs - 3_600_000 }, [{ status: 202 }], 0],
    ['that PagerDuty could not take comes again', deploy, [{ status: 503 }, { status: 503 }, { status: 503 }, { status: 202 }], 4],
    ['that is refused is not told again', deploy, [{ status: 400 }], 1],
  ] as const)('%s', async (_name, change, replies, requests) => {
    const { asked, sweep } = story([change], replies);
    for (let minute = 0; minute < 3; minute++) await sweep();
    expect(asked).toHaveLength(requests);
  });

  it('keeps the limits whatever it says', () => {
    const body = changeBody({ ...deploy, strategyId: '', reason: '&'.repeat(100_000) }, 'k') as {
      payload: { summary: string; source: string };
    };
    expect(body.payload.summary.length).toBeLessThanOrEqual(1_024);
    expect(body.payload.source).not.toBe('');
  });
});
