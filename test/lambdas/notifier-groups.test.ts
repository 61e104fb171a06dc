/** The deployed steps over the table: what desk.ts does in memory, the notifier does with conditional writes, wakes and sweeps. */
import { describe, expect, it } from 'vitest';
import { type RoutingInput, routingFrom } from '../../core/config/routing-input.ts';
import { acknowledgeIncident, silenceIncident } from '../../core/incidents/actions.ts';
import { testPageEvent, wakeFor } from '../../core/incidents/wake.ts';
import { notify } from '../../lambdas/notifier/notifier.ts';
import { snsEvent } from '../notify/payloads.ts';
import { type Story, story } from './notifier-story.ts';

const routes = { critical: ['slack', 'pagerduty'], warning: ['slack'], info: ['slack'] };
const routed = (input: RoutingInput) => story(undefined, { routing: routingFrom(input, ['slack', 'pagerduty'], routes) });
const tree: RoutingInput = {
  stormLimit: 0,
  route: { receiver: 'slack', groupBy: ['Strategy'], groupWait: '30s', groupInterval: '5m', repeatInterval: '4h' },
};
const warning = (s: Story, alarm: string, state: 'ALARM' | 'OK' = 'ALARM') => s.fast(alarm, state, undefined, { severity: 'warning' });

/** Pages about an incident: first messages, news and reminders, without what only shows its handling. */
const pages = async (s: Story) =>
  (await s.incidents()).flatMap(({ timeline }) => timeline).filter(({ reason, text }) => reason === 'sent' && text.startsWith('trigger'))
    .length;

/** Follows the delayed messages and the sweeps until the time. */
async function follow(s: Story, untilSeconds: number): Promise<void> {
  const startMs = Date.parse('2026-03-09T03:00:00Z');
  const done = new Set<string>();
  for (let seconds = 0; seconds <= untilSeconds; seconds += 1) {
    const nowMs = startMs + seconds * 1000;
    if (nowMs < s.tools.send.now()) continue;
    for (const { key, at } of [...s.wakes]) {
      if (at > nowMs || done.has(`${key} ${at}`)) continue;
      done.add(`${key} ${at}`);
      await notify({ Records: [{ eventSource: 'aws:sqs', body: JSON.stringify(wakeFor(key)) }] }, s.at(seconds).tools);
    }
    if (seconds % 60 === 0) await s.at(seconds).sweep();
  }
}

