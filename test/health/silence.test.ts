import { describe, expect, it } from 'vitest';
import { parseLine } from '../../core/events/parse.ts';
import type { NightdeskEvent } from '../../core/events/types.ts';
import { healthGauges } from '../../core/health/gauges.ts';
import { newHealth } from '../../core/health/initial.ts';
import { afterProbe, type ProbeState } from '../../core/health/probe-state.ts';
import { emptyPulse, foldPulse, type Pulse } from '../../core/health/pulse.ts';
import { type BotHealth, judgeSilence } from '../../core/health/silence.ts';
import { toEpochMs } from '../../core/time/instant.ts';
import { lineOf } from '../events/lines-of.ts';
import { control } from './beats.ts';

const rule = { intervalSeconds: 10, graceSeconds: 20 };
const iso = (second: number) => new Date(second * 1000).toISOString();

function beat(second: number, changes: Readonly<Record<string, unknown>> = {}): NightdeskEvent {
  const parsed = parseLine(lineOf('heartbeat', { tsEvent: iso(second), tsSent: iso(second), eventId: `h${second}`, ...changes }));
  if (parsed.kind !== 'event') throw new Error(JSON.stringify(parsed));
  return parsed.event;
}

const heard = (...events: readonly NightdeskEvent[]): Pulse => foldPulse(emptyPulse, events, 1e12);

/** Sweeps at the seconds, each with what was heard by then. */
function sweeps(seconds: readonly number[], beats: readonly NightdeskEvent[]) {
  let health: BotHealth = newHealth(0);
  return seconds.map(second => {
    const pulse = beats
      .filter(({ tsEvent }) => tsEvent <= BigInt(second) * 1_000_000_000n)
      .reduce((folded, event) => foldPulse(folded, [event], toEpochMs(event.tsEvent)), emptyPulse);
    const verdict = judgeSilence(health, pulse, rule, second * 1000);
    health = verdict.health;
    return `${second} ${health.status}${verdict.flip === undefined ? '' : ` ${verdict.flip.to}@${verdict.flip.at / 1000}`}`;
  });
}

describe('silence', () => {
  it('walks new, up, late, down, and back', () => {
    const beats = [beat(10), beat(20), beat(90)];
    expect(sweeps([5, 12, 22, 35, 50, 51, 80, 91, 95], beats)).toEqual([
      '5 new',
      '12 up',
      '22 up',
      '35 late',
      '50 late',
      '51 down ALARM@50',
      '80 down',
      '91 up OK@90',
      '95 up',
    ]);
  });

  it('dates the death at the deadline, however late the sweep', () => {
    expect(sweeps([1_000], [beat(10)])).toEqual(['1000 down ALARM@40']);
  });

  it('puts the recovery after the death also when the beat was only late', () => {
    const before: BotHealth = { ...newHealth(0), status: 'down', diedAt: 40_000 };
    expect(judgeSilence(before, heard(beat(35)), rule, 45_000).flip).toMatchObject({ to: 'OK', at: 40_001 });
  });

  it('takes a goodbye as a pause, also of a bot that was down', () => {
    expect(sweeps([12, 500], [beat(10, { status: 'stopping' })])).toEqual(['12 paused', '500 paused']);
    const dead: BotHealth = { ...newHealth(0), status: 'down', diedAt: 40_000 };
    expect(judgeSilence(dead, heard(beat(60, { status: 'stopping' })), rule, 61_000).flip?.to).toBe('OK');
  });

  it('says nothing while the bot is in maintenance', () => {
    const health: BotHealth = { ...newHealth(0), status: 'maintenance' };
    expect(judgeSilence(health, heard(beat(10)), rule, 900_000).flip).toBeUndefined();
  });
});

