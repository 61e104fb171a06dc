/** Orders: new, acknowledged, filled, rejected in the dashboard's time range, from the counts that the sweep keeps. */
import { bucketLength, type CountedOrders, orderKinds, resolutionFor } from '../../core/ledger/history.ts';
import { type Html, html, number, table } from './html.ts';
import { clockText } from './request.ts';
import { readHeads, type Shown } from './shown.ts';
import { colours } from './style.ts';

/** How far before the range its first count may lie: a few missed sweeps. */
const LOOK_BACK = 25;
/** A range that ends this close to now ends now. */
const NOW_MS = 90_000;

interface Counted {
  readonly orders: CountedOrders;
  /** Time from which on they count. */
  readonly sinceMs: number;
}

const none = '–';

/** What happened to orders of all strategies shown within the range, or since they began to be counted. */
export async function funnel(shown: Shown): Promise<Html> {
  const { request, nowMs } = shown;
  const heads = (await readHeads(shown)).filter(({ view }) => view?.orders !== undefined);
  if (heads.length === 0) return html`<p class="nd-note">No order was reported yet.</p>`;
  const ids = heads.map(({ strategyId }) => strategyId);
  const ends = request.toMs >= nowMs - NOW_MS ? undefined : await countsBefore(shown, ids, request.toMs);
  const starts = await countsBefore(shown, ids, request.fromMs);
  const missing = ids.filter(id => !starts.has(id));
  const later = missing.length === 0 ? new Map<string, At>() : await firstCounts(shown, missing);
  const counted = heads.flatMap(({ strategyId, view }): readonly Counted[] => {
    const end = ends === undefined ? view?.orders : ends.get(strategyId)?.orders;
    const start = starts.get(strategyId) ?? later.get(strategyId);
    return start === undefined || end === undefined ? [] : [{ orders: difference(end, start.orders), sinceMs: start.at }];
  });
  if (counted.length > 0)
    return html`${orderTable(
      counted.map(({ orders }) => orders),
      shown,
    )}${rangeNote(counted, heads.length, shown)}`;
  if (ends !== undefined) return html`<p class="nd-note">Orders were not counted in this time range.</p>`;
  const whole = heads.flatMap(({ view }) => view?.orders ?? []);
  return html`${orderTable(whole, shown)}<p class="nd-note">Since the beginning: nothing was counted in this time range yet.</p>`;
}

interface At {
  readonly at: number;
  readonly orders: CountedOrders;
}

/** The newest count of each strategy that is not after `toMs`, from shortly before it. */
async function countsBefore(shown: Shown, strategyIds: readonly string[], toMs: number): Promise<ReadonlyMap<string, At>> {
  const resolution = resolutionFor(Math.min(toMs, shown.request.fromMs), shown.request.toMs, shown.nowMs);
  const bucketMs = bucketLength[resolution];
  const points = await shown.history.read({
    strategyIds,
    resolution,
    fromMs: toMs - LOOK_BACK * bucketMs,
    toMs: toMs + 1,
    isCounted: true,
  });
  return new Map(
    [...points].flatMap(([id, own]) => {
      // A minute is counted at its sweep; a longer bucket when it is over.
      const known = own.findLast(({ at, orders }) => orders !== undefined && at + (resolution === 'minutes' ? 0 : bucketMs) <= toMs);
      return known?.orders === undefined ? [] : [[id, { at: known.at + (resolution === 'minutes' ? 0 : bucketMs), orders: known.orders }]];
    }),
  );
}

/** The first count within the range, of strategies that have none before it. */
async function firstCounts({ history, request, nowMs }: Shown, strategyIds: readonly string[]): Promise<ReadonlyMap<string, At>> {
  const { fromMs, toMs } = request;
  const resolution = resolutionFor(fromMs, toMs, nowMs);
  const points = await history.read({ strategyIds, resolution, fromMs, toMs, isCounted: true });
  const endOf = (at: number) => at + (resolution === 'minutes' ? 0 : bucketLength[resolution]);
  return new Map(
    [...points].flatMap(([id, own]) => {
      const first = own.find(({ at, orders }) => orders !== undefined && endOf(at) <= toMs);
      return first?.orders === undefined ? [] : [[id, { at: endOf(first.at), orders: first.orders }]];
    }),
  );
}

/** Never below zero: a rebuild may have counted anew. */
const difference = (end: CountedOrders, start: CountedOrders): CountedOrders =>
  Object.fromEntries(orderKinds.map(kind => [kind, Math.max(0, end[kind] - start[kind])])) as CountedOrders;

function orderTable(counts: readonly CountedOrders[], { request }: Shown): Html {
  const total = (kind: keyof CountedOrders) => counts.reduce((sum, orders) => sum + orders[kind], 0);
  const submitted = total('submitted');
  const steps = [
    ['New', submitted, 'reported by the bots'],
    ['Acknowledged', total('accepted'), 'taken by a venue'],
    ['Filled', total('filledWhole'), 'whole'],
    ['Partly filled', total('filledPartly'), 'then ended'],
    ['Rejected', total('rejected'), 'by a venue'],
    ['Denied', total('denied'), 'by the bot’s own checks'],
  ] as const;
  const { good, bad, line } = colours[request.theme];
  const rows = steps.map(([name, count, note]) => {
    const share = submitted === 0 ? 0 : count / submitted;
    const colour = name === 'Rejected' || name === 'Denied' ? bad : good;
    const bar = html`<svg viewBox="0 0 200 12" width="110" height="12" preserveAspectRatio="none" aria-hidden="true"><rect x="0" y="0" width="200" height="12" rx="2" fill="${line}" fill-opacity="0.5"></rect><rect x="0" y="0" width="${Math.round(200 * Math.min(1, share))}" height="12" rx="2" fill="${colour}"></rect></svg>`;
    return [
      html`<span title="${note}">${name}</span>`,
      bar,
      number(count.toLocaleString('en-US')),
      number(submitted === 0 ? none : `${(100 * share).toFixed(1)} %`),
    ];
  });
  return table(['Orders', '', 'Count', 'Of new'], rows, '');
}

/** What range the counts are of, and which strategies are counted otherwise. */
function rangeNote(counted: readonly Counted[], strategies: number, { request, nowMs }: Shown): Html {
  const since = counted.map(({ sinceMs }) => sinceMs);
  const [first, last] = [Math.min(...since), Math.max(...since)];
  const to = request.toMs >= nowMs - NOW_MS ? 'now' : clockText(request.toMs, request);
  const some =
    last > Math.max(first, request.fromMs) + LATE_MS
      ? ` Some strategies only from ${clockText(last, request)}, when they were first counted.`
      : '';
  const none = counted.length < strategies ? ` ${strategies - counted.length} not counted in this range.` : '';
  return html`<p class="nd-note">From ${clockText(first, request)} to ${to}: what happened then, to older orders as well.${some}${none}</p>`;
}

/** Counts are kept every tenth minute. */
const LATE_MS = 20 * 60_000;