describe('notifier: groups over the table', () => {
  it('waits for others to the second, then tells them together', async () => {
    const s = routed(tree);
    await s.at(0).deliver(warning(s, 'drawdown'));
    await s.at(10).deliver(warning(s, 'session-loss'));
    expect(s.told()).toEqual([]);
    await follow(s, 29);
    expect(s.told()).toEqual([]);
    await follow(s, 31);
    expect(s.told()).toEqual(['slack trigger']);
    expect(JSON.stringify(s.sent[0]?.body)).toContain('2 alerts firing; s1: drawdown, s1: session loss');
    const [incident] = await s.incidents();
    expect(incident).toMatchObject({ counts: { firing: 2, resolved: 0 }, groupLabels: { Strategy: 's1' } });
    expect(incident?.members?.map(({ title }) => title)).toEqual(['s1: drawdown', 's1: session loss']);
  });

  it('is found by the sweep when no delayed message came through', async () => {
    const s = routed(tree);
    await s.at(0).deliver(warning(s, 'drawdown'));
    await s.at(60).sweep();
    expect(s.told()).toEqual(['slack trigger']);
  });

  it('resolves when the last of its alerts has ended, and keeps a line of each', async () => {
    const s = routed(tree);
    await s.at(0).deliver(warning(s, 'drawdown'), warning(s, 'session-loss'));
    await s.at(30).sweep();
    await s.at(60).deliver(warning(s, 'drawdown', 'OK'));
    await s.at(330).sweep();
    await s.at(400).deliver(warning(s, 'session-loss', 'OK'));
    expect(s.told()).toEqual(['slack trigger']);
    await s.at(630).sweep();
    expect(s.told()).toEqual(['slack trigger', 'slack resolve']);
    const [incident] = await s.incidents();
    expect(incident).toMatchObject({ status: 'resolved', resolvedAt: Date.parse('2026-03-09T03:06:40Z') });
    const notes = await s.tools.incidents.notes(incident!.key, 0, Number.MAX_SAFE_INTEGER / 2);
    expect([...incident!.timeline, ...notes].filter(({ text }) => text.includes('session-loss is OK'))).toHaveLength(1);
  });

  it('reminds until somebody acknowledges', async () => {
    const s = routed({ ...tree, route: { ...tree.route!, repeatInterval: '1h' } });
    await s.at(0).deliver(warning(s, 'drawdown'));
    for (let minute = 1; minute <= 150; minute++) await s.at(minute * 60).sweep();
    expect(s.told()).toEqual(['slack trigger', 'slack trigger', 'slack trigger']);
    const [incident] = await s.incidents();
    await acknowledgeIncident(incident!.id, { who: 'ada', now: s.tools.send.now() }, { ...s.tools, wake: async () => undefined });
    for (let minute = 151; minute <= 400; minute++) await s.at(minute * 60).sweep();
    expect(await pages(s)).toBe(3);
  });

  it('shows an acknowledgement in PagerDuty when it is woken, once', async () => {
    const s = story();
    await s.at(0).deliver(s.fast('heartbeat-missing', 'ALARM'));
    const [incident] = await s.incidents();
    const wake = async (key: string) => notify(wakeFor(key), s.tools);
    await acknowledgeIncident(incident!.id, { who: 'ada', now: s.at(5).tools.send.now() }, { ...s.tools, wake });
    await notify(wakeFor(incident!.key), s.tools);
    expect(s.told().filter(said => said.startsWith('pagerduty'))).toEqual(['pagerduty trigger', 'pagerduty acknowledge']);
    expect(await pages(s)).toBe(2);
  });

  it('holds reminders back while a silence covers it, and resolves all the same', async () => {
    const s = story();
    await s.at(0).deliver(s.fast('heartbeat-missing', 'ALARM'));
    const [incident] = await s.incidents();
    await silenceIncident(
      incident!.id,
      { who: 'ada', now: s.at(10).tools.send.now(), durationMs: 86_400_000 },
      { ...s.tools, wake: async () => undefined },
    );
    for (let minute = 1; minute <= 600; minute += 5) await s.at(minute * 60).sweep();
    expect(await pages(s)).toBe(2);
    await s.at(40_000).deliver(s.fast('heartbeat-missing', 'OK'));
    expect(s.told().slice(-2).sort()).toEqual(['pagerduty resolve', 'slack resolve']);
  });

  it('pages in order of gravity within one delivery', async () => {
    const s = story();
    await s.at(0).deliver(s.fast('drawdown', 'ALARM', 0, { severity: 'info' }), s.fast('heartbeat-missing', 'ALARM'));
    expect(s.sent[0]?.text).toContain('[CRIT]');
  });
});

describe('notifier: storms', () => {
  it('tells 10,000 alerts of one minute in a bounded number of messages, the critical ones first, and loses none', async () => {
    const s = story();
    s.at(0);
    const heapBefore = process.memoryUsage().heapUsed;
    for (let batch = 0; batch < 100; batch++) {
      const breaches = Array.from({ length: 100 }, (_, i) => {
        const n = batch * 100 + i;
        return s.fast(`alert-${n}`, 'ALARM', 0, { severity: n % 100 === 0 ? 'critical' : 'warning', dimensions: { Strategy: `s${n}` } });
      });
      await s.deliver(...breaches);
    }
    for (let minute = 1; minute <= 15; minute++) await s.at(minute * 60).sweep();
    const triggers = s.told().filter(said => said.endsWith('trigger')).length;
    expect(triggers).toBeLessThanOrEqual(20 * 2 + 20 + 10);
    const incidents = await s.incidents();
    const storms = incidents.filter(({ key }) => key.startsWith('v1:storm:'));
    expect(storms.map(({ key }) => key).sort()).toEqual(['v1:storm:critical', 'v1:storm:warning']);
    expect(incidents.reduce((sum, { counts }) => sum + (counts?.firing ?? 0), 0)).toBe(10_000);
    const largest = Math.max(...[...s.table.items.values()].map(item => JSON.stringify(item).length));
    expect(largest).toBeLessThan(400_000);
    // What the table in memory itself holds is most of this.
    expect(process.memoryUsage().heapUsed - heapBefore).toBeLessThan(400_000_000);
  }, 120_000);

  it('ends a storm when its last alert ends', async () => {
    const s = story();
    const batch = (state: 'ALARM' | 'OK') =>
      Array.from({ length: 200 }, (_, i) =>
        s.fast(`alert-${i}`, state, undefined, { severity: 'warning', dimensions: { Strategy: `s${i}` } }),
      );
    await s.at(0).deliver(...batch('ALARM'));
    await s.at(60).sweep();
    expect((await s.incidents()).find(({ key }) => key === 'v1:storm:warning')).toMatchObject({ counts: { firing: 180 } });
    await s.at(1_000).deliver(...batch('OK'));
    for (let minute = 17; minute <= 20; minute++) await s.at(minute * 60).sweep();
    expect((await s.incidents()).filter(({ status }) => status !== 'resolved')).toEqual([]);
    expect(s.told().filter(said => said === 'slack resolve')).toHaveLength(21);
  });
});

