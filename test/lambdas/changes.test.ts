import { describe, expect, it } from 'vitest';
import { createIncidentStore } from '../../adapters/aws/incident-store.ts';
import { createMemoryTable } from '../../adapters/memory/table.ts';
import { changeBody } from '../../adapters/notify/pagerduty/change.ts';
import type { StrategyChange } from '../../core/incidents/changes.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import { notesFrom, postMortem, timelineOf } from '../../core/incidents/post-mortem.ts';
import { sweepEvent } from '../../core/incidents/wake.ts';
import { tellChanges } from '../../lambdas/notifier/changes.ts';
import { notify } from '../../lambdas/notifier/notifier.ts';
import { lineOf } from '../events/lines-of.ts';
import { fakeWeb, type Reply } from '../notify/fake-web.ts';
import { configWith, incident, startMs } from './actions-story.ts';
import { story as notifierStory } from './notifier-story.ts';
import { pathStory } from './path-story.ts';

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

  it('is told for each of two in one minute', async () => {
    const { asked, sweep } = story([deploy, { ...deploy, reason: 'v2.5' }]);
    await sweep();
    await sweep();
    expect(
      asked.map(({ body }) => (JSON.parse(body) as ReturnType<typeof changeBody> & { payload: { summary: string } }).payload.summary),
    ).toEqual(['momentum: deploy by ana: v2.4 <!channel>', 'momentum: deploy by ana: v2.5']);
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

describe('from the ledger to the timeline', () => {
  /** Control events as the bot reports them, folded and swept; lines of an incident of the strategy that is open all the while. */
  async function told(controls: readonly (readonly [second: number, action: string])[], sweeps: readonly number[]) {
    const path = pathStory();
    const nowMs = () => Date.parse(path.iso(clock));
    let clock = 0;
    const incidents = createIncidentStore(path.table, nowMs);
    const open = incident({
      openedAt: nowMs(),
      firing: ['v1:drawdown:Strategy=s1'],
      signal: { ...incident().signal, dimensions: { Strategy: 's1' } },
    });
    await incidents.save({ schemaVersion: 1, key: open.key, incident: open }, 0);
    let reads = 0;
    const s = story([]);
    const changes = async () => {
      reads += 1;
      return (await path.strategies.load('s1'))?.beside?.pulse?.controls?.map(control => ({ strategyId: 's1', ...control })) ?? [];
    };
    const send = { ...s.tools.send, now: nowMs };
    const tools = { ...notifierStory().tools, send, incidents };
    const tellAll = () => tellChanges({ ...s.tools, send, incidents, changes });
    const lines = controls.map(([second, action], n) =>
      lineOf('control', { tsEvent: path.iso(second), action, actor: 'ci', reason: 'v2', eventId: `c${n}` }),
    );
    await path.ingest(path.at(30).logs(lineOf('account', { equity: '10000' }), ...lines));
    await path.fold();
    for (clock of sweeps) await notify(sweepEvent, { ...tools, tellChanges: tellAll });
    const notes = await incidents.notes(open.key, 0, nowMs());
    return {
      texts: notes.filter(({ reason }) => reason === 'changed').map(({ text }) => text),
      reads,
      due: await incidents.due(nowMs(), 10),
    };
  }

  it.each<readonly [string, readonly (readonly [number, string])[], readonly string[]]>([
    ['no change', [], []],
    ['a change', [[1, 'deploy']], ['s1: deploy by ci: v2']],
    [
      'two changes within a minute',
      [
        [1, 'deploy'],
        [2, 'configChange'],
      ],
      ['s1: deploy by ci: v2', 's1: configChange by ci: v2'],
    ],
    [
      'two changes of the same instant',
      [
        [1, 'halt'],
        [1, 'resume'],
      ],
      ['s1: halt by ci: v2', 's1: resume by ci: v2'],
    ],
  ])('%s, each exactly once', async (_name, controls, texts) => {
    const s = await told(controls, [60, 120, 180]);
    expect([...s.texts].sort()).toEqual([...texts].sort());
  });

  it('nobody reads the strategies while none changed', async () => {
    expect((await told([], [60, 120])).reads).toBe(0);
  });

  it('is over after an hour', async () => {
    expect((await told([[1, 'deploy']], [60])).due).toEqual([{ key: 'changes', at: Date.parse('2026-03-09T13:30:00Z') }]);
    expect((await told([[1, 'deploy']], [60, 3_700])).due).toEqual([]);
  });
});
