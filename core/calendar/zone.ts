/** Local civil time of an IANA zone, through the runtime's own time zone data. */
import type { EpochMs } from '../time/instant.ts';

const msPerDay = 86_400_000;
const formatters = new Map<string, Intl.DateTimeFormat>();

/** Local minus UTC at the instant, in milliseconds. */
export function zoneOffsetMs(zone: string, at: EpochMs): number {
  if (zone === 'UTC') return 0;
  const whole = Math.floor(at / 1000) * 1000;
  const part: Record<string, number> = {};
  for (const { type, value } of formatterOf(zone).formatToParts(whole)) part[type] = Number(value);
  const local = Date.UTC(part['year']!, part['month']! - 1, part['day']!, part['hour']!, part['minute']!, part['second']!);
  return local - whole;
}

/** Local civil date of the instant, as days since 1970-01-01. */
export function localDate(zone: string, at: EpochMs): number {
  return Math.floor((at + zoneOffsetMs(zone, at)) / msPerDay);
}

/** Local minus UTC at an instant, in milliseconds. */
export type OffsetAt = (at: EpochMs) => number;

const probeMs = 7 * msPerDay;
const yearTables = new Map<string, OffsetAt>();

/**
 * `zoneOffsetMs` of a zone from a table of its changes, made once for a year and twenty days on both sides: a hundred times as fast.
 * Instants outside are looked up. Changes happen on whole minutes; two within seven days that cancel out are not seen.
 * @param newYear the first day of the year, as days since 1970-01-01.
 */
export function offsetsOfYear(zone: string, newYear: number): OffsetAt {
  const key = `${zone} ${newYear}`;
  let table = yearTables.get(key);
  if (table === undefined) {
    table = offsetsWithin(zone, (newYear - 20) * msPerDay, (newYear + 386) * msPerDay);
    yearTables.set(key, table);
  }
  return table;
}

function offsetsWithin(zone: string, fromMs: EpochMs, toMs: EpochMs): OffsetAt {
  const changes: { readonly at: EpochMs; readonly offset: number }[] = [{ at: fromMs, offset: zoneOffsetMs(zone, fromMs) }];
  for (let probed = fromMs; probed < toMs; probed += probeMs) {
    const before = changes.at(-1)!.offset;
    const offset = zoneOffsetMs(zone, probed + probeMs);
    if (offset !== before) changes.push({ at: firstChange(zone, probed, before), offset });
  }
  return at => {
    if (at < fromMs || at > toMs) return zoneOffsetMs(zone, at);
    let index = changes.length - 1;
    while (changes[index]!.at > at) index--;
    return changes[index]!.offset;
  };
}

/** First whole minute after the probe with another offset. */
function firstChange(zone: string, probed: EpochMs, before: number): EpochMs {
  let [same, other] = [0, probeMs / 60_000];
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2);
    if (zoneOffsetMs(zone, probed + middle * 60_000) === before) same = middle;
    else other = middle;
  }
  return probed + other * 60_000;
}

/**
 * The instant of a local time of day (minutes after midnight, up to 1440). A time that daylight saving skips
 * maps to the instant one hour later by the clock; a repeated one to its first occurrence.
 */
export function localTimeToUtc(zone: string, day: number, minutes: number, offsetAt: OffsetAt = at => zoneOffsetMs(zone, at)): EpochMs {
  const local = day * msPerDay + minutes * 60_000;
  const early = local - offsetAt(local - msPerDay);
  const late = local - offsetAt(local + msPerDay);
  if (early === late) return early;
  return early + offsetAt(early) === local ? early : late + offsetAt(late) === local ? late : early;
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formatters.set(zone, formatter);
  }
  return formatter;
}

/** Whether the runtime knows the zone by name; bare offsets are refused. */
export function isIanaZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions().timeZone !== undefined && !/^[+-]/.test(zone);
  } catch {
    return false;
  }
}
