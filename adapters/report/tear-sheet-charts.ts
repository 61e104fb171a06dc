/** Charts of a tear sheet as inline SVG: no script, no request, colours by the page's own variables. */
import { type TickUnit, tickText } from '../../core/chart/tick-text.ts';
import type { Block, LinePoint } from '../../core/report/document.ts';
import { moneyText } from '../../core/report/figures.ts';
import { isoFromMs } from '../../core/time/instant.ts';
import { escaped } from './escape.ts';

type Lines = Extract<Block, { kind: 'lines' }>;
type Histogram = Extract<Block, { kind: 'histogram' }>;
type Bars = Extract<Block, { kind: 'bars' }>;
type Boxes = Extract<Block, { kind: 'boxes' }>;
type Days = Extract<Block, { kind: 'calendar' }>;
type Months = Extract<Block, { kind: 'months' }>;

const WIDTH = 960;
const MINOR = 466;
const LEFT = 64;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 24;

const short = (value: number): string => String(Math.round(value * 10) / 10);
const colours = ['var(--first)', 'var(--second)', 'var(--third)'];

interface FigureLook {
  /** Half as wide where there is room. */
  readonly isMinor?: boolean;
  readonly legend?: string;
  /** What the chart shows, in words, for whoever cannot see it. */
  readonly words?: string;
}

function figure(title: string, height: number, inside: string, { isMinor = false, legend = '', words }: FigureLook = {}): string {
  const label = words === undefined ? title : `${title}: ${words}`;
  const chart = `<svg viewBox="0 0 ${isMinor ? MINOR : WIDTH} ${height}" role="img" aria-label="${escaped(label)}">${inside}</svg>`;
  return `<figure${isMinor ? ' class="half"' : ''}><figcaption>${escaped(title)}</figcaption>${chart}${legend}</figure>`;
}

type Format = Lines['format'];

const moneyUnits: readonly TickUnit[] = [
  [1e6, 1e6, 'M'],
  [1e3, 1e3, 'k'],
];

function axisText(value: number, format: Format, step: number): string {
  const shown = format === 'percent' ? value * 100 : value;
  const size = format === 'percent' ? step * 100 : step;
  const text =
    format === 'money' && (Math.abs(shown) >= 1e6 || step >= 1000)
      ? tickText(shown, step, moneyUnits, 10)
      : shown.toLocaleString('en-US', { maximumFractionDigits: Math.min(6, Math.max(0, -Math.floor(Math.log10(size)))) });
  return `${text.replace('-', '−')}${format === 'percent' ? ' %' : format === 'growth' ? ' ×' : ''}`;
}

/** Steps of 1, 2 or 5 that cut the span into about four. */
function niceStep(span: number): number {
  const rough = span / 4 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5, 10].find(digit => digit * power >= rough * 0.99) ?? 10) * power;
}

/** At least three, where the next smaller step gives them. */
function ticks(low: number, high: number): { readonly values: readonly number[]; readonly step: number } {
  const wide = niceStep(high - low);
  const isFew = Math.floor(high / wide + 1e-9) - Math.ceil(low / wide - 1e-9) < 2;
  const step = isFew ? niceStep((high - low) * 0.6) : wide;
  const values: number[] = [];
  for (let value = Math.ceil(low / step - 1e-9) * step; value <= high + step * 1e-9; value += step)
    values.push(Math.abs(value) < step * 1e-9 ? 0 : value);
  return { values, step };
}

function timeTicks(fromMs: number, toMs: number, most: number): { readonly at: number; readonly text: string }[] {
  const days = (toMs - fromMs) / 86_400_000;
  const step = [1, 2, 7, 14, 31, 92, 183, 366].find(length => days / length <= most) ?? 731;
  const out: { at: number; text: string }[] = [];
  for (let at = Math.ceil(fromMs / 86_400_000) * 86_400_000; at <= toMs; at += step * 86_400_000)
    out.push({ at, text: days > 500 ? isoFromMs(at).slice(0, 7) : isoFromMs(at).slice(5, 10) });
  return out;
}

