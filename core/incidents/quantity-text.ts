/** Numbers and times as a person reads them at night. */
import { isZone, toLocalMs, zoneOffsetMs } from '../cloudwatch/zone.ts';
import type { EpochMs } from '../time/instant.ts';
import { isoFromMs } from '../time/instant.ts';

/** `47 s`, `3 min`, `1 h 20 min`, `2 d 4 h`: two units at most, never negative. */
export function durationText(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 120) return `${s} s`;
  const min = Math.floor(s / 60);
  if (min < 120) return `${min} min`;
  const hours = Math.floor(min / 60);
  if (hours < 48) return min % 60 === 0 ? `${hours} h` : `${hours} h ${min % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

/** `2026-11-22 03:03:41 UTC`. */
export function utcText(ms: EpochMs): string {
  return `${isoFromMs(ms).slice(0, 19).replace('T', ' ')} UTC`;
}

/** `2026-11-22 04:03:41 Europe/Berlin (03:03:41 UTC)`; UTC alone without a zone. The UTC side names its date where it differs. */
export function momentText(ms: EpochMs, zone: string | undefined): string {
  const utc = utcText(ms);
  if (zone === undefined || !isZone(zone) || zoneOffsetMs(zone, ms) === 0) return utc;
  const local = isoFromMs(toLocalMs(zone, ms)).slice(0, 19).replace('T', ' ');
  return `${local} ${zone} (${local.slice(0, 10) === utc.slice(0, 10) ? utc.slice(11) : utc})`;
}

const unitNames: Readonly<Record<string, string>> = {
  seconds: 's',
  s: 's',
  milliseconds: 'ms',
  ms: 'ms',
  microseconds: 'µs',
  percent: '%',
  bytes: 'B',
  'bytes/second': 'B/s',
  'count/second': '/s',
  count: '',
  none: '',
  flag: '',
  ratio: '',
  quantity: '',
  bytespersecond: 'B/s',
};

/** A value with its unit: fractions as per cent, seconds and currencies named, at most six significant digits. */
export function quantityText(value: number, unit: string | undefined): string {
  const name = unit?.trim() ?? '';
  if (/^(?:fraction|share)$/i.test(name)) return `${digits(value * 100)} %`;
  const short = unitNames[name.toLowerCase()] ?? name;
  // Nobody reads the fraction of a long wait.
  const shown = (short === 's' || short === 'ms') && Math.abs(value) >= 10 ? Math.round(value) : value;
  return short === '' ? digits(shown) : `${digits(shown)} ${short}`;
}

/** Money with two decimals and a sign where it is a loss: `-1,234.50 USD`. */
export function moneyText(value: number, currency: string | undefined): string {
  const text = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value);
  return currency === undefined ? text : `${text} ${currency}`;
}

/** Six significant digits; whole numbers in full, since limits such as 262144 are compared by eye. */
function digits(value: number): string {
  return new Intl.NumberFormat('en-US', Number.isInteger(value) ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 6 }).format(
    value,
  );
}
