import { describe, expect, it } from 'vitest';
import { judgeWatch, type WatchMemory } from '../../core/health/watch.ts';

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