/** Of a log scale: 1, 2 and 5 of each power where there are at least three of them, else round steps. */
function logTicks(low: number, high: number): { readonly values: readonly number[]; readonly step: number } {
  const powers = Array.from(
    { length: Math.ceil(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 },
    (_, at) => Math.floor(Math.log10(low)) + at,
  );
  const values = powers.flatMap(power => [1, 2, 5].map(digit => digit * 10 ** power)).filter(value => value >= low && value <= high);
  return values.length >= 3 ? { values, step: Math.min(1, values[0]!) } : ticks(low, high);
}

const lowestOf = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
const highestOf = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);

/** `from 1.00 to 1.20, lowest 0.90, highest 1.25` */
export function courseText(values: readonly number[], format: Format): string {
  const text = (value: number) => pointText(value, format);
  return `${text(values[0]!)} to ${text(values.at(-1)!)}, lowest ${text(lowestOf(values))}, highest ${text(highestOf(values))}`;
}

export function linesChart({ title, series: given, format, filled, minor, isLog = false, bands = [] }: Lines): string {
  const series = given.filter(each => each.points.length > 1);
  const points = series.flatMap(each => each.points);
  if (points.length < 2) return '';
  const height = minor === true ? 170 : 220;
  const wide = minor === true ? MINOR : WIDTH;
  const [fromMs, toMs] = [Math.min(...points.map(({ at }) => at)), Math.max(...points.map(({ at }) => at))];
  const values = points.map(({ value }) => value);
  const zero = format === 'money' || format === 'growth' ? [] : [0];
  const [least, most] = [lowestOf([...values, ...zero]), highestOf([...values, ...zero])];
  const room = (most - least || Math.abs(most) || 1) * 0.05;
  const low = least === 0 ? 0 : isLog ? least * (least / most) ** 0.05 : least - room;
  const high = filled === true && most === 0 ? 0 : isLog ? most * (most / least) ** 0.05 : most + room;
  const x = (at: number) => LEFT + ((at - fromMs) / (toMs - fromMs || 1)) * (wide - LEFT - RIGHT);
  const part = (value: number) => (isLog ? Math.log(high / value) / (Math.log(high / low) || 1) : (high - value) / (high - low || 1));
  const y = (value: number) => TOP + part(value) * (height - TOP - BOTTOM);
  const { values: rows, step } = isLog ? logTicks(low, high) : ticks(low, high);
  const path = (own: readonly LinePoint[]) =>
    own.map(({ at, value }, index) => `${index === 0 ? 'M' : 'L'}${short(x(at))} ${short(y(value))}`).join('');
  const drawn = series.map((each, index) => {
    const line = path(each.points);
    const [head, tail] = [each.points[0], each.points.at(-1)];
    const base = y(format === 'money' || format === 'growth' ? low : 0);
    const area =
      head === undefined || tail === undefined || series.length > 1 || isLog
        ? ''
        : `<path d="${line}L${short(x(tail.at))} ${short(base)}L${short(x(head.at))} ${short(base)}Z" fill="${filled === true ? 'var(--bad)' : colours[0]}" opacity=".14"/>`;
    return `${area}<path d="${line}" fill="none" stroke="${filled === true ? 'var(--bad)' : (colours[index] ?? colours[0])}" stroke-width="1.8" stroke-linejoin="round"${index > 0 ? ' stroke-dasharray="6 3"' : ''}/>`;
  });
  const grid = rows.map(
    value =>
      `<path d="M${LEFT} ${short(y(value))}H${wide - RIGHT}" stroke="${value === 0 ? 'var(--faint)' : 'var(--line)'}"/><text x="${LEFT - 8}" y="${short(y(value) + 4)}" text-anchor="end">${axisText(value, format, step)}</text>`,
  );
  const times = timeTicks(fromMs, toMs, minor === true ? 5 : 9).map(
    ({ at, text }) => `<text x="${short(x(at))}" y="${height - 6}" text-anchor="middle">${text}</text>`,
  );
  const legend = legendOf(series);
  const shaded = bands.map(({ fromMs: from, toMs: to, label }) => {
    const [left, right] = [x(Math.max(from, fromMs)), x(Math.min(to, toMs))];
    return `<rect x="${short(left)}" y="${TOP}" width="${short(Math.max(1, right - left))}" height="${height - TOP - BOTTOM}" fill="var(--bad)" fill-opacity=".13"><title>${escaped(label)}</title></rect>`;
  });
  const courses = series.map(each => {
    const course = courseText(
      each.points.map(({ value }) => value),
      format,
    );
    return series.length > 1 ? `${each.label} from ${course}` : `from ${course}`;
  });
  const words = [...courses, ...bands.map(({ label }) => label)].join('; ');
  return figure(title, height, shaded.join('') + grid.join('') + times.join('') + drawn.join(''), {
    legend,
    isMinor: minor === true,
    words,
  });
}

