import { describe, expect, it } from 'vitest';
import { parseLine } from '../../core/events/parse.ts';
import { deadlinesOf } from '../../core/health/deadline.ts';
import { newHealth } from '../../core/health/initial.ts';
import { emptyPulse, foldPulse, type Pulse } from '../../core/health/pulse.ts';
import { judgeSilence } from '../../core/health/silence.ts';
import { lineOf } from '../events/lines-of.ts';
import { at, beat, control, heard } from './beats.ts';

/** Heartbeats at a second of the bot's clock, each received at another of ours. */
const received = (...pairs: readonly (readonly [clock: number, ours: number, changes?: Readonly<Record<string, unknown>>])[]): Pulse =>
  pairs.reduce((pulse, [clock, ours, changes]) => foldPulse(pulse, [beat(clock, changes)], ours * 1000), emptyPulse);

const part = (pulse: Pulse) => Object.values(pulse.components ?? {})[0]!;

describe('a heartbeat that is late', () => {
  it('does not replace a newer one of its part, nor what its process said since', () => {
    const source = { system: 'b', instanceId: 'i' };
    const pulse = received(
      [50, 50, { source, gitSha: 'abcdef1', status: 'ok' }],
      [20, 51, { source, gitSha: 'abcdef0', status: 'degraded' }],
    );
    expect([part(pulse).status, pulse.instances?.['i']?.gitSha]).toEqual(['ok', 'abcdef1']);
  });

  it('tells how late heartbeats are; it fades, and below five seconds it is nothing', () => {
    expect(part(received([10, 14]))).not.toHaveProperty('lagMs');
    expect(part(received([10, 40])).lagMs).toBe(30_000);
    expect(part(received([10, 40], [50, 50])).lagMs).toBe(24_000);
    expect(part(received([10, 16], [50, 50]))).not.toHaveProperty('lagMs');
  });

  it.each([
    ['as it says: the delivery that is allowed for', 0, 10, 50_000],
    ['more than allowed: what it has been seen to be', 30_000, 10, 70_000],
    ['absurdly late: five minutes', 3_600_000, 0, 340_000],
  ])('is waited for %s', (_, lagMs, deliverySeconds, deadMs) => {
    const rule = { intervalSeconds: 10, graceSeconds: 20, deliverySeconds };
    expect(deadlinesOf({ at: 10_000, status: 'ok', intervalMs: 10_000, lagMs }, rule, false)?.deadMs).toBe(deadMs);
  });

  it.each([
    ['longer than its rule', 60_000, true, 70_000],
    ['shorter than its rule', 1_000, true, 20_000],
    ['longer than five minutes', 3_600_000, true, 310_000],
    ['longer than its rule, where the config has a rule for it', 60_000, false, 20_000],
  ])('is due by its own interval when that is %s', (_, intervalMs, believes, dueMs) => {
    const rule = { intervalSeconds: 10, graceSeconds: 20 };
    expect(deadlinesOf({ at: 10_000, status: 'ok', intervalMs }, rule, believes)?.dueMs).toBe(dueMs);
  });
});

describe('a run', () => {
  it('that says twice that it begins is timed from the first', () => {
    const starting = (second: number) => beat(second, { status: 'starting', runId: 'a' });
    expect(part(heard(starting(10), starting(40))).started).toEqual({ at: 10_000, runId: 'a' });
  });
});

describe('a process', () => {
  it('whose clock runs ahead shows it, unless it has measured better', () => {
    const source = { system: 'b', instanceId: 'i' };
    const ahead = (changes: object) => received([100, 98, { source, tsSent: at(100), ...changes }]).instances?.['i']?.clockOffsetMs;
    expect([ahead({}), ahead({ clockOffsetUs: -12_000 })]).toEqual([2_000, -12]);
    expect(received([100, 103, { source, tsSent: at(100) }]).instances?.['i']?.clockOffsetMs).toBe(0);
  });

  it('is one of eight, and a part one of 32: the newest', () => {
    const beats = Array.from({ length: 40 }, (_, n) => beat(10 + n, { component: `c${n}`, source: { system: 'b', instanceId: `i${n}` } }));
    const { components, instances } = heard(...beats);
    expect([Object.keys(components!).length, Object.keys(instances!).length]).toEqual([32, 8]);
    expect([components!['c39'], components!['c7'], instances!['i32']?.at, instances!['i31']]).toEqual([
      expect.anything(),
      undefined,
      42_000,
      undefined,
    ]);
  });
});

