import { describe, expect, it } from 'vitest';
import { resultsOf } from './nab-result.ts';
import { normalisedScore, officialProfiles, probationRows, type RowWindow, rawScore } from './nab-score.ts';

const { standard, reward_low_FP_rate: lowFalse, reward_low_FN_rate: lowMissed } = officialProfiles;
const ROWS = 1000;
const window: RowWindow = [500, 599];
const flagged = (...rows: number[]) => Array.from({ length: ROWS }, (_, row) => rows.includes(row));
const score = (rows: number[], profile = standard) => rawScore(flagged(...rows), [window], profile);

describe('one file', () => {
  it.each([
    ['nothing flagged loses the window', [], standard, -1],
    ['a missed window costs double in the low FN profile', [], lowMissed, -2],
    ['the first row of a window is worth 1', [500], standard, 1],
    ['only the earliest detection counts', [500, 520, 599], standard, 1],
    ['the middle of a window is worth most of it', [550], standard, 0.8597],
    ['its last row is worth little', [599], standard, 0.0253],
    ['a false alarm before any window costs 0.11', [300, 500], standard, 0.89],
    ['and 0.22 in the low FP profile', [300, 500], lowFalse, 0.78],
    ['right after a window it costs less', [500, 600], standard, 1 - 0.11 * 0.0252],
    ['far after one it costs all', [500, 999], standard, 0.89],
    ['rows of probation are not scored', [0, 149, 500], standard, 1],
    ['the first row after them is', [150, 500], standard, 0.89],
  ])('%s', (_, rows, profile, expected) => {
    expect(score(rows, profile)).toBeCloseTo(expected, 3);
  });

  it('has a probation of 15 %, at most 750 rows', () => {
    expect([100, 1127, 4032, 5000, 22_695].map(probationRows)).toEqual([15, 169, 604, 750, 750]);
  });
});

it('normalises silence to 0 and perfection to 100 in every profile', () => {
  for (const profile of [standard, lowFalse, lowMissed]) {
    expect(normalisedScore(rawScore(flagged(), [window], profile), 1, profile)).toBe(0);
    expect(normalisedScore(rawScore(flagged(500), [window], profile), 1, profile)).toBeCloseTo(100, 10);
  }
});

it('counts hits, false alarms and weeks of the scored part', () => {
  const points = Array.from({ length: ROWS }, (_, row) => ({ atMs: row * 3_600_000, value: 0 }));
  const corpus = { files: [{ name: 'g/f.csv', group: 'g', points, windows: [window] }], profiles: officialProfiles };
  const { all, groups } = resultsOf(corpus, () => flagged(10, 200, 510, 520, 700));
  expect(all).toMatchObject({ windows: 1, hits: 1, falseAlarms: 2 });
  expect(all.seriesWeeks).toBeCloseTo(849 / 168, 10);
  expect([...groups.keys()]).toEqual(['g']);
});
