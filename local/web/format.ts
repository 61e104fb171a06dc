/** Numbers, units, times and durations as people read them. Pure. */
import { type TickUnit, tickText } from '../../core/chart/tick-text.ts';

const trim = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);

/** Decimals that show about four significant digits, at most `most`. */
function decimalsFor(value: number, most: number): number {
  const size = Math.abs(value);
  if (size === 0 || size >= 1000) return 0;
  if (size >= 100) return Math.min(1, most);
  if (size >= 1) return Math.min(2, most);
  return Math.min(most, 2 - Math.floor(Math.log10(size)));
}

/** Made once for each number of decimals: making one takes a hundred times as long as using it. */
const formats = new Map<number, Intl.NumberFormat>();

function grouped(value: number, decimals: number): string {
  const format = formats.get(decimals) ?? new Intl.NumberFormat('en-US', { minimumFractionDigits: 0, maximumFractionDigits: decimals });
  formats.set(decimals, format);
  return format.format(value);
}

/** `12,345` · `3.14` · `0.0021`. A proper minus sign, so that columns line up. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const text = grouped(value, decimalsFor(value, 6));
  return text === '-0' ? '0' : text.replace('-', '−');
}

/** Money keeps two decimals below a million, so that a running total does not jump in width. */
export function formatMoney(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const decimals = Math.abs(value) < 1_000_000 ? 2 : 0;
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).replace('-', '−');
}

const steps: readonly (readonly [number, string])[] = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];

/** Short form of a lone number: `1.2k`, `−3M`, `0.05`. */
export function formatShort(value: number): string {
  if (value === 0) return '0';
  const step = steps.find(([size]) => Math.abs(value) >= size && (size > 1e3 || Math.abs(value) >= 1e4));
  const text =
    step === undefined
      ? trim(value.toFixed(Math.abs(value) >= 1000 ? 0 : decimalsFor(value, 6)))
      : `${trim((value / step[0]).toFixed(1))}${step[1]}`;
  return text.replace('-', '−');
}

const tickUnits: readonly TickUnit[] = [
  [1e12, 1e12, 'T'],
  [1e9, 1e9, 'G'],
  [1e6, 1e6, 'M'],
  [1e4, 1e3, 'k'],
];

/** A label of an axis: `1.2k`, or `102,985` where that is what tells it from the next one, a `step` away. */
export function formatTick(value: number, step: number, unit: string | undefined): string {
  const isBytes = unit === 'Bytes' || unit === 'Bytes/Second';
  const text = tickText(value, step, isBytes ? byteSteps.map(([size, name]) => [size, size, ` ${name}`] as const) : tickUnits);
  const whole = isBytes ? `${text}${/B$/.test(text) ? '' : ' B'}${unit === 'Bytes' ? '' : '/s'}` : text;
  return whole.replace('-', '−');
}

export interface Readable {
  readonly number: string;
  readonly unit: string;
}

const byteSteps: readonly (readonly [number, string])[] = [
  [1e12, 'TB'],
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'kB'],
];

function bytes(value: number, suffix: string): Readable {
  const step = byteSteps.find(([size]) => Math.abs(value) >= size);
  return step === undefined
    ? { number: formatNumber(value), unit: `B${suffix}` }
    : { number: formatNumber(value / step[0]), unit: `${step[1]}${suffix}` };
}

/** A value in a CloudWatch unit, with the unit as a reader would write it. Absent units give an empty unit. */
export function withUnit(value: number, unit: string | undefined): Readable {
  switch (unit) {
    case 'Percent':
      return { number: formatNumber(value), unit: '%' };
    case 'Milliseconds':
      return Math.abs(value) >= 10_000 ? { number: formatNumber(value / 1000), unit: 's' } : { number: formatNumber(value), unit: 'ms' };
    case 'Microseconds':
      return { number: formatNumber(value), unit: 'µs' };
    case 'Seconds':
      return { number: formatNumber(value), unit: 's' };
    case 'Bytes':
      return bytes(value, '');
    case 'Bytes/Second':
      return bytes(value, '/s');
    case 'Count/Second':
      return { number: formatNumber(value), unit: '/s' };
    case undefined:
    case 'None':
    case 'Count':
      return { number: formatNumber(value), unit: '' };
    default:
      return { number: formatNumber(value), unit: unit };
  }
}

export const spell = ({ number, unit }: Readable): string => (unit === '' ? number : unit === '%' ? `${number}%` : `${number} ${unit}`);

const two = (value: number) => String(value).padStart(2, '0');

export type Zone = 'utc' | 'local';

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

function partsOf(ms: number, zone: Zone): Parts {
  const date = new Date(ms);
  return zone === 'utc'
    ? {
        year: date.getUTCFullYear(),
        month: date.getUTCMonth(),
        day: date.getUTCDate(),
        hour: date.getUTCHours(),
        minute: date.getUTCMinutes(),
        second: date.getUTCSeconds(),
      }
    : {
        year: date.getFullYear(),
        month: date.getMonth(),
        day: date.getDate(),
        hour: date.getHours(),
        minute: date.getMinutes(),
        second: date.getSeconds(),
      };
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `14:05:09` */
export function formatClock(ms: number, zone: Zone): string {
  const { hour, minute, second } = partsOf(ms, zone);
  return `${two(hour)}:${two(minute)}:${two(second)}`;
}

/** `23 Nov 2026` */
export function formatDay(ms: number, zone: Zone): string {
  const { day, month, year } = partsOf(ms, zone);
  return `${day} ${months[month]} ${year}`;
}

/** `23 Nov 14:05:09` */
export function formatMoment(ms: number, zone: Zone): string {
  const { day, month } = partsOf(ms, zone);
  return `${day} ${months[month]} ${formatClock(ms, zone)}`;
}

/** `45 s` · `12 min` · `3 h 20 min` · `2 d 4 h`. Negative lengths count as zero. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 36) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

export const ago = (atMs: number, nowMs: number): string => (nowMs - atMs < 2000 ? 'just now' : `${formatDuration(nowMs - atMs)} ago`);
