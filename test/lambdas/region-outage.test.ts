/**
 * The whole region is away for an hour, with everything of ours in it, and comes back with 10,000 bots: the fast path, the notifier, and what
 * people are sent, counted. Real functions over a table in memory; only the heads of strategies are handed over without their books.
 */
import { describe, expect, it } from 'vitest';
import { createOutput } from '../../adapters/aws/output.ts';
import { createSweepStore, type SweepState } from '../../adapters/aws/sweep-store.ts';
import { createMemoryTopics } from '../../adapters/memory/alert-topics.ts';
import { createMemoryTable } from '../../adapters/memory/table.ts';
import { createMemoryTimerQueue } from '../../adapters/memory/timer-queue.ts';
import { parseConfig } from '../../core/config/parse.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { emptyPulse, foldPulse, type Pulse } from '../../core/health/pulse.ts';
import { breachMessage } from '../../core/incidents/breach.ts';
import { isOpen } from '../../core/incidents/incident.ts';
import { wake } from '../../lambdas/timer/timer.ts';
import { beat } from '../health/beats.ts';
import { story } from './notifier-story.ts';

const BOTS = 10_000;
/** One in fifty is really dead when the region is back. */
const DEAD = BOTS / 50;
const isDead = (bot: number) => bot % 50 === 0;
const hour = 3_600;

function configOf(count: number): NightdeskConfig {
  const parsed = parseConfig({ bots: [{ id: 'b', heartbeat: { deliverySeconds: 0 } }] });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const [bot] = parsed.value.bots;
  const named = (id: string) => ({
    ...bot!,
    id,
    strategies: [{ ...bot!.strategies[0]!, id }],
    heartbeat: { ...bot!.heartbeat, strategyId: id },
  });
  return { ...parsed.value, bots: Array.from({ length: count }, (_, index) => named(`b${index}`)) };
}

/** Bots, the timer's function and the notifier on one clock; second 0 is some time before the notifier's story begins. */
function region() {
  const config = configOf(BOTS);
  const notifier = story();
  const startMs = notifier.tools.send.now() - 2 * hour * 1000;
  let nowMs = startMs;
  const pulses = new Map<string, Pulse>();
  const store = createSweepStore(createMemoryTable());
  const topics = createMemoryTopics();
  const timer = createMemoryTimerQueue();
  let told = 0;
  let token = 0;
  const read = async (botIds: readonly string[], _: readonly string[], at: number): Promise<SweepState> => ({
    ...(await store.read(botIds, [], at)),
    heads: new Map([...pulses].map(([strategyId, pulse]) => [strategyId, { strategyId, version: 1, pulse }])),
  });
  const tools = {
    config,
    sweeps: { ...store, read },
    topics,
    timer,
    output: createOutput(() => undefined),
    now: () => nowMs,
    newToken: () => `t${token++}`,
  };
  const self = {
    notifier,
    topics,
    /** Heartbeats of the bots of one second, received at another. */
    hears: (which: (bot: number) => boolean, second: number, receivedAt = second) => {
      const event = beat((startMs + second * 1000) / 1000);
      for (let bot = 0; bot < BOTS; bot++)
        if (which(bot)) pulses.set(`b${bot}`, foldPulse(pulses.get(`b${bot}`) ?? emptyPulse, [event], startMs + receivedAt * 1000));
    },
    /** The fast timer judges; what it says reaches the notifier, one message each, and then the notifier's own minute passes. */
    judges: async (second: number) => {
      nowMs = startMs + second * 1000;
      if (timer.messages.length === 0) await timer.send('t', 1);
      const chain = (await store.read([], [], nowMs)).chain;
      if (chain.value === undefined) await store.saveChain(0, { schemaVersion: 1, token: 't', dueMs: nowMs });
      const body = JSON.stringify({ nightdesk: 1, token: (await store.read([], [], nowMs)).chain.value!.token });
      await wake(tools, { Records: [{ messageId: 'w', body }] } as unknown as Parameters<typeof wake>[1]);
      notifier.until(nowMs);
      for (; told < topics.published.length; told++) {
        notifier.until(notifier.tools.send.now() + 1);
        await notifier.deliver(JSON.parse(breachMessage(topics.published[told]!)));
      }
      await notifier.sweep();
    },
    said: (alarm: string, state: string) => topics.published.filter(breach => breach.alarm === alarm && breach.state === state),
  };
  return self;
}

describe('a region that comes back after an hour', () => {
  it('tells of each bot that is really dead once, in a few messages, and of their return likewise; right at the end', async () => {
    const r = region();
    r.hears(() => true, 0);
    await r.judges(5);
    // An hour of nothing: no function, no queue, no clock of ours. Then the queue is drained, a quarter of the fleet every 25 s.
    for (let step = 0; step < 4; step++) {
      const second = hour + 25 * step;
      r.hears(bot => !isDead(bot) && bot % 4 <= step, second - 2, second);
      await r.judges(second);
    }
    expect(r.said('heartbeat-missing', 'ALARM')).toHaveLength(0);
    for (let second = hour + 100; second <= hour + 225; second += 25) {
      r.hears(bot => !isDead(bot), second);
      await r.judges(second + 1);
    }
    const deaths = r.said('heartbeat-missing', 'ALARM');
    expect(new Set(deaths.map(({ dimensions }) => dimensions['Strategy'])).size).toBe(DEAD);
    expect(deaths).toHaveLength(DEAD);
    expect(deaths.every(({ dimensions }) => isDead(Number(dimensions['Strategy']!.slice(1))))).toBe(true);
    expect(r.said('heartbeat-missing', 'OK')).toHaveLength(0);
    const alarmed = r.notifier.told().length;
    expect(alarmed).toBeLessThanOrEqual(60);
    const open = (await r.notifier.tools.incidents.open()).filter(isOpen);
    expect(open.length).toBeLessThanOrEqual(22);
    expect(new Set(open.flatMap(({ firing }) => firing)).size).toBeGreaterThan(20);

    for (let second = hour + 250; second <= hour + 275; second += 25) {
      r.hears(() => true, second);
      await r.judges(second + 1);
    }
    for (let minute = 0; minute < 15; minute++) {
      r.notifier.until(r.notifier.tools.send.now() + 60_000);
      await r.notifier.sweep();
    }
    expect(r.said('heartbeat-missing', 'OK')).toHaveLength(DEAD);
    expect(await r.notifier.tools.incidents.open()).toEqual([]);
    expect(r.notifier.told().length - alarmed).toBeLessThanOrEqual(60);
  }, 180_000);

  it('in which everybody died is one message for each channel', async () => {
    const r = region();
    r.hears(() => true, 0);
    await r.judges(5);
    for (const second of [hour, hour + 30, hour + 60]) await r.judges(second);
    expect(r.topics.published.map(({ alarm, state }) => `${alarm} ${state}`)).toEqual(['telemetry-silent ALARM']);
    expect(r.notifier.told().toSorted()).toEqual(['pagerduty trigger', 'slack trigger']);
  }, 120_000);
});
