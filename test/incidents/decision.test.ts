import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Announced, decide } from '../../core/incidents/decision.ts';

const told = (firing: string, resolved = '', at = 0): Announced => ({ firing: [...firing], resolved: [...resolved], at });

describe('whether a group is announced', () => {
  it.each<readonly [string, Announced | undefined, string, string, number, string]>([
    ['nothing yet, nothing fires', undefined, '', '', 0, 'nothing'],
    ['nothing yet, only ends', undefined, '', 'a', 0, 'nothing'],
    ['nothing yet, one fires', undefined, 'a', '', 0, 'first'],
    ['told of none before, one fires', told('', 'a'), 'a', '', 0, 'first'],
    ['another joins', told('a'), 'ab', '', 0, 'newAlerts'],
    ['one for another', told('a'), 'b', 'a', 0, 'newAlerts'],
    ['joins while some end', told('ab'), 'bc', 'a', 0, 'newAlerts'],
    ['all end', told('ab'), '', 'ab', 0, 'allResolved'],
    ['ended before', told('', 'ab'), '', 'ab', 0, 'nothing'],
    ['began and ended unseen', told('', 'a'), '', 'b', 0, 'nothing'],
    ['some end', told('ab'), 'a', 'b', 0, 'someResolved'],
    ['these ended before', told('a', 'b'), 'a', 'b', 0, 'nothing'],
    ['fewer fire, without an end', told('ab'), 'a', '', 0, 'nothing'],
    ['one moment before the repeat', told('a'), 'a', '', 99, 'nothing'],
    ['the repeat interval is over', told('a'), 'a', '', 100, 'repeat'],
    ['news count more than the repeat', told('a'), 'ab', '', 500, 'newAlerts'],
  ])('%s', (_name, last, firing, resolved, now, outcome) => {
    expect(decide({ last, firing: [...firing], resolved: [...resolved], repeatIntervalMs: 100, now })).toBe(outcome);
  });

  it.each([
    ['warning', 'critical', 'graver'],
    ['critical', 'critical', 'nothing'],
    ['critical', 'warning', 'nothing'],
    [undefined, 'critical', 'nothing'],
  ] as const)('told as %s, firing as %s: %s', (before, severity, outcome) => {
    const last = { ...told('a'), ...(before === undefined ? {} : { severity: before }) };
    expect(decide({ last, firing: ['a'], resolved: [], severity, repeatIntervalMs: 100, now: 50 })).toBe(outcome);
  });

  it('never repeats without an interval', () => {
    expect(decide({ last: told('a'), firing: ['a'], resolved: [], repeatIntervalMs: 0, now: 1e12 })).toBe('nothing');
  });

  it('has exactly one outcome for any sets, and says nothing twice in a row', () => {
    const set = fc.subarray([...'abcd']);
    fc.assert(
      fc.property(set, set, fc.option(fc.tuple(set, set)), (firing, resolved, before) => {
        const last = before === null ? undefined : { firing: before[0], resolved: before[1], at: 0 };
        const outcome = decide({ last, firing, resolved, repeatIntervalMs: 100, now: 50 });
        const news = firing.some(each => last?.firing.includes(each) !== true);
        expect(['first', 'newAlerts'].includes(outcome)).toBe(news);
        if (outcome === 'nothing') return;
        const after = { firing, resolved, at: 50 };
        expect(decide({ last: after, firing, resolved, repeatIntervalMs: 100, now: 60 })).toBe('nothing');
      }),
    );
  });
});
