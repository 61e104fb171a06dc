import type { EpochNs } from '../time/instant.ts';

/**
 * Times as they stand in events: ISO 8601 in UTC. Hand-written because a month of events has millions of them:
 * neither Date nor a pattern is used, and the minute that the last time fell into is remembered.
 */

const nanosecondsPerMinute = 60_000_000_000n;
const powersOfTen = [1e9, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1] as const;

/** Days from 1970-01-01 to a date of the Gregorian calendar (H. Hinnant, "chrono-compatible low-level date algorithms", days_from_civil). */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** `count` digits at `from`, or −1. */
function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Nanoseconds of `yyyy-mm-ddThh:mm` (a blank may stand for the T), or undefined. */
function readMinute(text: string): EpochNs | undefined {
  const separator = text.charCodeAt(10);
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45 || text.charCodeAt(13) !== 58) return undefined;
  if (separator !== 84 && separator !== 116 && separator !== 32) return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return undefined;
  return BigInt(daysSinceEpoch(year, month, day) * 1440 + hour * 60 + minute) * nanosecondsPerMinute;
}

/** True when `text` ends at `from` in a name of UTC: `Z`, `+00:00`, `-00:00`, `+0000` or `+00`. */
function endsInUtc(text: string, from: number): boolean {
  const code = text.charCodeAt(from);
  if (code === 90 || code === 122) return text.length === from + 1;
  const zone = text.slice(from + 1);
  return (code === 43 || code === 45) && (zone === '00:00' || zone === '0000' || zone === '00');
}

/**
 * Returns a reader of times that remembers the last minute and the last text.
 * The reader gives nanoseconds since 1970, or undefined for anything but ISO 8601 in UTC from 1970 on with seconds
 * and at most nine digits of fraction. A leap second (`:60`) is the first second of the next minute, as POSIX counts.
 */
export function createTimeReader(): (text: string) => EpochNs | undefined {
  let lastText = '';
  let lastTime = 0n;
  let minuteText = '\0';
  let minuteTime = 0n;

  return text => {
    if (text === lastText) return lastTime;
    if (text.length < 20 || text.charCodeAt(16) !== 58) return undefined;
    if (!text.startsWith(minuteText)) {
      const minute = readMinute(text);
      if (minute === undefined) return undefined;
      minuteText = text.slice(0, 16);
      minuteTime = minute;
    }
    const second = digits(text, 17, 2);
    if (second < 0 || second > 60) return undefined;
    let at = 19;
    let fraction = 0;
    if (text.charCodeAt(at) === 46) {
      for (at = 20; at < text.length; at++) {
        const digit = text.charCodeAt(at) - 48;
        if (digit < 0 || digit > 9) break;
        fraction = fraction * 10 + digit;
      }
      const places = at - 20;
      if (places < 1 || places > 9) return undefined;
      fraction *= powersOfTen[places]!;
    }
    if (!endsInUtc(text, at)) return undefined;
    lastTime = minuteTime + BigInt(second * 1e9 + fraction);
    lastText = text;
    return lastTime;
  };
}
