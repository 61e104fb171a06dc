import { describe, expect, it } from 'vitest';
import { createIncidentStore } from '../../adapters/aws/incident-store.ts';
import { createMemoryTable } from '../../adapters/memory/table.ts';
import { changeBody } from '../../adapters/notify/pagerduty/change.ts';
import type { StrategyChange } from '../../core/incidents/changes.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import { notesFrom, postMortem, timelineOf } from '../../core/incidents/post-mortem.ts';
import { tellChanges } from '../../lambdas/notifier/changes.ts';
import { fakeWeb, type Reply } from '../notify/fake-web.ts';
import { configWith, incident, startMs } from './actions-story.ts';

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
  const table = createMemoryTable();
  const incidents = createIncidentStore(table, () => startMs);
  const tools = { config: configWith(), table, incidents, changes: async () => changes, secrets, send, output };
  return { ...web, incidents, output, tools, sweep: () => tellChanges(tools) };
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

describe('a change around an incident', () => {
  async function linesOf(change: StrategyChange, about: Partial<Incident> = {}) {
    const { incidents, sweep } = story([change]);
    const open = incident(about);
    await incidents.save({ schemaVersion: 1, key: open.key, incident: open }, 0);
    await sweep();
    await sweep();
    const notes = await incidents.notes(open.key, notesFrom(open), startMs);
    return { lines: timelineOf({ incident: open, notes }).filter(({ reason }) => reason === 'changed'), open, notes };
  }

  const openedAt = incident().openedAt;

  it('is one line of its timeline and of its post-mortem', async () => {
    const { lines, open, notes } = await linesOf(deploy);
    expect(lines).toEqual([{ at: deploy.at, reason: 'changed', text: 'momentum: deploy by ana: v2.4 <!channel>' }]);
    expect(postMortem({ incident: open, notes, now: startMs })).toContain(
      '| 2026-11-22 03:04:00.000Z | changed | `momentum: deploy by ana: v2.4 <!channel>` |',
    );
  });

  it.each<readonly [string, Partial<StrategyChange>, Partial<Incident>, number]>([
    ['of the same strategy shortly before it opened', { at: openedAt - 60_000 }, {}, 1],
    ['of the hour before it', { at: startMs - 3_000_000 }, { openedAt: startMs - 60_000 }, 1],
    ['of another strategy', { strategyId: 'other' }, {}, 0],
    ['of a strategy of the bot that it is about', {}, { signal: { ...incident().signal, dimensions: { Bot: 'bot-1' } }, firing: [] }, 1],
    ['of one of the strategies in its group', {}, { firing: [incident().key], signal: { ...incident().signal, dimensions: {} } }, 1],
    ['long before it opened', {}, { openedAt: deploy.at + 2 * 3_600_000 }, 0],
    ['after it was over', {}, { status: 'resolved', resolvedAt: deploy.at - 1 }, 0],
  ])('%s', async (_name, change, about, count) => {
    expect((await linesOf({ ...deploy, ...change }, about)).lines).toHaveLength(count);
  });

  it('costs no page when the table fails', async () => {
    const { tools, sweep, asked } = story([deploy]);
    tools.table.failure = new Error('throttled');
    await expect(sweep()).resolves.toBeUndefined();
    expect(asked).toEqual([]);
  });
});
