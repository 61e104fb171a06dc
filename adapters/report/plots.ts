/** Drawings of a backtest as SVG text. Colours are the page's CSS variables; every text is escaped. */
import type { PlotPoint } from '../../core/backtest/plot-points.ts';
import type { Sweep } from '../../core/backtest/sweep.ts';
import type { ToldAlarm } from '../../core/backtest/told-alarms.ts';
import { isoFromMs } from '../../core/time/instant.ts';
import { escaped } from './escape.ts';

const WIDTH = 960;
const LEFT = 70;
const RIGHT = 10;

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

const svg = (height: number, label: string, inside: string): string =>
  `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(label)}">${inside}</svg>`;

const short = (value: number): string => String(Math.round(value * 100) / 100);

function xOf({ fromMs, toMs }: Span): (ms: number) => number {
  const scale = (WIDTH - LEFT - RIGHT) / Math.max(1, toMs - fromMs);
  return ms => LEFT + Math.min(Math.max(ms, fromMs), toMs) * scale - fromMs * scale;
}

/** Values with the limit as a dashed line, firings as red bands and near misses as marks below. */
export function alarmPlot(alarm: ToldAlarm, span: Span, points: readonly PlotPoint[]): string {
  const height = points.length === 0 ? 44 : 150;
  const base = height - 24;
  const x = xOf(span);
  const bands = alarm.firings.map(({ fromMs, toMs, reason }) => {
    const [left, right] = [x(fromMs), x(toMs ?? span.toMs)];
    const title = `<title>${escaped(`${isoFromMs(fromMs)} ${reason}`)}</title>`;
    return `<rect x="${short(left)}" y="4" width="${short(Math.max(1.5, right - left))}" height="${base - 4}" fill="var(--alarm)" fill-opacity=".28">${title}</rect>`;
  });
  const near = alarm.nearMisses.map(
    ({ fromMs }) =>
      `<path d="M${short(x(fromMs))} ${base}l-4 7h8z" fill="var(--near)"><title>near miss ${escaped(isoFromMs(fromMs))}</title></path>`,
  );
  const inside = [...bands, ...values(alarm, points, x, base), ...near, axis(span, x, base, height)].join('');
  return svg(height, `${alarm.name}: ${alarm.firings.length} firings`, inside);
}

function values(alarm: ToldAlarm, points: readonly PlotPoint[], x: (ms: number) => number, base: number): readonly string[] {
  if (points.length === 0) return [];
  const limit = alarm.drawn?.threshold;
  const all = [...points.flatMap(({ least, most }) => [least, most]), ...(limit === undefined ? [] : [limit])];
  const low = all.reduce((a, b) => Math.min(a, b));
  const high = all.reduce((a, b) => Math.max(a, b));
  const y = (value: number) => (high === low ? base / 2 : base - 8 - ((value - low) / (high - low)) * (base - 20));
  const label = (value: number) => `<text x="${LEFT - 6}" y="${short(y(value) + 4)}" text-anchor="end">${escaped(figure(value))}</text>`;
  const line =
    limit === undefined
      ? ''
      : `<path d="M${LEFT} ${short(y(limit))}H${WIDTH - RIGHT}" stroke="var(--alarm)" stroke-dasharray="5 4" fill="none"/>`;
  return [
    `<path d="${tracks(points, x, y)}" stroke="var(--value)" stroke-width="1.2" fill="none"/>`,
    line,
    ...[...new Set([low, high])].map(label),
    ...(limit === undefined || Math.abs(y(limit) - y(low)) < 14 || Math.abs(y(limit) - y(high)) < 14 ? [] : [label(limit)]),
  ];
}

/** Up and down within each part; a new stroke after a gap of more than three parts. */
function tracks(points: readonly PlotPoint[], x: (ms: number) => number, y: (value: number) => number): string {
  const gaps = points.slice(1).map((point, at) => point.atMs - points[at]!.atMs);
  const usual = gaps.length === 0 ? 0 : Math.min(...gaps);
  return points
    .map(({ atMs, least, most }, at) => {
      const isNew = at === 0 || atMs - points[at - 1]!.atMs > usual * 3;
      const spread = least === most ? '' : `V${short(y(least))}`;
      return `${isNew ? 'M' : 'L'}${short(x(atMs))} ${short(y(most))}${spread}${isNew && least === most ? 'h.5' : ''}`;
    })
    .join('');
}

