/** Labels of an axis: as short as they can be told apart. */

/** From this size on a number is shown in units of `size`, with `suffix` behind it. Largest first. */
export type TickUnit = readonly [from: number, size: number, suffix: string];

/** More digits than these behind a unit are harder to read than the whole number. */
const MOST_BEHIND_UNIT = 2;

/** Decimals that every multiple of the step is exact with: 0 for 5, 1 for 2.5, 2 for 0.25; at most 12. */
export function decimalsOf(step: number): number {
  for (let decimals = 0; decimals < 12; decimals++) {
    const shifted = Math.abs(step) * 10 ** decimals;
    if (Math.abs(shifted - Math.round(shifted)) < 1e-6 * shifted) return decimals;
  }
  return 12;
}

/** `25k`, `1.25M`; `102,985` where its neighbours a `step` away would read the same with a unit, as far as `most` characters hold it. */
export function tickText(value: number, step: number, units: readonly TickUnit[], most = Number.POSITIVE_INFINITY): string {
  const unit = units.find(([from]) => Math.abs(value) >= from);
  if (unit === undefined) return plain(value, decimalsOf(step));
  const [, size, suffix] = unit;
  const decimals = decimalsOf(step / size);
  if (decimals <= MOST_BEHIND_UNIT) return `${plain(value / size, decimals)}${suffix}`;
  const digits = decimalsOf(step);
  const whole = value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return whole.length <= most ? whole : `${Number((value / size).toPrecision(4))}${suffix}`;
}

/** Without zeros that say nothing, and without a sign of nothing. */
const plain = (value: number, decimals: number): string => String(Number(value.toFixed(decimals)) || 0);
