/** Strategies: positions, results, ratios, orders. */
import type { StrategyHead } from '../../adapters/aws/strategy-store.ts';
import { limitValue } from '../../core/catalogue/metric.ts';
import { durationText, moneyText } from '../../core/incidents/quantity-text.ts';
import { gaugesAt, netOf, type ResultText } from '../../core/ledger/view.ts';
import { toApproximate } from '../../core/money/decimal.ts';
import { type Html, html, nothing, number, table } from './html.ts';
import { pageButtons } from './incident-list.ts';
import { clockText } from './request.ts';
import { pageOf, readHeads, type Shown } from './shown.ts';
import { colours } from './style.ts';

const none = '–';
const POSITIONS = 25;

/** Open positions, the largest unrealized loss of each strategy first, against the strategy's limit. */
export async function positionTable(shown: Shown): Promise<Html> {
  const { request, nowMs } = shown;
  // Each position has a venue of its own, whatever the config says of its strategy.
  const heads = await readHeads({ ...shown, request: { ...request, strategies: request.anywhere } });
  const usual = new Map(request.anywhere.map(({ id, venue }) => [id, venue]));
  const all = heads
    .flatMap(({ strategyId, view }) =>
      (view?.positions ?? []).map(position => ({ strategyId, position, venue: position.venue ?? view?.venue ?? usual.get(strategyId) })),
    )
    .filter(({ venue }) => request.venue === undefined || venue === request.venue);
  const { rows, page, pages } = pageOf(all, request.page, POSITIONS);
  const limits = new Map(request.anywhere.map(({ id, limits: { positionQty } }) => [id, positionQty]));
  const cells = rows.map(({ strategyId, position }) => {
    const { instrumentId, venue, qty, avgPx, markPx, unrealizedPnl, currency, markedAtMs } = position;
    const limit = limits.get(strategyId);
    const used = limit === undefined ? undefined : Math.abs(Number(qty)) / Number(limit);
    return [
      strategyId,
      venue === undefined ? instrumentId : `${instrumentId} (${venue})`,
      number(qty),
      number(used === undefined || !Number.isFinite(used) ? none : `${(100 * used).toFixed(0)} % of ${limit}`),
      number(avgPx ?? none),
      number(markPx ?? none),
      unrealizedPnl === undefined
        ? number(none)
        : signed(`${unrealizedPnl}${currency === undefined ? '' : ` ${currency}`}`, Number(unrealizedPnl)),
      markedAtMs === undefined ? 'no mark' : durationText((nowMs - markedAtMs) / 1000),
    ];
  });
  const columns = ['Strategy', 'Instrument', 'Quantity', 'Of its limit', 'Average price', 'Mark', 'Unrealized', 'Mark age'];
  const pager = pages === 1 ? nothing : pageButtons(page, pages, { widget: 'positions', ...request.parameters }, request.endpoint);
  const count = html`<p class="nd-note">${all.length === 1 ? '1 open position' : `${all.length} open positions`}</p>`;
  return html`${table(columns, cells, 'No open positions.')}${all.length === 0 ? nothing : count}${pager}`;
}

/** Gains and losses differ by sign first, and by colour as well. */
function signed(text: string, value: number): Html {
  return html`<span class="nd-number ${value < 0 ? 'nd-bad' : value > 0 ? 'nd-good' : ''}">${value > 0 ? '+' : ''}${text}</span>`;
}

const money = (value: number | undefined): Html => (value === undefined ? number(none) : signed(moneyText(value, undefined), value));
const amount = (value: number | undefined): Html => number(value === undefined ? none : moneyText(value, undefined));

/** How each result comes about: gross, less fees, plus funding, is net; with unrealized and capital, equity. */
export async function resultTable(shown: Shown): Promise<Html> {
  const { nowMs } = shown;
  const rows = (await readHeads(shown)).map(({ strategyId, view, pulse }) => {
    const { grossPnl, fees, funding, netPnl, unrealizedPnl, equity, sessionPnl } = view?.gauges ?? {};
    return [
      nameOf({ strategyId, version: 0, ...(view === undefined ? {} : { view }) }),
      view?.currency ?? none,
      money(grossPnl),
      money(fees === undefined ? undefined : 0 - fees),
      money(funding),
      money(netPnl),
      money(unrealizedPnl),
      amount(equity),
      money(sessionPnl),
      pulse?.lastEventMs === undefined ? 'never heard' : `${durationText((nowMs - pulse.lastEventMs) / 1000)} ago`,
    ];
  });
  const columns = ['Strategy', 'Currency', 'Gross', '→ fees', '→ funding', '→ net', 'Unrealized', '→ equity', 'Session', 'Last heard'];
  return table(columns, rows, 'No strategies.');
}

