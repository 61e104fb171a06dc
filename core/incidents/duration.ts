import { err, ok, type Result } from '../result.ts';

/** A length of time as Alertmanager writes it: `30s`, `5m`, `1h30m`, `4h`, `1d`, `2w`, `0s`. */
export type DurationText = string;

const units: readonly (readonly [string, number])[] = [
  ['y', 365 * 86_400_000],
  ['w', 7 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];

/** Milliseconds of a duration. Units stand in falling order, each at most once; `0` alone is allowed. */
export function parseDuration(text: string): Result<number, string> {
  if (text === '0') return ok(0);
  const read = /^(?:(\d{1,6})y)?(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?(?:(\d{1,9})ms)?$/.exec(text);
  if (text === '' || read === null) return err('must be a duration such as 30s, 5m, 1h30m or 1d');
  return ok(units.reduce((sum, [, ms], index) => sum + Number(read[index + 1] ?? 0) * ms, 0));
}

/** The shortest text that `parseDuration` reads back. */
export function showDuration(ms: number): DurationText {
  let left = Math.round(ms);
  const parts: string[] = [];
  for (const [unit, size] of units.slice(1)) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.length === 0 ? '0s' : parts.join('');
}
