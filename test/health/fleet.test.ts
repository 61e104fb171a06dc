import { describe, expect, it } from 'vitest';
import type { NightdeskEvent } from '../../core/events/types.ts';
import { type FleetMemory, judgeFleet } from '../../core/health/fleet.ts';
import { newFleet, newHealth } from '../../core/health/initial.ts';
import { emptyPulse, foldPulse, type Pulse } from '../../core/health/pulse.ts';
import type { BotHealth, SilenceRule } from '../../core/health/silence.ts';
import { beat } from './beats.ts';

const usual: SilenceRule = { intervalSeconds: 10, graceSeconds: 20 };

/** A fleet whose bots are told of by `hears`, and what was said about them so far. */
function fleet(count: number, rule: SilenceRule = usual) {
  const pulses: Pulse[] = Array.from({ length: count }, () => emptyPulse);
  const health: BotHealth[] = Array.from({ length: count }, () => newHealth(0));
  const said: string[] = [];
  let memory: FleetMemory = newFleet;
  const self = {
    said,
    health,
    /** @param receivedAt second of receipt; absent means at once. */
    hears: (index: number, event: NightdeskEvent, receivedAt = Number(event.tsEvent / 1_000_000_000n)) => {
      pulses[index] = foldPulse(pulses[index]!, [event], receivedAt * 1000);
    },
    sweep: (second: number) => {
      const bots = pulses.map((pulse, index) => ({
        id: String(index),
        before: health[index]!,
        pulse: pulse.lastEventMs === undefined ? undefined : pulse,
        rule,
        ...(pulse.receivedMs === undefined ? {} : { receivedMs: pulse.receivedMs }),
      }));
      const verdict = judgeFleet(memory, bots, second * 1000);
      memory = verdict.memory;
      if (verdict.flip !== undefined) said.push(`${second} telemetry ${verdict.flip.to}`);
      for (const [index, each] of verdict.bots.entries()) {
        health[index] = each.health;
        if (each.flip !== undefined) said.push(`${second} bot ${each.id} ${each.flip.to}@${each.flip.at / 1000}`);
      }
      return verdict;
    },
  };
  return self;
}

const each = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('one bot of several', () => {
  it('that falls silent is told of by itself, at its deadline', () => {
    const f = fleet(3);
    for (let second = 0; second <= 60; second += 10)
      for (const bot of each(3)) if (bot !== 1 || second < 20) f.hears(bot, beat(second + bot));
    for (const second of [40, 42, 60]) f.sweep(second);
    expect(f.said).toEqual(['42 bot 1 ALARM@41']);
  });

  it('in lock-step with the others is told of by itself', () => {
    const f = fleet(3);
    for (let second = 0; second <= 40; second += 10) for (const bot of each(3)) if (bot !== 1 || second < 20) f.hears(bot, beat(second));
    f.sweep(41);
    expect(f.said).toEqual(['41 bot 1 ALARM@40']);
  });
});

describe('everything silent at once', () => {
  it.each([2, 5, 1_000])('is one trouble for %d bots, and one by one what stays silent', count => {
    const f = fleet(count);
    for (const second of [0, 10]) for (const bot of each(count)) f.hears(bot, beat(second + (bot % 10)));
    for (let second = 10; second <= 200; second += 1) f.sweep(second);
    expect(f.said.map(line => line.split(' ').slice(1, 3).join(' '))).toEqual(['telemetry ALARM']);
    for (let second = 200; second <= 260; second += 10) {
      for (const bot of each(count)) if (bot !== 0) f.hears(bot, beat(second + (bot % 5)));
      for (let now = second + 4; now < second + 14; now++) f.sweep(now);
    }
    expect(f.said.slice(1).map(line => line.replace(/^\d+ /, ''))).toEqual(['telemetry OK', 'bot 0 ALARM@40']);
  });

  it('is not taken for it when a single bot is all that there is', () => {
    const f = fleet(1);
    f.hears(0, beat(10));
    f.sweep(41);
    expect(f.said).toEqual(['41 bot 0 ALARM@40']);
  });
});

describe('a registry of 10,000 dead bots after an outage', () => {
  const count = 10_000;
  it('is no storm while what was sent meanwhile arrives, and right at the end', () => {
    const f = fleet(count);
    for (const bot of each(count)) f.hears(bot, beat(bot % 10));
    f.sweep(10);
    // Our functions are away for an hour; then the queue is drained, bot by bot, and a tenth of the bots is really dead.
    for (let second = 3_600; second < 3_720; second += 20) {
      const event = beat(second);
      for (const bot of each(count)) if (bot % 10 !== 0 && bot * 12 <= (second - 3_590) * 1000) f.hears(bot, event, second);
      f.sweep(second);
    }
    for (let second = 3_720; second <= 3_860; second += 20) {
      const event = beat(second);
      for (const bot of each(count)) if (bot % 10 !== 0) f.hears(bot, event, second);
      f.sweep(second + 5);
    }
    const deaths = f.said.filter(line => line.includes('bot'));
    expect(new Set(deaths.map(line => line.split(' ')[2])).size).toBe(deaths.length);
    expect(f.said.filter(line => line.includes('telemetry')).length).toBeLessThanOrEqual(2);
    expect(deaths).toHaveLength(1_000);
    expect(deaths.every(line => Number(line.split(' ')[2]) % 10 === 0)).toBe(true);
    expect(f.health.filter(({ status }) => status === 'down')).toHaveLength(1_000);
  });

  it('that all die at once is one trouble', () => {
    const f = fleet(count);
    for (const bot of each(count)) f.hears(bot, beat(bot % 10));
    for (const second of [10, 60, 120, 180]) f.sweep(second);
    expect(f.said).toEqual(['60 telemetry ALARM']);
  });
});

