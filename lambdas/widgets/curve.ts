/** Equity, P&L and drawdown from the strategies' own history: right at every zoom, where CloudWatch's statistics would hide a loss. */
import { type CalendarReference, calendarOf } from '../../core/calendar/calendar.ts';
import { type TickUnit, tickText } from '../../core/chart/tick-text.ts';
import { moneyText } from '../../core/incidents/quantity-text.ts';
import {
  bucketLength,
  type HistoryPoint,
  LEDGER_DAYS,
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
  /** Net and unrealized P&L at the start of the range, since the beginning; undefined where it is not known. */
  readonly before: number | undefined;
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
    history.read({ strategyIds: ids, resolution, fromMs: request.fromMs - gaps[resolution], toMs: request.toMs }),
    history.readDays(ids),
    history.readMarks(ids),
  ]);
  const places = config.bots.flatMap(bot => bot.strategies.map(({ id }) => id));
  const traced = strategies
    .map(({ id, calendar, currency }): Traced => {
      const ledger = days.get(id);
      const all = points.get(id) ?? [];
      const isEarlier = (point: HistoryPoint) => point.at + bucketLength[resolution] <= request.fromMs;
      const own = all.filter(point => !isEarlier(point));
      const past = ledger === undefined ? [] : pastOf(ledger, calendar);
      const drawn = withPast(own, past, request);
      const recorded = all.findLast(point => isEarlier(point) && point.pnl !== undefined)?.pnl?.[0];
      return {
        id,
        place: places.indexOf(id),
        currency: ledger?.currency ?? currency,
        points: drawn,
        before: recorded ?? valueAt(request.fromMs, past, drawn),
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

/** A day of the ledger, at its end. */
interface PastDay {
  readonly at: number;
  readonly pnl: number | undefined;
  readonly equity: number | undefined;
  readonly drawdown: number | undefined;
  /** The first of all, before which there was nothing. */
  readonly isFirst: boolean;
}

/**
 * Trading days as the ledger has them, with the fall below the highest of all days so far: from the capital on, and without flows, as the ledger's own
 * drawdown is. A day whose value is not known ends what is known of the fall.
 */
function pastOf({ capital: text, days }: LedgerDays, reference: CalendarReference): readonly PastDay[] {
  const calendar = calendarOf(reference);
  const capital = text === undefined ? undefined : Number(text);
  let before = capital === undefined || !(capital > 0) ? undefined : { equity: capital, flows: 0, growth: 1, peak: 1 };
  return days.map(([day, pnl, flows], index): PastDay => {
    const equity = capital === undefined || pnl === null || flows === null ? undefined : capital + Number(flows) + Number(pnl);
    if (before !== undefined) before = equity === undefined || before.equity <= 0 ? undefined : grown(before, equity, Number(flows));
    return {
      at: calendar.endOf(day) - 1,
      pnl: pnl === null ? undefined : Number(pnl),
      equity,
      drawdown: before === undefined ? undefined : Math.max(0, 1 - before.growth / before.peak),
      isFirst: index === 0 && days.length < LEDGER_DAYS,
    };
  });
}

interface Growth {
  readonly equity: number;
  readonly flows: number;
  readonly growth: number;
  readonly peak: number;
}

function grown(before: Growth, equity: number, flows: number): Growth {
  const growth = before.growth * ((equity - (flows - before.flows)) / before.equity);
  return { equity, flows, growth, peak: Math.max(before.peak, growth) };
}

/** Days of the ledger stand in for the time before anybody recorded. */
function withPast(own: readonly HistoryPoint[], past: readonly PastDay[], { fromMs, toMs }: Shown['request']): readonly TracedPoint[] {
  const end = Math.min(own[0]?.at ?? Number.POSITIVE_INFINITY, toMs);
  const points = past
    .filter(({ at, pnl }) => pnl !== undefined && at >= fromMs && at < end)
    .map(
      ({ at, pnl, equity, drawdown }): TracedPoint => ({
        at,
        holdsMs: DAY_HOLDS_MS,
        pnl: flat(pnl ?? 0),
        ...(equity === undefined ? {} : { equity: flat(equity) }),
        ...(drawdown === undefined ? {} : { drawdown }),
      }),
    );
  return [...points.map((point, at) => (at === points.length - 1 ? lastOfPast(point) : point)), ...own];
}

/** Nobody has measured between the last day and the first minute: no line joins them. */
function lastOfPast({ holdsMs: _, ...point }: TracedPoint): TracedPoint {
  return point;
}

const flat = (value: number): Stat => [value, value, value];

/**
 * P&L since the beginning at the start of a range that nobody recorded: nothing where the strategy began in it, else the ledger's last day before it,
 * when that is nearer than the first value within. Undefined leaves the first value within.
 */
function valueAt(fromMs: number, past: readonly PastDay[], drawn: readonly TracedPoint[]): number | undefined {
  const last = past.findLast(({ at }) => at < fromMs);
  if (last === undefined) return past[0]?.isFirst === true ? 0 : undefined;
  const firstMs = drawn[0]?.at ?? Number.POSITIVE_INFINITY;
  return fromMs - last.at <= firstMs - fromMs ? last.pnl : undefined;
}

function alone(traced: Traced): readonly Pane[] {
  const { id, place, points, currency } = traced;
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
            lines: [rebased(traced)],
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
      lines: traced.map(rebased),
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
  format: (value, step) => `${tickText(value, step, [])} %`,
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

/** What is taken from all values, so that they count from the start of the range. */
const baseOf = ({ before, points }: Traced): number | undefined => before ?? points.find(({ pnl }) => pnl !== undefined)?.pnl?.[0];

function rebased(traced: Traced): ChartLine {
  const base = baseOf(traced) ?? 0;
  const { id, place, points } = traced;
  return lineOf(id, place, points, ({ pnl }) => (pnl === undefined ? undefined : [pnl[0] - base, pnl[1] - base, pnl[2] - base]));
}

function summary(traced: Traced): string {
  const { points, currency } = traced;
  const last = points.at(-1)!;
  const base = baseOf(traced);
  const gain = base === undefined || last.pnl === undefined ? undefined : last.pnl[0] - base;
  const deepest = points.reduce((most, { drawdown = 0 }) => Math.max(most, drawdown), 0);
  return [
    ...(last.equity === undefined ? [] : [`equity ${moneyText(last.equity[0], currency)}`]),
    ...(gain === undefined ? [] : [`${gain >= 0 ? '+' : ''}${moneyText(gain, undefined)}`]),
    `deepest −${(100 * deepest).toFixed(2)} %`,
  ].join(' · ');
}

/** Axes have little room. */
const shortMoney = (value: number, step: number): string => tickText(value, step, moneyUnits, 10);

const moneyUnits: readonly TickUnit[] = [
  [1e9, 1e9, 'bn'],
  [1e6, 1e6, 'm'],
  [1e4, 1e3, 'k'],
];

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
