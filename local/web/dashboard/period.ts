/** Time ranges and the periods that suit them. Pure. */

export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Preset {
  readonly id: string;
  readonly label: string;
  readonly long: string;
  /** Absent means everything there is. */
  readonly ms?: number;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export const presets: readonly Preset[] = [
  { id: '15m', label: '15 m', long: 'Last 15 minutes', ms: 15 * minute },
  { id: '1h', label: '1 h', long: 'Last hour', ms: hour },
  { id: '3h', label: '3 h', long: 'Last 3 hours', ms: 3 * hour },
  { id: '12h', label: '12 h', long: 'Last 12 hours', ms: 12 * hour },
  { id: '1d', label: '1 d', long: 'Last day', ms: day },
  { id: '1w', label: '1 w', long: 'Last week', ms: 7 * day },
  { id: 'all', label: 'All', long: 'All there is' },
];

const unitsMs: Readonly<Record<string, readonly [number, string]>> = {
  m: [minute, 'minutes'],
  h: [hour, 'hours'],
  d: [day, 'days'],
  w: [7 * day, 'weeks'],
};

/** A range by its id: one of the list, or any other length such as `8h`. */
export function presetOf(id: string): Preset | undefined {
  const known = presets.find(each => each.id === id);
  if (known !== undefined) return known;
  const [, count = '', unit = ''] = /^(\d{1,4})([mhdw])$/.exec(id) ?? [];
  const [ms, words] = unitsMs[unit] ?? [];
  return ms === undefined || Number(count) === 0
    ? undefined
    : { id, label: `${count} ${unit}`, long: `Last ${count} ${words}`, ms: Number(count) * ms };
}

/** The id of a length: the largest unit that it is whole in. */
export function presetIdFor(ms: number): string {
  const known = presets.find(each => each.ms === ms);
  if (known !== undefined) return known.id;
  const [unit = 'm', size = minute] =
    (['w', 'd', 'h'] as const).map(each => [each, unitsMs[each]![0]] as const).find(([, each]) => ms % each === 0) ?? [];
  return `${Math.max(1, Math.round(ms / size))}${unit}`;
}

/** What the address bar says: a preset that follows the clock, or two fixed moments. */
export type Range =
  | { readonly kind: 'preset'; readonly id: string }
  | { readonly kind: 'fixed'; readonly fromMs: number; readonly toMs: number };

const periods = [60, 300, 900, 3600, 6 * 3600, 86_400];

/** The shortest CloudWatch period that keeps a series at about 600 points or fewer, never below a minute. */
export function periodFor(range: TimeRange): number {
  const seconds = (range.toMs - range.fromMs) / 1000;
  return periods.find(period => seconds / period <= 600) ?? 86_400;
}

/** The dashboard decides: its own periods, or such as suit the range. Own ones give way when they would make 10,000 points. */
export function periodOf(own: number, range: TimeRange, inherit: boolean): number {
  const fitting = periodFor(range);
  if (!inherit) return fitting;
  return (range.toMs - range.fromMs) / 1000 / own > 10_000 ? Math.max(own, fitting) : own;
}

/** A duration such as `-PT3H` or `-P1D` in milliseconds; undefined when it is none. */
export function readDuration(text: string): number | undefined {
  const match = /^-?P(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, monthCount, weeks, days, hours, minutes, seconds] = match.map(part => Number(part ?? 0));
  const total =
    (monthCount ?? 0) * 30 * day +
    (weeks ?? 0) * 7 * day +
    (days ?? 0) * day +
    (hours ?? 0) * hour +
    (minutes ?? 0) * minute +
    (seconds ?? 0) * 1000;
  return total > 0 ? total : undefined;
}

/**
 * The range that a young stack fills: the shortest preset that holds half of the series from their first point on, never longer than
 * wanted. `firstMs` are the first moments of the series in `range`; series that reach its start may be older.
 */
export function presetThatFills(firstMs: readonly number[], range: TimeRange, wantedId: string): string {
  const wanted = presetOf(wantedId);
  const sorted = [...firstMs].sort((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (wanted?.ms === undefined || middle === undefined) return wantedId;
  const length = range.toMs - range.fromMs;
  const age = range.toMs - middle;
  const needed = age > length * 0.93 ? length + 1 : age;
  return presets.find(each => each.ms !== undefined && each.ms >= Math.min(needed, wanted.ms ?? 0))?.id ?? wantedId;
}

/** A range moved by some milliseconds, keeping its length. It ends now at the latest, or where it ends already. */
export function movedRange({ fromMs, toMs }: TimeRange, byMs: number, nowMs: number): TimeRange {
  const by = Math.min(byMs, Math.max(0, nowMs - toMs));
  return { fromMs: Math.round(fromMs + by), toMs: Math.round(toMs + by) };
}

/** The range of a dashboard's own `start`; undefined when it has none that goes back from now. */
export function presetFor(start: string | undefined): string | undefined {
  const wanted = start === undefined ? undefined : readDuration(start);
  return wanted === undefined ? undefined : presetIdFor(wanted);
}