describe('what is one trouble, and what is not', () => {
  const said = (f: ReturnType<typeof fleet>) => f.said.map(line => line.split('@')[0]!);

  it('half of twenty bots that fall silent at once are one, although the others are heard', () => {
    const f = fleet(20);
    for (const second of [10, 20, 30, 40]) for (const bot of each(20)) if (bot >= 10 || second === 10) f.hears(bot, beat(second));
    f.sweep(41);
    expect(said(f)).toEqual(['41 telemetry ALARM']);
  });

  it('nine of twenty are nine', () => {
    const f = fleet(20);
    for (const second of [10, 20, 30, 40]) for (const bot of each(20)) if (bot >= 9 || second === 10) f.hears(bot, beat(second));
    f.sweep(41);
    expect(f.said).toHaveLength(9);
  });

  it('those that were told of do not count towards the next', () => {
    const f = fleet(12);
    for (let second = 0; second <= 600; second += 10) {
      for (const bot of each(12)) if (bot >= 10 || second < 40 * bot + 10) f.hears(bot, beat(second));
      f.sweep(second + 1);
    }
    for (let second = 610; second <= 660; second += 10) {
      f.hears(11, beat(second));
      f.sweep(second + 1);
    }
    expect(f.said.filter(line => line.includes('telemetry'))).toEqual([]);
    expect(f.said).toHaveLength(11);
  });

  it.each<readonly [string, SilenceRule, number]>([
    ['directly', usual, 42],
    ['with an allowance for delivery', { ...usual, deliverySeconds: 10 }, 53],
  ])('a bot that is hardly overdue is no second one (%s)', (_, rule, now) => {
    const f = fleet(2, rule);
    f.hears(0, beat(10));
    f.hears(1, beat(18, { intervalMs: 22_000 }));
    f.sweep(now);
    expect(said(f)).toEqual([`${now} bot 0 ALARM`]);
  });

  it('whoever was heard when the first was due was heard', () => {
    const f = fleet(2);
    f.hears(0, beat(10));
    f.hears(1, beat(20));
    f.sweep(41);
    expect(said(f)).toEqual(['41 bot 0 ALARM']);
  });

  it('one straggler that nothing follows does not end it', () => {
    const f = fleet(2);
    for (const bot of [0, 1]) f.hears(bot, beat(10));
    f.sweep(41);
    f.hears(1, beat(15), 205);
    f.sweep(260);
    expect(said(f)).toEqual(['41 telemetry ALARM']);
  });
});

describe('after we were away', () => {
  it('what was sent meanwhile has the time of a full silence to arrive, for a single bot and for all', () => {
    const f = fleet(3);
    for (const bot of each(3)) f.hears(bot, beat(10));
    f.sweep(12);
    for (const bot of [0, 1]) f.hears(bot, beat(398));
    f.sweep(400);
    f.hears(2, beat(395), 405);
    for (const second of [406, 420, 424]) {
      for (const bot of [0, 1]) f.hears(bot, beat(second));
      f.sweep(second);
    }
    expect(f.said).toEqual([]);
    f.sweep(437);
    // Its last heartbeat came ten seconds late, and so the next may.
    expect(f.said).toEqual(['437 bot 2 ALARM@435']);
  });

  it('silence of everything is not said at the first look', () => {
    const f = fleet(3);
    for (const bot of each(3)) f.hears(bot, beat(10));
    f.sweep(12);
    f.sweep(400);
    for (const bot of each(3)) f.hears(bot, beat(399), 405);
    f.sweep(406);
    expect(f.said).toEqual([]);
  });

  it('is not what a clock of ours looks like that went back an hour and came again', () => {
    const f = fleet(3);
    for (const bot of each(3)) f.hears(bot, beat(4_000));
    f.sweep(4_001);
    f.sweep(401);
    for (const bot of [1, 2]) f.hears(bot, beat(4_031));
    f.sweep(4_032);
    expect(f.said).toEqual(['4032 bot 0 ALARM@4030']);
  });

  it('who comes back one after the other holds the rest up for a quarter of an hour at most', () => {
    const f = fleet(6);
    for (const second of [0, 10]) for (const bot of each(6)) f.hears(bot, beat(second));
    for (let second = 11; second <= 100; second++) f.sweep(second);
    // Bots 1 to 4 beat once a minute each, a quarter of a minute apart; bot 0 never again.
    for (let second = 100; second <= 1_300; second++) {
      if (second % 10 === 0) f.hears(5, beat(second));
      for (const bot of [1, 2, 3, 4]) if (second % 60 === bot * 15 - 15) f.hears(bot, beat(second));
      f.sweep(second);
    }
    const told = f.said.find(line => line.includes('bot 0 ALARM'));
    expect(told).toMatch(/ALARM@40$/);
    expect(Number(told!.split(' ')[0])).toBeGreaterThan(900);
    expect(Number(told!.split(' ')[0])).toBeLessThan(100 + 900 + 60);
  });
});

describe('the next moment', () => {
  it('comes no later than a bot could die that came up just now', () => {
    const f = fleet(1);
    f.hears(0, beat(10, { intervalMs: 300_000 }));
    expect(f.sweep(20).nextMs).toBe(50_000);
  });

  it('is the earliest deadline, or the soonest at which a bot that is not awaited could die', () => {
    const f = fleet(2);
    f.hears(0, beat(10));
    f.hears(1, beat(15));
    expect(f.sweep(20).nextMs).toBe(40_000);
    f.hears(0, beat(18, { status: 'stopping' }));
    expect(f.sweep(21).nextMs).toBe(45_000);
    f.hears(1, beat(20, { status: 'stopping' }));
    expect(f.sweep(22).nextMs).toBe(52_000);
  });
});