/** A strategy whose numbers lack something says so wherever they stand. */
const nameOf = ({ strategyId, view }: StrategyHead): string => (view?.gauges.incomplete === 1 ? `${strategyId} (incomplete)` : strategyId);

/** Rows of a page. A strategy and its instruments stay together, and may be some more. */
const ATTRIBUTED = 40;

/** Each strategy's result, the sum of all of one currency, and below a strategy what each instrument brought to it. */
export async function attribution(shown: Shown): Promise<Html> {
  const heads = await readHeads(shown);
  const totals = totalRows(heads);
  const groups: readonly RowGroup[] = [...heads.map(attributed), { size: totals.length, draw: () => totals }];
  const { rows: drawn, page, pages } = pageOf(inPages(groups), shown.request.page, 1);
  const rows = drawn.flat().flatMap(({ draw }) => draw());
  const pager =
    pages === 1 ? nothing : pageButtons(page, pages, { widget: 'attribution', ...shown.request.parameters }, shown.request.endpoint);
  const columns = ['Strategy, instrument', 'Currency', 'Gross', 'Fees', 'Funding', 'Net', 'Unrealized'];
  const note = html`<p class="nd-note">In the strategy’s currency since the beginning; a fee paid is negative, and net is the sum of gross, fees and funding. The rows below a strategy add up to its own. “–” lacks a conversion rate.</p>`;
  return html`${table(columns, rows, 'No strategies.')}${heads.map(sinceNote(shown))}${note}${pager}`;
}

type Cells = readonly (string | Html)[];

/** Rows that stay together; drawn only when their page is shown. */
interface RowGroup {
  readonly size: number;
  readonly draw: () => readonly Cells[];
}

/** As many groups of rows a page as fit, in order. */
function inPages(groups: readonly RowGroup[]): readonly (readonly RowGroup[])[] {
  const pages: RowGroup[][] = [];
  let filled = 0;
  for (const group of groups) {
    const last = pages.at(-1);
    if (last !== undefined && filled + group.size <= ATTRIBUTED) {
      last.push(group);
      filled += group.size;
    } else {
      pages.push([group]);
      filled = group.size;
    }
  }
  return pages;
}

function attributed(head: StrategyHead): RowGroup {
  const { instruments = [], others, account } = head.view?.attribution ?? {};
  return {
    size: 1 + instruments.length + (others === undefined ? 0 : 1) + (account === undefined ? 0 : 1),
    draw: () => attributedRows(head),
  };
}

function attributedRows(head: StrategyHead): readonly Cells[] {
  const { view } = head;
  const { grossPnl, fees, funding, netPnl, unrealizedPnl } = view?.gauges ?? {};
  const own = [
    html`<strong>${nameOf(head)}</strong>`,
    view?.currency ?? none,
    ...moneyCells([grossPnl, fees, funding, netPnl, unrealizedPnl]),
  ];
  const { instruments = [], others, account, sinceMs } = view?.attribution ?? {};
  const below = (name: string, result: ResultText): Cells => {
    const [gross, paid, received, unrealized, missing] = result;
    const net = netOf(result);
    const number = (text: string | null) => (text === null ? undefined : Number(text));
    const lacking = missing === undefined ? '' : ` (${missing} without a rate)`;
    return [
      html`<span class="nd-muted">&nbsp;&nbsp;${name}${lacking}</span>`,
      '',
      ...moneyCells([number(gross), number(paid), number(received), net && toApproximate(net), number(unrealized)]),
    ];
  };
  return [
    own,
    ...instruments.map(([instrumentId, ...result]) => below(instrumentId.slice(0, 60), result)),
    ...(others === undefined ? [] : [below(`${others[0]} other instruments`, others.slice(1) as unknown as ResultText)]),
    ...(account === undefined ? [] : [below(sinceMs === undefined ? 'account, no instrument' : 'account, and all before', account)]),
  ];
}

/** Fees are shown as what they take away. */
const moneyCells = ([gross, fees, ...rest]: readonly (number | undefined)[]): readonly Html[] =>
  [gross, fees === undefined ? undefined : 0 - fees, ...rest].map(money);