/** Six digits at most, exponents for what would be longer. */
const figure = (value: number): string =>
  value !== 0 && Math.abs(value) < 0.001 ? value.toExponential(1) : String(Number(value.toPrecision(6)));

const HOUR = 3_600_000;
const steps = [HOUR / 4, HOUR, 3 * HOUR, 12 * HOUR, 24 * HOUR, 72 * HOUR, 168 * HOUR, 720 * HOUR];

function axis(span: Span, x: (ms: number) => number, base: number, height: number): string {
  const step = steps.find(candidate => (span.toMs - span.fromMs) / candidate <= 12) ?? 2160 * HOUR;
  const ticks: string[] = [];
  for (let ms = Math.ceil(span.fromMs / step) * step; ms <= span.toMs; ms += step) {
    const iso = isoFromMs(ms);
    const label = step >= 24 * HOUR ? iso.slice(5, 10) : iso.slice(11, 16) === '00:00' ? iso.slice(5, 10) : iso.slice(11, 16);
    ticks.push(
      `<path d="M${short(x(ms))} ${base}v4" stroke="var(--line)"/><text x="${short(x(ms))}" y="${height - 6}" text-anchor="middle">${label}</text>`,
    );
  }
  return `<path d="M${LEFT} ${base}H${WIDTH - RIGHT}" stroke="var(--line)"/>${ticks.join('')}`;
}

/** One row for each alarm that fired: what happened together stands in one column. */
export function timelinePlot(alarms: readonly ToldAlarm[], span: Span): string {
  const fired = alarms.filter(({ firings }) => firings.length > 0).slice(0, 60);
  if (fired.length === 0) return '';
  const row = 26;
  const height = fired.length * row + 28;
  const base = height - 24;
  const x = xOf(span);
  const rows = fired.map(({ name, firings }, at) => {
    const top = at * row + 14;
    const bars = firings.map(({ fromMs, toMs }) => {
      const [left, right] = [x(fromMs), x(toMs ?? span.toMs)];
      return `<rect x="${short(left)}" y="${top}" width="${short(Math.max(2, right - left))}" height="9" fill="var(--alarm)"/>`;
    });
    return `<text x="${LEFT}" y="${top - 2}">${escaped(name)}</text>${bars.join('')}`;
  });
  return `<h2>Firings</h2>${svg(height, 'firings of all alarms over time', `${rows.join('')}${axis(span, x, base, height)}`)}`;
}

/** Firings against the limit. */
export function sweepPlot({ points, alarm }: Sweep): string {
  if (points.length < 2) return '';
  const height = 160;
  const base = height - 24;
  const limits = points.map(({ limit }) => limit);
  const [first, last] = [limits[0]!, limits.at(-1)!];
  const most = Math.max(1, ...points.map(({ firings }) => firings.length));
  const x = (limit: number) => LEFT + ((limit - first) / (last - first)) * (WIDTH - LEFT - RIGHT - 20);
  const y = (count: number) => base - 6 - (count / most) * (base - 24);
  const path = points.map(({ limit, firings }, at) => `${at === 0 ? 'M' : 'L'}${short(x(limit))} ${short(y(firings.length))}`).join('');
  const marks = points.map(
    ({ limit, firings, present }) =>
      `<circle cx="${short(x(limit))}" cy="${short(y(firings.length))}" r="${present ? 5 : 3}" fill="var(--${present ? 'alarm' : 'value'})"/>` +
      `<text x="${short(x(limit))}" y="${height - 6}" text-anchor="middle">${escaped(figure(limit))}</text>` +
      `<text x="${short(x(limit))}" y="${short(y(firings.length) - 8)}" text-anchor="middle">${firings.length}</text>`,
  );
  const inside = `<path d="M${LEFT} ${base}H${WIDTH - RIGHT}" stroke="var(--line)"/><path d="${path}" stroke="var(--value)" fill="none"/>${marks.join('')}`;
  return svg(height, `firings of ${alarm} by limit`, inside);
}