/** Bars from zero, losses below it; the first and every nth label stand below. */
export function barsChart({ title, labels, series }: Bars): string {
  const values = series.flatMap(each => each.values.flatMap(value => value ?? []));
  if (values.length === 0) return '';
  const isNarrow = labels.length > 40;
  const height = isNarrow ? 150 : 190;
  const [least, most] = [lowestOf([...values, 0]), highestOf([...values, 0])];
  if (least === most) return '';
  const room = (most - least) * 0.06;
  const [low, high] = [least === 0 ? 0 : least - room, most === 0 ? 0 : most + room];
  const y = (value: number) => TOP + ((high - value) / (high - low)) * (height - TOP - BOTTOM);
  const slot = (WIDTH - LEFT - RIGHT) / labels.length;
  const wide = isNarrow ? slot * 0.8 : Math.min(46, (slot * 0.7) / series.length);
  const bars = series.flatMap((each, nth) =>
    each.values.map((value, at) => {
      if (value === undefined || value === 0) return '';
      const left = LEFT + slot * (at + 0.5) + (nth - series.length / 2) * wide;
      const [top, bottom] = [y(Math.max(0, value)), y(Math.min(0, value))];
      const fill = series.length > 1 ? `${colours[nth] ?? colours[0]}` : `var(--${value < 0 ? 'bad' : 'good'})`;
      return `<rect x="${short(left)}" y="${short(top)}" width="${short(Math.max(0.5, wide - (isNarrow ? 0 : 2)))}" height="${short(Math.max(0.5, bottom - top))}" fill="${fill}"><title>${escaped(labels[at] ?? '')}${series.length > 1 ? ` ${escaped(each.label)}` : ''}: ${pointText(value, 'percent')}</title></rect>`;
    }),
  );
  const every = Math.ceil(labels.length / 10);
  const names = labels.map((label, at) =>
    at % every === 0
      ? `<text x="${short(LEFT + slot * (at + 0.5))}" y="${height - 6}" text-anchor="middle">${escaped(isNarrow ? (labels.length > 500 ? label.slice(0, 7) : label.slice(5)) : label)}</text>`
      : '',
  );
  const words = series
    .map(each => {
      const own = each.values.flatMap(value => value ?? []);
      return own.length > 12
        ? courseText(own, 'percent')
        : each.values
            .flatMap((value, at) =>
              value === undefined ? [] : [`${labels[at]} ${series.length > 1 ? `${each.label} ` : ''}${pointText(value, 'percent')}`],
            )
            .join(', ');
    })
    .join('; ');
  return figure(title, height, percentGrid(low, high, y, WIDTH) + names.join('') + bars.join(''), { words, legend: legendOf(series) });
}

function percentGrid(low: number, high: number, y: (value: number) => number, wide: number): string {
  const { values, step } = ticks(low, high);
  return values
    .map(
      value =>
        `<path d="M${LEFT} ${short(y(value))}H${wide - RIGHT}" stroke="${value === 0 ? 'var(--faint)' : 'var(--line)'}"/><text x="${LEFT - 8}" y="${short(y(value) + 4)}" text-anchor="end">${axisText(value, 'percent', step)}</text>`,
    )
    .join('');
}