/** Strategies of one currency as one, when there are several: a figure that one of them lacks has no sum. */
function totalRows(heads: readonly StrategyHead[]): readonly Cells[] {
  const currencies = [...new Set(heads.flatMap(({ view }) => view?.currency ?? []))].sort();
  return currencies.flatMap(currency => {
    const all = heads.flatMap(({ view }) => (view?.currency === currency ? [view.gauges] : []));
    if (all.length < 2) return [];
    const sums = (['grossPnl', 'fees', 'funding', 'netPnl', 'unrealizedPnl'] as const).map(name =>
      all.reduce<number | undefined>((sum, gauges) => {
        const value = gauges[name];
        return sum === undefined || value === undefined ? undefined : sum + value;
      }, 0),
    );
    return [[html`<strong>All ${all.length} strategies</strong>`, currency, ...moneyCells(sums)]];
  });
}

/** A strategy whose instruments have their share only from some instant on says so, and what mends it. */
const sinceNote =
  ({ request }: Shown) =>
  ({ strategyId, view }: StrategyHead): Html => {
    const attribution = view?.attribution;
    if (view !== undefined && attribution === undefined)
      return html`<p class="nd-note">${strategyId}: by instrument from its next event on.</p>`;
    if (attribution?.sinceMs === undefined) return nothing;
    return html`<p class="nd-note">${strategyId}: by instrument since ${clockText(attribution.sinceMs, request, 'full')}; what was before stands with the account until <code>nightdesk rebuild</code>.</p>`;
  };

const drawdownLimit = { config: 'drawdown' } as const;

/** Sharpe, drawdown against its limit, and win rate as bars, with the number that each rests on. */
export async function scores(shown: Shown): Promise<Html> {
  const { request, nowMs } = shown;
  const heads = await readHeads(shown);
  const limits = new Map(request.strategies.map(({ id, limits: own }) => [id, limitValue(drawdownLimit, { limits: own })]));
  const { rows, page, pages } = pageOf(heads, request.page, 6);
  const cards = rows.map(head => {
    const gauges = head.view === undefined ? {} : gaugesAt(head.view, nowMs);
    const { sharpe, sortino, drawdown, maxDrawdown, winRate, returnCount = 0, tradeCount = 0, fillRate } = gauges;
    const limit = limits.get(head.strategyId) ?? 1;
    const percent = (value: number | undefined) => (value === undefined ? none : `${(100 * value).toFixed(1)} %`);
    return html`<div class="nd-card"><h4>${nameOf(head)}</h4>${[
      gauge(
        'Sharpe',
        sharpe === undefined ? none : sharpe.toFixed(2),
        `N ${returnCount} days`,
        sharpe === undefined ? undefined : (sharpe + 1) / 4,
        false,
      ),
      gauge(
        'Drawdown',
        percent(drawdown),
        `limit ${percent(limit)}, deepest ${percent(maxDrawdown)}`,
        drawdown === undefined ? undefined : drawdown / limit,
        true,
      ),
      gauge('Win rate', percent(winRate), `N ${tradeCount} trades`, winRate, false),
    ]}<div class="nd-muted">Sortino ${sortino === undefined ? none : sortino.toFixed(2)}, fill rate ${percent(fillRate)}</div></div>`;
  });
  const pager = pages === 1 ? nothing : pageButtons(page, pages, { widget: 'scores', ...request.parameters }, request.endpoint);
  return cards.length === 0 ? html`<p class="nd-note">No strategies.</p>` : html`<div class="nd-row">${cards}</div>${pager}`;

  /** A bar that is full at the limit, where more is worse; else at what is very good. */
  function gauge(name: string, value: string, note: string, share: number | undefined, isLoss: boolean): Html {
    const { line, good, bad, lights } = colours[request.theme];
    const filled = share === undefined ? 0 : Math.max(0, Math.min(1, share));
    const colour = !isLoss ? good : filled >= 1 ? bad : filled >= 0.75 ? lights.yellow : good;
    return html`<div><span>${name} <strong>${value}</strong></span> <span class="nd-muted">${note}</span><svg viewBox="0 0 200 8" width="100%" height="8" preserveAspectRatio="none" role="img" aria-label="${name} ${value}, ${note}"><rect x="0" y="1" width="200" height="6" rx="3" fill="${line}"></rect><rect x="0" y="1" width="${Math.round(200 * filled)}" height="6" rx="3" fill="${colour}"></rect></svg></div>`;
  }
}