describe('pulse', () => {
  it('never goes back in time', () => {
    expect(heard(beat(50), beat(20)).heartbeat?.at).toBe(50_000);
  });

  it('never runs ahead of its receipt', () => {
    expect(foldPulse(emptyPulse, [beat(9_000)], 60_000).heartbeat?.at).toBe(60_000);
  });

  it('counts a start only within one run', () => {
    const first = heard(beat(1, { status: 'starting', runId: 'r1' }), beat(2, { runId: 'r1' }));
    expect(first.heartbeat?.startedAt).toBe(2_000);
    const restarted = foldPulse(first, [beat(5, { status: 'starting', runId: 'r2' })], 1e12);
    expect(restarted.heartbeat?.startedAt).toBeUndefined();
  });

  it.each<readonly [string, readonly (readonly [number, string])[], readonly string[]]>([
    ['one', [[3, 'deploy']], ['3 deploy']],
    [
      'two of one second',
      [
        [3, 'deploy'],
        [3, 'configChange'],
      ],
      ['3 deploy', '3 configChange'],
    ],
    [
      'the same one again',
      [
        [3, 'deploy'],
        [3, 'deploy'],
      ],
      ['3 deploy'],
    ],
    [
      'one that comes late in its place',
      [
        [9, 'halt'],
        [3, 'deploy'],
      ],
      ['3 deploy', '9 halt'],
    ],
    [
      'of the hour before the newest',
      [
        [0, 'deploy'],
        [1, 'halt'],
        [3_600, 'resume'],
      ],
      ['1 halt', '3600 resume'],
    ],
    [
      'at most sixteen',
      Array.from({ length: 20 }, (_, at) => [at, 'limitChange'] as const),
      Array.from({ length: 16 }, (_, n) => `${n + 4} limitChange`),
    ],
  ])('keeps changes: %s', (_name, told, kept) => {
    const events = told.map(([second, action]) => control(second, action));
    expect(foldPulse(emptyPulse, events, 1e12).controls?.map(({ at, action }) => `${at / 1000} ${action}`)).toEqual(kept);
  });
});

describe('probes', () => {
  it.each([
    [1, 'fff', '000'],
    [3, 'ffffs', '11001'],
    [3, 'ffsffsff', '11111111'],
    [2, 'sfsffs', '111101'],
  ])('with a failure threshold of %d, %s reads %s', (threshold, results, expected) => {
    let state: ProbeState | undefined;
    const flags = [...results].map(result => {
      state = afterProbe(state, result === 's', threshold);
      return state.ok ? '1' : '0';
    });
    expect(flags.join('')).toBe(expected);
  });
});

describe('health gauges', () => {
  const at = (status: BotHealth['status'], probes: BotHealth['probes'] = {}): BotHealth => ({ schemaVersion: 1, status, since: 0, probes });
  it.each<readonly [string, BotHealth, Pulse, object]>([
    ['a bot that was never heard', at('new'), emptyPulse, {}],
    ['a bot that is up', at('up'), heard(beat(10)), { heartbeatAge: 5, liveness: 1, readiness: 1, startup: 1 }],
    ['a degraded bot', at('up'), heard(beat(10, { status: 'degraded' })), { heartbeatAge: 5, liveness: 1, readiness: 0, startup: 1 }],
    ['a starting bot', at('up'), heard(beat(10, { status: 'starting' })), { heartbeatAge: 5, liveness: 1, readiness: 0, startup: 0 }],
    ['a dead bot', at('down'), heard(beat(10)), { heartbeatAge: 5, liveness: 0 }],
    ['a paused bot', at('paused'), heard(beat(10, { status: 'stopping' })), { heartbeatAge: 5 }],
    [
      'a bot whose probe fails',
      at('up', { liveness: { failures: 3, ok: false } }),
      heard(beat(10)),
      { heartbeatAge: 5, liveness: 0, readiness: 1, startup: 1 },
    ],
  ])('of %s', (_name, health, pulse, expected) => {
    expect(healthGauges(health, pulse, 15_000)).toEqual(expected);
  });
});
