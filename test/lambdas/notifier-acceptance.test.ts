/** Rows of Alertmanager's acceptance list that are about the process rather than the tree, and what an ended incident says of its worst. */
import { describe, expect, it } from 'vitest';
import { createDeskStores } from '../../adapters/aws/desk-stores.ts';
import { sweepEvent } from '../../core/incidents/wake.ts';
import type { NotifierTools } from '../../lambdas/notifier/notifier.ts';
import { notify } from '../../lambdas/notifier/notifier.ts';
import { snsEvent } from '../notify/payloads.ts';
import { type Story, story } from './notifier-story.ts';

const alarm = 'heartbeat-missing';
const both = ['slack trigger', 'pagerduty trigger'];

/** A function that starts anew over the same table, with a config that may have changed. */
const deployed = (s: Story, config: Partial<NotifierTools['config']> = {}): NotifierTools => ({
  ...s.tools,
  ...createDeskStores(s.table, s.tools.send.now),
  config: { ...s.tools.config, ...config },
});

describe('a new deployment', () => {
  it.each<readonly [string, Partial<NotifierTools['config']>]>([
    ['with the same config', {}],
    [
      'with a new channel that takes nothing critical',
      { routes: { critical: ['slack', 'pagerduty'], warning: ['slack'], info: ['extra'] } },
    ],
  ])('%s does not tell again what is open', async (_name, config) => {
    const s = story();
    const page = s.at(0).fast(alarm, 'ALARM');
    await s.deliver(page);
    expect(s.told()).toEqual(both);
    const extra = { kind: 'slack', webhook: { secretName: 'slack-secret' } } as const;
    const tools = deployed(s, { channels: { ...s.tools.config.channels, extra }, ...config });
    await notify(snsEvent([page]), tools);
    for (const seconds of [60, 120, 600]) {
      s.at(seconds);
      await notify(sweepEvent, tools);
    }
    expect(s.told()).toEqual(both);
    s.at(700);
    await notify(snsEvent([s.fast(alarm, 'OK')]), tools);
    expect(s.told()).toEqual([...both, 'slack resolve', 'pagerduty resolve']);
  });
});

describe('a webhook that does not answer in time', () => {
  it('holds up no other channel, is tried again, and is told once when it answers', async () => {
    const s = story();
    let hangs = true;
    const tools: NotifierTools = {
      ...s.tools,
      send: {
        ...s.tools.send,
        fetch: async (url, init) => {
          if (hangs && url.includes('slack')) throw new DOMException('The operation was aborted due to timeout', 'TimeoutError');
          return s.tools.send.fetch(url, init);
        },
      },
    };
    await notify(snsEvent([s.at(0).fast(alarm, 'ALARM')]), tools);
    expect(s.told()).toEqual(['pagerduty trigger']);
    const [incident] = await s.incidents();
    expect(incident?.timeline.find(({ reason }) => reason === 'failed')?.text).toContain('timeout');
    hangs = false;
    for (const seconds of [60, 120, 180]) {
      s.at(seconds);
      await notify(sweepEvent, tools);
    }
    expect(s.told()).toEqual(['pagerduty trigger', 'slack trigger']);
  });
});

describe('an incident that is over', () => {
  const ended = async (values: () => Promise<ReadonlyMap<number, number>>, limit: number, value: number) => {
    const s = story();
    const tools = { ...s.tools, extras: { values } };
    await notify(snsEvent([s.at(0).fast(alarm, 'ALARM', 0, { value, limit, unit: 'seconds' })]), tools);
    await notify(snsEvent([s.at(600).fast(alarm, 'OK', 600)]), tools);
    expect(s.told()).toEqual([...both, 'slack resolve', 'pagerduty resolve']);
    return JSON.stringify(s.sent.find(({ channel, text }) => channel === 'slack' && text.startsWith('[RESOLVED]'))?.body);
  };
  const series =
    (...values: readonly number[]) =>
    async () =>
      new Map(values.map((value, index) => [index * 60_000, value]));

  it.each([
    ['its highest value above the limit', series(40, 312, 5), 25, 93, '312 s (limit 25 s)'],
    ['the value that opened it where that was the worst', series(40, 5), 25, 93, '93 s (limit 25 s)'],
    ['its lowest value below the limit', series(9, 3, 40), 25, 8, '3 s (limit 25 s)'],
  ] as const)('says %s', async (_name, values, limit, value, said) => {
    expect(await ended(values, limit, value)).toContain(said);
  });

  it('is told all the same when the series cannot be read', async () => {
    const screen = await ended(async () => Promise.reject(new Error('throttled')), 25, 93);
    expect(screen).not.toContain('undefined');
    expect(screen).not.toMatch(/Peak/i);
  });
});
