import { describe, expect, it } from 'vitest';
import { delaySecondsUntil, isBroken } from '../../core/health/timer-chain.ts';

describe('the delay of the next message', () => {
  it.each<readonly [string, number | undefined, number]>([
    ['ends just after the moment', 30_000, 31],
    ['is at least a second, also for a moment that has passed', -5_000, 1],
    ['is what SQS allows at most', 7_200_000, 900],
    ['is that, too, while nothing is awaited', undefined, 900],
    ['is whole seconds', 1_500, 2],
  ])('%s', (_, nextMs, seconds) => {
    expect(delaySecondsUntil(nextMs, 0)).toBe(seconds);
  });
});

describe('a chain', () => {
  const chain = { schemaVersion: 1, token: 't', dueMs: 100_000 } as const;
  it.each<readonly [string, Parameters<typeof isBroken>, boolean]>([
    ['that there is none of is broken', [undefined, undefined, 0], true],
    ['whose message is half a minute late is not yet', [chain, undefined, 130_000], false],
    ['whose message is later is lost', [chain, undefined, 130_001], true],
    ['that wakes in time goes on', [chain, 99_000, 50_000], false],
    ['that wakes two seconds too late goes on', [chain, 98_000, 50_000], false],
    ['that wakes later is begun anew', [chain, 97_999, 50_000], true],
    ['that wakes soon, for a moment that has passed, goes on', [chain, 10_000, 99_000], false],
  ])('%s', (_, args, broken) => {
    expect(isBroken(...args)).toBe(broken);
  });
});