describe('notifier: faults at each step', () => {
  const alarm = 'heartbeat-missing';

  type Method = 'put' | 'write' | 'get' | 'getAll' | 'range' | 'newest';
  const everyMethod: readonly Method[] = ['put', 'write', 'get', 'getAll', 'range', 'newest'];

  interface Fault {
    readonly methods: readonly Method[];
    /** Calls of these methods that fail: the first of them, from 1, and how many. */
    readonly from: number;
    readonly count?: number;
    readonly when: 'before' | 'after';
    readonly error?: Error;
  }

  /** A story in which some calls of the table fail, before they did anything or after it. */
  async function broken({ methods, from, count = 1, when, error = new Error('ThrottlingException') }: Fault) {
    const s = story();
    let calls = 0;
    let isOver = false;
    for (const method of methods) {
      const real = s.table[method].bind(s.table) as (...args: unknown[]) => Promise<unknown>;
      const failing = async (...args: unknown[]) => {
        calls += 1;
        const fails = !isOver && calls >= from && calls < from + count;
        if (fails && when === 'before') throw error;
        const result = await real(...args);
        if (fails) throw new Error('the answer was lost');
        return result;
      };
      Object.assign(s.table, { [method]: failing });
    }
    const deliver = async (seconds: number, message: unknown) => {
      // As Lambda does: an invocation that fails is repeated.
      for (let tries = 0; tries < 3; tries++) {
        try {
          await s.at(seconds + tries * 60).deliver(message);
          return;
        } catch {}
      }
    };
    const minutes = async (from: number, to: number) => {
      for (let minute = from; minute <= to; minute++) {
        const back = s.lost.splice(0).map(message => ({ eventSource: 'aws:sqs', body: JSON.stringify(message) }));
        if (back.length > 0) await notify({ Records: back }, s.at(minute * 60).tools);
        await s
          .at(minute * 60)
          .sweep()
          .catch(() => undefined);
      }
    };
    await deliver(0, s.at(0).fast(alarm, 'ALARM'));
    await minutes(4, 8);
    await deliver(600, s.at(600).fast(alarm, 'OK'));
    await minutes(14, 18);
    isOver = true;
    return { s, calls };
  }

  async function expectTold(fault: Fault, most: number) {
    const { s } = await broken(fault);
    const said = s.told();
    const name = `${fault.methods.join(', ')} ${fault.from}, lost ${fault.when}: ${said.join(', ')}`;
    for (const channel of ['slack', 'pagerduty']) {
      const pages = said.filter(each => each === `${channel} trigger`).length;
      expect(pages, name).toBeGreaterThanOrEqual(1);
      expect(pages, name).toBeLessThanOrEqual(most);
      expect(said.filter(each => each.startsWith(channel)).at(-1), name).toBe(`${channel} resolve`);
    }
    const open = (await s.incidents()).filter(({ status }) => status !== 'resolved');
    expect(open, name).toEqual([]);
  }

  it.each([
    ['write', ['put'], 6],
    ['batch write', ['write'], 2],
    ['read', ['get', 'getAll', 'range', 'newest'], 10],
  ] as const)('pages at least once and ends resolved, whichever %s of the table fails', async (_name, methods, atLeast) => {
    const { calls } = await broken({ methods, from: 0, when: 'before' });
    expect(calls).toBeGreaterThan(atLeast);
    for (let from = 1; from <= calls; from++) for (const when of ['before', 'after'] as const) await expectTold({ methods, from, when }, 3);
  });

  it('pages at least once and ends resolved, whenever the table is throttled for a stretch of calls', async () => {
    const error = Object.assign(new Error('The level of configured provisioned throughput for the table was exceeded.'), {
      name: 'ProvisionedThroughputExceededException',
    });
    const { calls } = await broken({ methods: everyMethod, from: 0, when: 'before' });
    for (let from = 1; from <= calls; from += 2) await expectTold({ methods: everyMethod, from, count: 8, when: 'before', error }, 3);
  });

  it.each([
    ['429 with Retry-After', [{ status: 429, headers: { 'retry-after': '90' } }]],
    ['429 without', [{ status: 429 }, { status: 429 }, { status: 429 }, { status: 429 }]],
    ['500', [{ status: 500 }, { status: 500 }, { status: 500 }, { status: 500 }, { status: 500 }]],
    ['no connection', ['hang up', 'hang up', 'hang up', 'hang up'] as const],
    ['a name that is not found', ['no such name', 'no such name', 'no such name', 'no such name'] as const],
    ['a connection that hangs', ['hangs', 'hangs', 'hangs', 'hangs'] as const],
    ['a wrong token', [{ status: 403 }, { status: 403 }]],
    ['a channel that is gone for a while', [{ status: 404 }]],
  ] as const)('tells each channel exactly once in the end: %s', async (_name, answers) => {
    const s = story();
    s.answers.slack.push(...answers);
    await s.at(0).deliver(s.fast(alarm, 'ALARM'));
    for (let minute = 1; minute <= 60; minute++) await s.at(minute * 60).sweep();
    await s.at(4_000).deliver(s.fast(alarm, 'OK'));
    for (let minute = 68; minute <= 70; minute++) await s.at(minute * 60).sweep();
    const about = s.sent.filter(
      ({ body, text }) =>
        body['dedup_key'] === 'v1:heartbeat-missing:Strategy=s1' || (!('dedup_key' in body) && text.includes('heartbeat')),
    );
    expect(
      about.map(({ channel, text }) => `${channel} ${text.startsWith('[RESOLVED]') || text === 'resolve' ? 'end' : 'begin'}`).sort(),
    ).toEqual(['pagerduty begin', 'pagerduty end', 'slack begin', 'slack end']);
  });

  it('goes on when the function dies after a send and before its record, with at most one message more', async () => {
    const s = story();
    let dead = false;
    const tools = {
      ...s.tools,
      incidents: {
        ...s.tools.incidents,
        save: async (...args: Parameters<typeof s.tools.incidents.save>) =>
          dead ? new Promise<never>(() => {}) : s.tools.incidents.save(...args),
      },
      send: {
        ...s.tools.send,
        fetch: async (url: string, init: RequestInit) => {
          const answer = await s.tools.send.fetch(url, init);
          dead = true;
          return answer;
        },
      },
    };
    void notify(snsEvent([s.at(0).fast(alarm, 'ALARM')]), tools);
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(s.told().length).toBeGreaterThan(0);
    for (let minute = 1; minute <= 5; minute++) await s.at(minute * 60).sweep();
    for (const channel of ['slack', 'pagerduty'])
      expect(s.told().filter(said => said === `${channel} trigger`).length).toBeLessThanOrEqual(2);
    expect((await s.incidents())[0]?.channels['slack']?.triggeredAt).toBeDefined();
  });
});

