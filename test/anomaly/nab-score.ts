/**
 * The score of the Numenta Anomaly Benchmark, written from its description: "Evaluating Real-time Anomaly Detection Algorithms – the
 * Numenta Anomaly Benchmark" (Lavin and Ahmad, 2015, arXiv 1510.03336). Each labelled window pays for its earliest detection, more the
 * earlier it is; each flagged point outside of windows costs, less just after a window.
 */

/** Weights of a profile; a true negative weighs nothing in the score. */
export interface NabProfile {
  readonly tpWeight: number;
  readonly fnWeight: number;
  readonly fpWeight: number;
}

export interface NabProfiles {
  readonly standard: NabProfile;
  readonly reward_low_FP_rate: NabProfile;
  readonly reward_low_FN_rate: NabProfile;
}

/** Source: `config/profiles.json` of the benchmark's repository, 2024-12-03. */
export const officialProfiles: NabProfiles = {
  standard: { tpWeight: 1, fnWeight: 1, fpWeight: 0.11 },
  reward_low_FP_rate: { tpWeight: 1, fnWeight: 1, fpWeight: 0.22 },
  reward_low_FN_rate: { tpWeight: 1, fnWeight: 2, fpWeight: 0.11 },
};

/** First and last row of a window, both inside. */
export type RowWindow = readonly [first: number, last: number];

/** Rows that a detector may learn from unscored: 15 % of the file, at most of 5,000 rows. */
export const probationRows = (rows: number): number => Math.min(Math.floor(0.15 * rows), 0.15 * 5000);

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** From +1 well before the end of a window (position −1 is its start) over 0 at its end to −1 beyond. */
const worth = (position: number): number => (position > 3 ? -1 : 2 * sigmoid(-5 * position) - 1);

const atStart = worth(-1);

/** Raw score of one file: the sum over windows and false alarms. `flagged` has one entry a row. */
export function rawScore(flagged: readonly boolean[], windows: readonly RowWindow[], profile: NabProfile): number {
  const earliest = windows.map(() => -profile.fnWeight);
  let falseAlarms = 0;
  for (let row = probationRows(flagged.length); row < flagged.length; row++) {
    if (flagged[row] !== true) continue;
    const inside = windows.findIndex(([first, last]) => first <= row && row <= last);
    if (inside >= 0) {
      const [first, last] = windows[inside]!;
      const hit = (worth(-(last - row + 1) / (last - first + 1)) / atStart) * profile.tpWeight;
      earliest[inside] = Math.max(earliest[inside]!, hit);
    } else falseAlarms += profile.fpWeight * costAfter(row, windows);
  }
  return earliest.reduce((sum, score) => sum + score, falseAlarms);
}

/** −1, or less dear right after the last window before the row. */
function costAfter(row: number, windows: readonly RowWindow[]): number {
  const before = windows.findLast(([, last]) => last < row);
  return before === undefined ? -1 : worth((row - before[1]) / (before[1] - before[0]));
}

/** 0 is a detector that says nothing, 100 one that says all at once and nothing else. */
export function normalisedScore(raw: number, windows: number, profile: NabProfile): number {
  const silent = -profile.fnWeight * windows;
  const perfect = profile.tpWeight * windows;
  return (100 * (raw - silent)) / (perfect - silent);
}