describe('activity', () => {
  const event = (type: 'order' | 'execution', second: number, changes: object) => {
    const parsed = parseLine(
      lineOf(type, { tsEvent: at(second), transactTime: at(second), eventId: `${type}${second}${JSON.stringify(changes)}`, ...changes }),
    );
    if (parsed.kind !== 'event') throw new Error(JSON.stringify(parsed));
    return parsed.event;
  };
  const order = (second: number, execType: string, more: object = {}) => event('order', second, { execType, ordStatus: execType, ...more });

  it('counts an order once, when the venue takes it, and a fill only when it is a trade', () => {
    const { activity } = heard(order(10, 'pendingNew'), order(11, 'new'), event('execution', 12, { execType: 'trade' }));
    expect(activity).toMatchObject({ orders: 1, fills: 1, lastOrderMs: 11_000, lastFillMs: 12_000 });
    expect(heard(event('execution', 12, { execType: 'tradeCancel', execRefId: 'x' })).activity?.fills ?? 0).toBe(0);
  });

  it.each([
    ['within ten seconds of the halt', 19, {}, 0],
    ['later', 21, {}, 1],
    ['later, to reduce only', 21, { reduceOnly: true }, 0],
  ])('in a halt counts a new order that came %s', (_, second, more, expected) => {
    expect(heard(control(10, 'halt'), order(second, 'new', more)).activity?.whileHalted).toBe(expected);
  });
});

describe('the silence of everything', () => {
  it.each([
    [0, 'nothing was heard ever'],
    [10_000, 'nothing was heard for 50 s'],
  ])('since %d ms says so', async (since, text) => {
    const { telemetryBreach } = await import('../../core/health/telemetry-breach.ts');
    const verdict = { bots: [], memory: { schemaVersion: 1 as const }, silent: 3, awaited: 4 };
    const { reason } = telemetryBreach({ to: 'ALARM', at: 40_000, since }, verdict, 60_000);
    expect(reason).toContain(`3 of 4 bots are silent at once; ${text}`);
  });
});

describe('the end of a silence', () => {
  it.each([
    [[beat(10), control(100, 'maintenance')], 'b is in maintenance now; its silence is told again when that ends.'],
    [[beat(10), beat(100, { status: 'stopping' })], 'b has said that it stops.'],
    [[beat(10), beat(100)], 'b sends heartbeats again.'],
  ])('says what ended it', async (events, expected) => {
    const { silenceBreach } = await import('../../core/health/silence-breach.ts');
    const { parseConfig } = await import('../../core/config/parse.ts');
    const config = parseConfig({ bots: [{ id: 'b' }] });
    if (!config.ok) throw new Error('config');
    const rule = { intervalSeconds: 10, graceSeconds: 20 };
    const dead = judgeSilence(newHealth(0), heard(beat(10)), rule, 90_000);
    expect(dead.flip?.to).toBe('ALARM');
    const back = judgeSilence(dead.health, heard(...events), rule, 101_000);
    expect(silenceBreach(config.value.bots[0]!, back.flip!, back, 101_000).reason).toBe(expected);
  });
});

describe('a death by several parts', () => {
  it('is told for the whole bot when all are silent, and for some by their names', async () => {
    const { silenceBreach } = await import('../../core/health/silence-breach.ts');
    const { parseConfig } = await import('../../core/config/parse.ts');
    const components = { hourly: { intervalSeconds: 3_600, graceSeconds: 60 } };
    const config = parseConfig({ bots: [{ id: 'b', heartbeat: { components } }] });
    if (!config.ok) throw new Error('config');
    const flip = { to: 'ALARM' as const, at: 40_000, since: 10_000 };
    const reason = (silent: readonly string[], parts: number) =>
      silenceBreach(config.value.bots[0]!, flip, { silent, parts }, 60_000).reason;
    expect(reason(['feed', 'trader'], 2)).toMatch(/^b has sent no heartbeat for 50 s/);
    expect(reason(['feed'], 2)).toMatch(/^feed of b \(1 of 2 parts live\)/);
    expect(reason(['hourly'], 2)).toMatch(/; it should every 3600 s\.$/);
    const breach = (verdict: { hasFailed?: true }) =>
      silenceBreach(config.value.bots[0]!, flip, { silent: ['hourly'], parts: 2, ...verdict }, 60_000);
    expect(breach({})).toMatchObject({ value: 50, limit: 3_670 });
    expect(breach({ hasFailed: true }).reason).toBe('hourly of b (1 of 2 parts live) said that it failed.');
    expect(breach({ hasFailed: true })).not.toHaveProperty('value');
    expect(reason(['1', '2', '3', '4', '5', '6', '7'], 9)).toMatch(/^1, 2, 3, 4, 5 and 2 more of b \(2 of 9 parts live\)/);
    expect(judgeSilence(newHealth(0), heard(beat(10)), { intervalSeconds: 10, graceSeconds: 20 }, 41_000).silent).toHaveLength(1);
  });
});
