/** Equity, P&L and drawdown from the strategies' own history: right at every zoom, where CloudWatch's statistics would hide a loss. */
import { type CalendarReference, calendarOf } from '../../core/calendar/calendar.ts';
import { moneyText } from '../../core/incidents/quantity-text.ts';
import {
  bucketLength,
  type HistoryPoint,
  type LedgerDays,
  type Mark,
  MINUTE_MS,
  type Resolution,
  resolutionFor,
  type Stat,
} from '../../core/ledger/history.ts';
import { type ChartLine, type ChartMark, drawChart, legend, type Pane } from './chart.ts';
import { type Html, html, nothing } from './html.ts';
import { pageButtons } from './incident-list.ts';
import { clockText } from './request.ts';
import { pageOf, type Shown } from './shown.ts';

/** Lines that can be told apart on one chart. */
const LINES = 8;
const LEGEND_HEIGHT = 46;

interface Traced {
  readonly id: string;
  readonly place: number;
  readonly currency: string | undefined;
  readonly points: readonly TracedPoint[];
}

/** A day of the ledger stands until the next, over weekends and holidays. */
type TracedPoint = HistoryPoint & { readonly holdsMs?: number };
const DAY_HOLDS_MS = 5 * bucketLength.days;

export async function curve(shown: Shown): Promise<Html> {
  const { request, nowMs, history, config } = shown;
  const { rows: strategies, page, pages } = pageOf(request.strategies, request.page, LINES);
  const ids = strategies.map(({ id }) => id);
  const resolution = resolutionFor(request.fromMs, request.toMs, nowMs);
  const [points, days, marks] = await Promise.all([
    history.read({ strategyIds: ids, resolution, fromMs: request.fromMs, toMs: request.toMs }),
    history.readDays(ids),
    history.readMarks(ids),
  ]);
  const places = config.bots.flatMap(bot => bot.strategies.map(({ id }) => id));
  const traced = strategies
    .map(({ id, calendar, currency }): Traced => {
      const ledger = days.get(id);
      const own = points.get(id) ?? [];
      return {
        id,
        place: places.indexOf(id),
        currency: ledger?.currency ?? currency,
        points: ledger === undefined ? own : withPast(own, ledger, calendar, request),
      };
    })
    .filter(({ points: own }) => own.length > 0);
  if (traced.length === 0) return html`<p class="nd-note">Nothing is known of these strategies in this time range.</p>`;
  const lone = traced.length === 1 ? traced[0] : undefined;
  const panes = lone === undefined ? several(traced) : alone(lone);
  const chart = drawChart({
    panes,
    marks: [...deploys(marks), ...(lone === undefined ? [] : sessions(lone.id, shown))],
    fromMs: request.fromMs,
    toMs: request.toMs,
    width: request.width - 10,
    height: Math.max(200, request.height - LEGEND_HEIGHT - 40),
    theme: request.theme,
    time: at => clockText(at, request, request.toMs - request.fromMs > 20 * 86_400_000 ? 'day' : 'minute'),
    gapMs: gaps[resolution],
  });
  const rows = traced.map(each => ({ label: each.id, place: each.place, text: summary(each) }));
  const pager = pages === 1 ? nothing : pageButtons(page, pages, { widget: 'curve', ...request.parameters }, request.endpoint);
  return html`${chart}${legend(rows)}${pager}`;
}

/** Longest time between two points of one line: a few missed sweeps, half a night at the zoom of a month, days on which a market is closed. */
const gaps: Readonly<Record<Resolution, number>> = {
  minutes: 20 * MINUTE_MS,
  hours: 4.5 * bucketLength.hours,
  days: 15 * bucketLength.days,
};

/** Days of the ledger stand in for the time before anybody recorded. */
function withPast(
  own: readonly HistoryPoint[],
  ledger: LedgerDays,
  reference: CalendarReference,
  { fromMs, toMs }: Shown['request'],
): readonly TracedPoint[] {
  const firstMs = own[0]?.at ?? Number.POSITIVE_INFINITY;
  const calendar = calendarOf(reference);
  const capital = ledger.capital === undefined ? undefined : Number(ledger.capital);
  const before = ledger.days.flatMap(([day, pnl, flows]): readonly TracedPoint[] => {
    const at = calendar.endOf(day) - 1;
    if (pnl === null || at < fromMs || at >= Math.min(firstMs, toMs)) return [];
    const gain = Number(pnl);
    const equity = capital === undefined || flows === null ? undefined : capital + Number(flows) + gain;
    return [{ at, holdsMs: DAY_HOLDS_MS, pnl: flat(gain), ...(equity === undefined ? {} : { equity: flat(equity) }) }];
  });
  return [...withDrawdown(before.map((point, at) => (at === before.length - 1 ? lastOfPast(point) : point))), ...own];
}

/** Nobody has measured between the last day and the first minute: no line joins them. */
function lastOfPast({ holdsMs: _, ...point }: TracedPoint): TracedPoint {
  return point;
}

const flat = (value: number): Stat => [value, value, value];