const legendOf = (series: readonly { readonly label: string }[]): string =>
  series.length < 2
    ? ''
    : `<p class="legend">${series.map((each, index) => `<span><i style="background:${colours[index] ?? colours[0]}"></i>${escaped(each.label)}</span>`).join('')}</p>`;

/** Boxes from quartile to quartile with the median as a bar, and a line to either end. */
export function boxesChart({ title, boxes }: Boxes): string {
  if (boxes.length === 0) return '';
  const height = 230;
  const [least, most] = [lowestOf([...boxes.map(box => box.least), 0]), highestOf([...boxes.map(box => box.most), 0])];
  if (least === most) return '';
  const room = (most - least) * 0.05;
  const [low, high] = [least - room, most + room];
  const y = (value: number) => TOP + ((high - value) / (high - low)) * (height - TOP - BOTTOM);
  const slot = (WIDTH - LEFT - RIGHT) / boxes.length;
  const wide = Math.min(90, slot * 0.5);
  const drawn = boxes.map((box, at) => {
    const middle = LEFT + slot * (at + 0.5);
    const [left, right] = [middle - wide / 2, middle + wide / 2];
    const whiskers = `M${short(middle)} ${short(y(box.most))}V${short(y(box.high))}M${short(middle)} ${short(y(box.low))}V${short(y(box.least))}M${short(middle - wide / 5)} ${short(y(box.most))}h${short((wide / 5) * 2)}M${short(middle - wide / 5)} ${short(y(box.least))}h${short((wide / 5) * 2)}`;
    return `<g><title>${escaped(boxText(box))}</title><path d="${whiskers}" stroke="${colours[0]}" fill="none"/><rect x="${short(left)}" y="${short(y(box.high))}" width="${short(wide)}" height="${short(Math.max(1, y(box.low) - y(box.high)))}" fill="${colours[0]}" fill-opacity=".25" stroke="${colours[0]}"/><path d="M${short(left)} ${short(y(box.middle))}H${short(right)}" stroke="${colours[1]}" stroke-width="2.5"/></g><text x="${short(middle)}" y="${height - 6}" text-anchor="middle">${escaped(box.label)} (n ${box.n})</text>`;
  });
  return figure(title, height, percentGrid(low, high, y, WIDTH) + drawn.join(''), { words: boxes.map(boxText).join('; ') });
}

const boxText = ({ label, n, least, low, middle, high, most }: Boxes['boxes'][number]): string =>
  `${label}, n ${n}: lowest ${pointText(least, 'percent')}, quartiles ${pointText(low, 'percent')} and ${pointText(high, 'percent')}, median ${pointText(middle, 'percent')}, highest ${pointText(most, 'percent')}`;

