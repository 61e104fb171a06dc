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

/**
 * The instant of a local time of day (minutes after midnight, up to 1440). A time that daylight saving skips
 * maps to the instant one hour later by the clock; a repeated one to its first occurrence.
 */
export function localTimeToUtc(zone: string, day: number, minutes: number): EpochMs {
  const local = day * msPerDay + minutes * 60_000;
  const early = local - zoneOffsetMs(zone, local - msPerDay);
  const late = local - zoneOffsetMs(zone, local + msPerDay);
  if (early === late) return early;
  return early + zoneOffsetMs(zone, early) === local ? early : late + zoneOffsetMs(zone, late) === local ? late : early;
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