/** What the past lacks: the fall below the highest day so far. */
function withDrawdown(points: readonly TracedPoint[]): readonly TracedPoint[] {
  let peak = 0;
  return points.map(point => {
    const equity = point.equity?.[0];
    if (equity === undefined) return point;
    peak = Math.max(peak, equity);
    return peak > 0 ? { ...point, drawdown: Math.max(0, (peak - equity) / peak) } : point;
  });
}

function alone({ id, place, points, currency }: Traced): readonly Pane[] {
  const hasEquity = points.some(({ equity }) => equity !== undefined);
  const main = lineOf(id, place, points, ({ equity, pnl }) => (hasEquity ? equity : pnl));
  return [
    {
      title: `${hasEquity ? 'Equity' : 'P&L since the beginning'} (${currency ?? 'money'}, last with minimum and maximum)`,
      lines: [main],
      weight: 5,
      format: shortMoney,
    },
    ...(hasEquity
      ? [
          {
            title: `P&L since the start of the range (${currency ?? 'money'})`,
            lines: [rebased(id, place, points)],
            weight: 3,
            format: shortMoney,
          },
        ]
      : []),
    underWater([lineOf(id, place, points, below)]),
  ];
}

function several(traced: readonly Traced[]): readonly Pane[] {
  const currencies = new Set(traced.map(({ currency }) => currency ?? 'money'));
  const unit = currencies.size === 1 ? [...currencies][0]! : 'each in its currency';
  return [
    {
      title: `P&L since the start of the range (${unit}, last with minimum and maximum)`,
      lines: traced.map(({ id, place, points }) => rebased(id, place, points)),
      weight: 6,
      format: shortMoney,
    },
    underWater(traced.map(({ id, place, points }) => lineOf(id, place, points, below))),
  ];
}

const underWater = (lines: readonly ChartLine[]): Pane => ({
  title: 'Drawdown under water (% of the peak, deepest)',
  lines,
  weight: 3,
  holdsZero: true,
  format: value => `${Number(value.toPrecision(3))} %`,
});

const below = ({ drawdown }: HistoryPoint): Stat | undefined =>
  drawdown === undefined ? undefined : flat(drawdown === 0 ? 0 : -100 * drawdown);

const lineOf = (
  label: string,
  place: number,
  points: readonly TracedPoint[],
  read: (point: HistoryPoint) => Stat | undefined,
): ChartLine => ({
  label,
  place,
  points: points.flatMap(point => {
    const value = read(point);
    const holds = point.holdsMs === undefined ? {} : { holdsMs: point.holdsMs };
    return value === undefined ? [] : [{ at: point.at, value, ...holds }];
  }),
});

function rebased(label: string, place: number, points: readonly TracedPoint[]): ChartLine {
  const base = points.find(({ pnl }) => pnl !== undefined)?.pnl?.[0] ?? 0;
  return lineOf(label, place, points, ({ pnl }) => (pnl === undefined ? undefined : [pnl[0] - base, pnl[1] - base, pnl[2] - base]));
}

function summary({ points, currency }: Traced): string {
  const last = points.at(-1)!;
  const first = points.find(({ pnl }) => pnl !== undefined);
  const gain = first === undefined || last.pnl === undefined ? undefined : last.pnl[0] - first.pnl![0];
  const deepest = points.reduce((most, { drawdown = 0 }) => Math.max(most, drawdown), 0);
  return [
    ...(last.equity === undefined ? [] : [`equity ${moneyText(last.equity[0], currency)}`]),
    ...(gain === undefined ? [] : [`${gain >= 0 ? '+' : ''}${moneyText(gain, undefined)}`]),
    `deepest −${(100 * deepest).toFixed(2)} %`,
  ].join(' · ');
}

/** `12.3k`: axes have little room. */
function shortMoney(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9) return `${Number((value / 1e9).toPrecision(4))}bn`;
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(4))}m`;
  return size >= 1e4 ? `${Number((value / 1e3).toPrecision(4))}k` : String(Number(value.toPrecision(5)));
}

const deploys = (marks: ReadonlyMap<string, readonly Mark[]>): readonly ChartMark[] =>
  [...marks].flatMap(([id, own]) =>
    own.map(
      ([at, action, actor, reason]): ChartMark => ({ at, kind: 'deploy', label: `${id}: ${action} by ${actor}: ${reason}`.slice(0, 300) }),
    ),
  );

const MOST_SESSIONS = 12;

/** Opens and closes of the strategy's market, while they are few; a market that never closes has none. */
function sessions(id: string, { request, config }: Shown): readonly ChartMark[] {
  const strategy = config.bots.flatMap(bot => bot.strategies).find(each => each.id === id);
  if (strategy === undefined || strategy.calendar === '24x7') return [];
  const calendar = calendarOf(strategy.calendar);
  const years = [...new Set([new Date(request.fromMs).getUTCFullYear(), new Date(request.toMs).getUTCFullYear()])];
  const within = years
    .flatMap(year => calendar.sessionsOf(year))
    .filter(({ openMs, closeMs }) => closeMs > request.fromMs && openMs < request.toMs);
  if (within.length > MOST_SESSIONS) return [];
  return within.flatMap(({ openMs, closeMs }): readonly ChartMark[] => [
    { at: openMs, kind: 'session', label: `${calendar.name} opens` },
    { at: closeMs, kind: 'session', label: `${calendar.name} closes` },
  ]);
}