/** Between 8 and 40 bins of one width, with an edge at zero, so that gains and losses never share one. */
export function histogramChart({ title, values, format, fit }: Histogram): string {
  const [least, most] = [lowestOf([...values, 0]), highestOf([...values, 0])];
  if (least === most) return '';
  const step = niceStep((most - least) / Math.max(2, Math.min(10, Math.sqrt(values.length) / 1.6)));
  const [first, last] = [Math.floor(least / step + 1e-9), Math.ceil(most / step - 1e-9)];
  const counts = new Array<number>(Math.max(1, last - first)).fill(0);
  for (const value of values) {
    const index = Math.min(counts.length - 1, Math.max(0, Math.floor(value / step - first)));
    counts[index]! += 1;
  }
  const height = 170;
  const normal =
    fit === undefined
      ? undefined
      : (value: number) =>
          (values.length * step * Math.exp(-0.5 * ((value - fit.mean) / fit.deviation) ** 2)) / (fit.deviation * Math.sqrt(2 * Math.PI));
  const highest = Math.max(...counts, normal === undefined ? 0 : normal(fit!.mean));
  const x = (index: number) => LEFT + (index / counts.length) * (MINOR - LEFT - RIGHT);
  const y = (count: number) => TOP + (1 - count / highest) * (height - TOP - BOTTOM);
  const base = height - BOTTOM;
  const bars = counts.map((count, index) => {
    if (count === 0) return '';
    const from = (first + index) * step;
    const words = `${axisText(from, format, step)} to ${axisText(from + step, format, step)}: ${count}`;
    return `<rect x="${short(x(index) + 1)}" y="${short(y(count))}" width="${short(Math.max(1, x(1) - x(0) - 2))}" height="${short(base - y(count))}" fill="var(--${from < -step * 1e-9 ? 'bad' : 'good'})"><title>${words}</title></rect>`;
  });
  const every = Math.ceil(counts.length / 6);
  const labels = Array.from({ length: counts.length + 1 }, (_, index) =>
    (first + index) % every === 0
      ? `<text x="${short(x(index))}" y="${height - 6}" text-anchor="${index === counts.length ? 'end' : 'middle'}">${axisText((first + index) * step, format, step)}</text>`
      : '',
  );
  const grid = ticks(0, highest)
    .values.filter(Number.isInteger)
    .map(
      count =>
        `<path d="M${LEFT} ${short(y(count))}H${MINOR - RIGHT}" stroke="var(--line)"/><text x="${LEFT - 8}" y="${short(y(count) + 4)}" text-anchor="end">${count}</text>`,
    );
  const curve =
    normal === undefined
      ? ''
      : `<path d="${Array.from({ length: 81 }, (_, at) => {
          const place = (at / 80) * counts.length;
          return `${at === 0 ? 'M' : 'L'}${short(x(place))} ${short(y(normal((first + place) * step)))}`;
        }).join(
          '',
        )}" fill="none" stroke="var(--first)" stroke-width="1.8" stroke-dasharray="6 3"><title>normal distribution of the same mean and deviation</title></path>`;
  const words = `${counts.flatMap((count, index) => (count === 0 ? [] : [`${axisText((first + index) * step, format, step)} to ${axisText((first + index + 1) * step, format, step)}: ${count}`])).join(', ')}`;
  const legend =
    normal === undefined
      ? ''
      : '<p class="legend"><span><i style="background:var(--first)"></i>normal distribution of the same mean and deviation</span></p>';
  return figure(title, height, `${grid.join('')}${bars.join('')}${curve}${labels.join('')}`, { isMinor: true, words, legend });
}

const cellTone = (value: number, most: number): string =>
  value === 0 || most === 0
    ? 'fill="var(--line)"'
    : `fill="var(--${value > 0 ? 'good' : 'bad'})" fill-opacity="${(0.25 + 0.75 * Math.min(1, Math.abs(value) / most)).toFixed(2)}"`;

const DAY_MS = 86_400_000;
const weekdayOf = (date: string): number => (new Date(date).getUTCDay() + 6) % 7;
const mondayOf = (date: string): number => Date.parse(date) / DAY_MS - weekdayOf(date);

/** Weeks from left to right, Monday on top; a block for each year when there is more than one. Losses carry a dash, so that colour is not needed. */
export function calendarChart({ title, days }: Days): string {
  if (days.length < 2) return '';
  const sizes = days.map(({ value }) => Math.abs(value)).sort((a, b) => a - b);
  const most = sizes[Math.floor((sizes.length - 1) * 0.95)] ?? 0;
  const weeks = (mondayOf(days.at(-1)!.date) - mondayOf(days[0]!.date)) / 7 + 1;
  const isShort = weeks <= 54;
  const blocks = isShort
    ? [days]
    : [...new Set(days.map(({ date }) => date.slice(0, 4)))].map(year => days.filter(({ date }) => date.startsWith(year)));
  const cell = Math.max(15, Math.min(30, Math.floor((WIDTH - LEFT - RIGHT) / Math.min(54, weeks))));
  const parts: string[] = [];
  let top = 18;
  for (const own of blocks) {
    parts.push(calendarBlock(own, { top, cell, most }));
    if (!isShort) parts.push(`<text x="${LEFT - 8}" y="${top - 5}" text-anchor="end">${own[0]!.date.slice(0, 4)}</text>`);
    top += 7 * cell + 26;
  }
  return figure(title, top - 18, parts.join(''));
}

