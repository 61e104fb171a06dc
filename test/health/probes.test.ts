import { describe, expect, it } from 'vitest';
import {
  afterAnswers,
  afterProbe,
  dueProbes,
  type ProbeName,
  type ProbeRule,
  type ProbeState,
  type ProbeStates,
} from '../../core/health/probe-state.ts';

const rule = (changes: Partial<ProbeRule> = {}): ProbeRule => ({
  periodSeconds: 60,
  initialDelaySeconds: 0,
  failureThreshold: 3,
  successThreshold: 1,
  ...changes,
});

describe('one probe, as Kubernetes counts', () => {
  it.each([
    // failure threshold, success threshold, initial state, results, states
    [3, 1, true, 'ffs', '111', 'two failures of three change nothing'],
    [3, 1, true, 'fff', '110', 'the third consecutive failure flips it'],
    [3, 1, true, 'ffsff', '11111', 'a success begins the count anew'],
    [3, 1, true, 'fffs', '1101', 'one success brings it back'],
    [1, 1, true, 'fsf', '010', 'with a threshold of one each result counts'],
    [3, 2, true, 'fffss', '11001', 'with a success threshold of two the second success brings it back'],
    [3, 2, true, 'fffsfss', '1100001', 'and the successes must be consecutive'],
    [3, 2, true, 'sfs', '111', 'no success threshold while it is fine'],
    [3, 1, false, 's', '1', 'what begins not ready is ready with its first success'],
    [3, 2, false, 'sfss', '0001', 'or after its success threshold'],
    [3, 1, false, 'fs', '01', 'and not before'],
  ])('thresholds %d and %d, initially %s: %s reads %s (%s)', (failures, successes, initially, results, expected) => {
    let state: ProbeState | undefined;
    const read = [...results].map(result => {
      state = afterProbe(state, result === 's', failures, successes, initially);
      return state.ok ? '1' : '0';
    });
    expect(read.join('')).toBe(expected);
  });
});

describe('three probes together', () => {
  /** Each minute what is asked is answered by `answers`; gives what was asked and the states. */
  function story(
    rules: Partial<Record<ProbeName, ProbeRule>>,
    answers: (name: ProbeName, minute: number) => boolean | 'ours',
    minutes: number,
    runAt: (minute: number) => { id: string; startedMs: number } = () => ({ id: 'a', startedMs: 0 }),
  ): readonly string[] {
    let states: ProbeStates = {};
    return Array.from({ length: minutes }, (_, minute) => {
      const now = minute * 60_000;
      const asked = dueProbes(states, rules, runAt(minute), now);
      const said = asked.map(name => {
        const answer = answers(name, minute);
        const said = { name, ok: answer === true, tookMs: 1, detail: '' };
        return answer === 'ours' ? { ...said, ours: true as const } : said;
      });
      states = afterAnswers(states, said, rules, runAt(minute), now);
      const flags = Object.entries(states).map(([name, { ok }]) => `${name[0]}${ok ? 1 : 0}`);
      return `${asked.map(name => name[0]).join('')}:${flags.sort().join(',')}`;
    });
  }

  it('the startup probe holds the others back until its first success, and ends then', () => {
    const rules = { startup: rule({ failureThreshold: 30 }), liveness: rule(), readiness: rule() };
    expect(story(rules, (name, minute) => name !== 'startup' || minute >= 2, 4)).toEqual(['s:s0', 's:s0', 's:s1', 'lr:l1,r1,s1']);
  });

  it('a new run begins all over', () => {
    const rules = { startup: rule(), liveness: rule() };
    const run = (minute: number) => ({ id: minute < 2 ? 'a' : 'b', startedMs: 0 });
    expect(story(rules, (_, minute) => minute !== 2, 4, run)).toEqual(['s:s1', 'l:l1,s1', 's:s0', 's:s1']);
  });

  it('readiness and liveness are independent', () => {
    expect(story({ liveness: rule(), readiness: rule({ failureThreshold: 1 }) }, name => name === 'liveness', 2)).toEqual([
      'lr:l1,r0',
      'lr:l1,r0',
    ]);
  });

  it('the initial delay counts from the start of the run, and the period from the last question', () => {
    expect(story({ liveness: rule({ initialDelaySeconds: 90, periodSeconds: 120 }) }, () => true, 6)).toEqual([
      ':',
      ':',
      'l:l1',
      ':l1',
      'l:l1',
      ':l1',
    ]);
  });

  it('a sweep that comes up to five seconds early asks all the same', () => {
    const states: ProbeStates = { liveness: { failures: 0, ok: true, askedMs: 0, run: 'a' } };
    const due = (now: number) => dueProbes(states, { liveness: rule({ periodSeconds: 120 }) }, { id: 'a', startedMs: 0 }, now);
    expect([due(114_999), due(115_000)]).toEqual([[], ['liveness']]);
  });

  it('our own trouble changes nothing', () => {
    const answers = (_: ProbeName, minute: number) => (minute === 0 ? true : ('ours' as const));
    expect(story({ liveness: rule({ failureThreshold: 1 }) }, answers, 3)).toEqual(['l:l1', 'l:l1', 'l:l1']);
  });
});
