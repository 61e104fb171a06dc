/** What a detector reaches on the benchmark: its score, and beside it what a person on call would feel. */
import type { NabCorpus, NabFile } from './nab-corpus.ts';
import { type NabProfiles, normalisedScore, probationRows, rawScore } from './nab-score.ts';

/** One entry a row: does the detector raise an alarm there? */
export type FlagRows = (file: NabFile) => readonly boolean[];

export interface NabResult {
  readonly scores: Readonly<Record<keyof NabProfiles, number>>;
  readonly windows: number;
  readonly hits: number;
  /** Alarms outside of every window, in the scored part. */
  readonly falseAlarms: number;
  /** Weeks of the scored part, summed over the series. */
  readonly seriesWeeks: number;
}

interface FileResult extends Omit<NabResult, 'scores'> {
  readonly group: string;
  readonly raw: Readonly<Record<keyof NabProfiles, number>>;
}

const WEEK_MS = 7 * 86_400_000;

/** Of the whole corpus, and of each group. */
export function resultsOf(
  { files, profiles }: NabCorpus,
  flag: FlagRows,
): { readonly all: NabResult; readonly groups: Map<string, NabResult> } {
  const results = files.map(file => resultOf(file, flag(file), profiles));
  const groups = byGroup(results);
  return { all: summed(results, profiles), groups: new Map([...groups].map(([name, part]) => [name, summed(part, profiles)])) };
}

function byGroup(results: readonly FileResult[]): Map<string, FileResult[]> {
  return new Map([...new Set(results.map(({ group }) => group))].map(group => [group, results.filter(result => result.group === group)]));
}

function resultOf({ group, points, windows }: NabFile, flagged: readonly boolean[], profiles: NabProfiles): FileResult {
  const first = Math.ceil(probationRows(flagged.length));
  const alarms = flagged.flatMap((isFlagged, row) => (isFlagged && row >= first ? [row] : []));
  const within = (row: number, [from, to]: readonly [number, number]) => from <= row && row <= to;
  const raw = (profile: keyof NabProfiles) => rawScore(flagged, windows, profiles[profile]);
  return {
    group,
    raw: { standard: raw('standard'), reward_low_FP_rate: raw('reward_low_FP_rate'), reward_low_FN_rate: raw('reward_low_FN_rate') },
    windows: windows.length,
    hits: windows.filter(window => alarms.some(row => within(row, window))).length,
    falseAlarms: alarms.filter(row => !windows.some(window => within(row, window))).length,
    seriesWeeks: (points.at(-1)!.atMs - points[first]!.atMs) / WEEK_MS,
  };
}

function summed(results: readonly FileResult[], profiles: NabProfiles): NabResult {
  const sum = (of: (result: FileResult) => number) => results.reduce((total, result) => total + of(result), 0);
  const windows = sum(result => result.windows);
  const score = (profile: keyof NabProfiles) =>
    normalisedScore(
      sum(({ raw }) => raw[profile]),
      windows,
      profiles[profile],
    );
  return {
    scores: {
      standard: score('standard'),
      reward_low_FP_rate: score('reward_low_FP_rate'),
      reward_low_FN_rate: score('reward_low_FN_rate'),
    },
    windows,
    hits: sum(({ hits }) => hits),
    falseAlarms: sum(({ falseAlarms }) => falseAlarms),
    seriesWeeks: sum(({ seriesWeeks }) => seriesWeeks),
  };
}