function calendarBlock(
  days: Days['days'],
  { top, cell, most }: { readonly top: number; readonly cell: number; readonly most: number },
): string {
  const start = mondayOf(days[0]!.date);
  const size = cell - 3;
  let labelledTo = -3;
  let month = '';
  const cells = days.map(({ date, value, text }) => {
    const column = (mondayOf(date) - start) / 7;
    const [left, y] = [LEFT + column * cell, top + weekdayOf(date) * cell];
    const isNew = date.slice(0, 7) !== month && column >= labelledTo + 2;
    if (isNew) {
      month = date.slice(0, 7);
      labelledTo = column;
    }
    const label = isNew ? `<text x="${left}" y="${top - 5}">${monthNames[Number(date.slice(5, 7)) - 1]}</text>` : '';
    const loss = value < 0 ? `<path d="M${left + size * 0.3} ${y + size / 2}h${size * 0.4}" stroke="var(--page)" stroke-width="2"/>` : '';
    return `${label}<rect x="${left}" y="${y}" width="${size}" height="${size}" rx="3" ${cellTone(value, most)}><title>${date}: ${escaped(text)}</title></rect>${loss}`;
  });
  const names = ['Mon', 'Wed', 'Fri'].map(
    (name, index) => `<text x="${LEFT - 8}" y="${top + index * 2 * cell + size / 2 + 4}" text-anchor="end">${name}</text>`,
  );
  return names.join('') + cells.join('');
}

const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A row a year, a column a month, and the year's own compounded return. */
export function monthTable({ title, months }: Months): string {
  const years = [...new Set(months.map(({ period }) => period.slice(0, 4)))].sort();
  const most = Math.max(...months.map(({ value }) => Math.abs(value)), 0);
  const percent = (value: number) => `${(value * 100).toFixed(1).replace('-', '−')}`;
  const cell = (value: number | undefined) => {
    if (value === undefined) return '<td class="n"></td>';
    const strength = most === 0 || value === 0 ? 0 : Math.round((0.12 + 0.4 * (Math.abs(value) / most)) * 100);
    return `<td class="n" style="background:color-mix(in srgb, var(--${value < 0 ? 'bad' : 'good'}) ${strength}%, transparent)">${percent(value)}</td>`;
  };
  const rows = years.map(year => {
    const own = monthNames.map(
      (_, index) => months.find(({ period }) => period === `${year}-${String(index + 1).padStart(2, '0')}`)?.value,
    );
    const whole = own.reduce<number>((growth, value) => growth * (1 + (value ?? 0)), 1) - 1;
    return `<tr><th scope="row">${year}</th>${own.map(cell).join('')}${cell(whole)}</tr>`;
  });
  const head = ['', ...monthNames, 'Year'].map((name, index) => `<th scope="col"${index > 0 ? ' class="n"' : ''}>${name}</th>`).join('');
  return `<h3>${escaped(title)}, %</h3><div class="wide"><table class="months"><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

/** For tables of Markdown: eight heights of a block a value. */
export function textLine(values: readonly number[], width = 60): string {
  if (values.length === 0) return '';
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const picked = Array.from(
    { length: Math.min(width, values.length) },
    (_, at) => values[Math.floor((at * values.length) / Math.min(width, values.length))]!,
  );
  return picked.map(value => '▁▂▃▄▅▆▇█'[high === low ? 3 : Math.round(((value - low) / (high - low)) * 7)]).join('');
}

export const pointText = (value: number, format: Format): string =>
  format === 'money'
    ? moneyText(String(value))
    : format === 'percent'
      ? `${(value * 100).toFixed(2).replace('-', '−')} %`
      : format === 'growth'
        ? `${value.toFixed(3)} ×`
        : value.toFixed(2).replace('-', '−');