describe('notifier: a watch on the watch', () => {
  const watch = { deadManUrl: { secretName: 'dead-man' }, testPage: { cron: 'cron(0 9 ? * MON *)', zone: 'UTC' } };

  it('calls the dead man’s switch after each sweep that worked, and not after one that failed', async () => {
    const s = story(undefined, { watch });
    const called: string[] = [];
    const tools = {
      ...s.tools,
      secrets: { ...s.tools.secrets, read: async () => 'https://hc.example/secret-path' },
      send: {
        ...s.tools.send,
        fetch: async (url: string) => {
          called.push(url);
          return new Response('OK');
        },
      },
    };
    await notify({ nightdesk: 1, kind: 'sweep' }, tools);
    expect(called).toEqual(['https://hc.example/secret-path']);
    s.table.failure = new Error('gone');
    await expect(notify({ nightdesk: 1, kind: 'sweep' }, tools)).rejects.toThrow();
    expect(called).toHaveLength(1);
    expect(s.log.join()).not.toContain('secret-path');
  });

  it('sends the test page through the topic, marked TEST, and ends it', async () => {
    const s = story(undefined, { watch });
    const published: string[] = [];
    const tools = {
      ...s.tools,
      criticalTopic: 'arn:critical',
      extras: { publish: async (_topic: string, message: string) => void published.push(message) },
    };
    await notify(testPageEvent, tools);
    await s.deliver(JSON.parse(published[0]!));
    expect(s.sent.map(({ text }) => text)).toEqual([expect.stringContaining('TEST'), 'trigger']);
    const over = s.wakes.at(-1)!;
    await notify(wakeFor(over.key), { ...tools, send: { ...s.until(over.at).tools.send } });
    await s.deliver(JSON.parse(published[1]!));
    expect(s.told().slice(2).sort()).toEqual(['pagerduty resolve', 'slack resolve']);
  });
});
