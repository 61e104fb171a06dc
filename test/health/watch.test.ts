import { describe, expect, it } from 'vitest';
import type { BotConfig } from '../../core/config/types.ts';
import { judgeWatch, type WatchMemory, watchBot } from '../../core/health/watch.ts';

const dimensions = { Strategy: 's', Bot: 'b' };

/** What is said minute by minute of one value; `_` is a minute without it. */
function minutes(name: 'clockOffset' | 'codeVersions' | 'orderAge', values: string, per: 'Bot' | 'Strategy', limits = {}) {
  let memory: WatchMemory = {};
  const said = values.split(' ').flatMap((text, minute) => {
    const step = judgeWatch(memory, { values: text === '_' ? {} : { [name]: Number(text) }, dimensions, limits, per }, minute * 60_000);
    memory = step.memory;
    return step.publish.map(({ alarm, state, sinceMs }) => `${minute} ${alarm} ${state} since ${sinceMs / 60_000}`);
  });
  return { said, memory };
}

describe('an alarm of the sweep', () => {
  it.each([
    ['fires with the third of five that breach', '0 600 600 0 600', ['4 clock-wrong ALARM since 4']],
    ['not at its limit', '500 500 500 500 500', []],
    ['not with two of five', '600 600 0 0 0 600 600', []],
    [
      'stays while points breach, and ends with the first that does not when fewer than three are left',
      '600 600 600 600 0 0 0',
      ['2 clock-wrong ALARM since 2', '6 clock-wrong OK since 2'],
    ],
    ['stays as long as the newest point breaches', '600 600 600 0 0 600 0', ['2 clock-wrong ALARM since 2', '6 clock-wrong OK since 2']],
    ['leaves missing points out of the count', '600 _ _ _ 600 _ 600', ['6 clock-wrong ALARM since 6']],
  ])('%s', (_, values, expected) => {
    expect(minutes('clockOffset', values, 'Bot').said).toEqual(expected);
  });

  it('ends when what it measures has been gone for ten minutes, and begins anew', () => {
    const gone = ['700 700', ...Array(11).fill('_'), '700 700'].join(' ');
    expect(minutes('orderAge', gone, 'Strategy', { orderAgeSeconds: 600 }).said).toEqual([
      '1 orders-stopped ALARM since 1',
      '12 orders-stopped OK since 1',
      '14 orders-stopped ALARM since 14',
    ]);
    const short = ['700 700', ...Array(10).fill('_'), '700 0 0'].join(' ');
    expect(minutes('orderAge', short, 'Strategy', { orderAgeSeconds: 600 }).said.map(text => text.split(' ')[0])).toEqual(['1', '13']);
  });

  it('of a bot, whose probes may be asked once an hour, does not end by that', () => {
    expect(minutes('clockOffset', ['600 600 600', ...Array(60).fill('_')].join(' '), 'Bot').said).toHaveLength(1);
  });

  it('is forgotten when the config watches it no more, and left alone while its numbers cannot be had', () => {
    const bot = (limits: object, id = 's') =>
      ({ id: 'b', heartbeat: { strategyId: 's' }, strategies: [{ id, limits }] }) as unknown as BotConfig;
    const numbers = (orderAge: number) => ({ ofBot: {}, ofStrategies: new Map([['s', { orderAge }]]) });
    const limits = { orderAgeSeconds: 600 };
    let memory: WatchMemory = {};
    for (const minute of [1, 2]) ({ memory } = watchBot(memory, bot(limits), numbers(700), minute * 60_000));
    expect(Object.keys(memory)).toHaveLength(1);
    expect(watchBot(memory, bot({}), numbers(700), 180_000).memory).toEqual({});
    expect(watchBot(memory, bot(limits, 'other'), numbers(700), 180_000).memory).toEqual({});
    expect(watchBot(memory, bot(limits), { ofBot: {}, ofStrategies: new Map() }, 180_000).memory).toEqual(memory);
  });

  it('forgets points within the limit, so that a quiet bot has no memory', () => {
    expect(minutes('clockOffset', '600 0 0 0 0 0', 'Bot').memory).toEqual({});
    expect(Object.values(minutes('clockOffset', '0 600 0', 'Bot').memory)).toEqual([{ points: 'bo' }]);
  });

  it('is judged for what its row is about: a bot, or a strategy with a limit', () => {
    expect(minutes('codeVersions', '2 2 2 2 2 2', 'Strategy').said).toEqual([]);
    expect(minutes('codeVersions', '2 2 2 2 2 2', 'Bot').said).toEqual(['4 code-drift ALARM since 4']);
    expect(minutes('orderAge', '700 700 700', 'Strategy').said).toEqual([]);
    expect(minutes('orderAge', '700 700 700', 'Strategy', { orderAgeSeconds: 600 }).said).toEqual(['1 orders-stopped ALARM since 1']);
    expect(minutes('orderAge', '700 700 700', 'Bot', { orderAgeSeconds: 600 }).said).toEqual([]);
  });
});
