/** How well orders are executed, from the ledger's order book. Kept in the table but for what has an alarm on it. */
import type { StrategyGauges } from '../ledger/gauges.ts';
import { type Metric, metric } from './metric.ts';
import type { Unit } from './unit.ts';

interface Figure<U extends Unit> {
  readonly title: string;
  readonly means: string;
  readonly definition: string;
  readonly formula: string;
  readonly interpretation: string;
  readonly unit: U;
  readonly gauge: keyof StrategyGauges;
  /** Why it has no alarm. */
  readonly because: string;
}

/** A figure that is read beside others, and wakes nobody by itself. */
const figure = <const U extends Unit>({ gauge, because, ...prose }: Figure<U>): Metric<U> =>
  metric<U>({
    ...prose,
    source: { from: 'strategy', gauge },
    storage: 'table',
    statistic: 'Maximum',
    per: { Strategy: 1 },
    audience: ['trader', 'operations'],
    widget: { kind: 'table' },
    watch: { alarms: 'none', because },
  });

const readBeside = 'read beside the latency of acknowledgements, which has the alarm';
const costOfTrading = 'a cost of the style, contained in P&L; it moves slowly';

export const orderQuality = {
  orderCancelLatency: metric({
    title: 'Cancel latency',
    means: 'time from asking for a cancel or replace to its answer',
    definition: 'Milliseconds from a pending cancel or replace to the cancel, the replace or the refusal, every one observed.',
    formula: 'answered − asked',
    interpretation: 'While it lasts the order can still fill. Well above the acknowledgement latency: the venue throttles cancels.',
    unit: 'ms',
    source: { from: 'sketch', of: 'orderCancel' },
    storage: 'table',
    statistic: 'p99',
    per: { Strategy: 1 },
    audience: ['developer', 'trader'],
    widget: { kind: 'line' },
    watch: { alarms: 'none', because: 'cancels that are never answered have a limit, judged by the ledger at once' },
  }),
  orderAckLatencyP50: figure({
    title: 'Acknowledgement latency, median',
    means: 'median time from submission to acknowledgement over five minutes',
    definition: 'Median of acknowledgement latencies of the last five minutes, within 2 %, as the ledger computes it.',
    formula: '50 % quantile of (acknowledged − submitted)',
    interpretation: 'The usual wait. A median that doubles means the path or the venue changed; only p99 rising means bursts.',
    unit: 'ms',
    gauge: 'orderAckLatencyP50Ms',
    because: readBeside,
  }),
  orderAckLatencyP99: figure({
    title: 'Acknowledgement latency, 99th percentile',
    means: 'acknowledgement time that one order in a hundred exceeds, over five minutes',
    definition: '99th percentile of acknowledgement latencies of the last five minutes, within 2 %, as the ledger computes it.',
    formula: '99 % quantile of (acknowledged − submitted)',
    interpretation: 'With fewer than a hundred orders it is close to the slowest one.',
    unit: 'ms',
    gauge: 'orderAckLatencyP99Ms',
    because: readBeside,
  }),
  orderFillLatencyP50: figure({
    title: 'Fill latency, median',
    means: 'median time from acknowledgement to the first fill over five minutes',
    definition: 'Median over the last five minutes of the time from acknowledgement to the first fill, within 2 %.',
    formula: '50 % quantile of (first fill − acknowledged)',
    interpretation: 'For passive orders the patience that a fill takes; for market orders the venue’s matching.',
    unit: 'ms',
    gauge: 'orderFillLatencyP50Ms',
    because: readBeside,
  }),
  orderFillLatencyP99: figure({
    title: 'Fill latency, 99th percentile',
    means: 'time to the first fill that one order in a hundred exceeds, over five minutes',
    definition: '99th percentile over the last five minutes of the time from acknowledgement to the first fill, within 2 %.',
    formula: '99 % quantile of (first fill − acknowledged)',
    interpretation: 'Depends on the style of orders; compare with the same hour of other days.',
    unit: 'ms',
    gauge: 'orderFillLatencyP99Ms',
    because: readBeside,
  }),
  orderCancelLatencyP50: figure({
    title: 'Cancel latency, median',
    means: 'median time from asking for a cancel to its answer over five minutes',
    definition: 'Median over the last five minutes of the time from a pending cancel or replace to its answer, within 2 %.',
    formula: '50 % quantile of (answered − asked)',
    interpretation: 'The time in which a price that moves against a quote can still hit it.',
    unit: 'ms',
    gauge: 'orderCancelLatencyP50Ms',
    because: readBeside,
  }),
  orderCancelLatencyP99: figure({
    title: 'Cancel latency, 99th percentile',
    means: 'time of a cancel that one in a hundred exceeds, over five minutes',
    definition: '99th percentile over the last five minutes of the time from a pending cancel or replace to its answer, within 2 %.',
    formula: '99 % quantile of (answered − asked)',
    interpretation: 'The tail is when markets move, and when cancels matter.',
    unit: 'ms',
    gauge: 'orderCancelLatencyP99Ms',
    because: readBeside,
  }),
  filledOrders: figure({
    title: 'Orders filled in full',
    means: 'share of ended orders that were filled in full',
    definition: 'Ended orders whose whole quantity was filled, as a share of all ended orders.',
    formula: 'orders with filled = ordered ÷ ended orders',
    interpretation: 'Far below the fill rate by quantity: the small orders fail.',
    unit: 'share',
    gauge: 'filledOrdersShare',
    because: 'depends on the style of orders; rejects have a limit',
  }),
  slippage: figure({
    title: 'Slippage to arrival',
    means: 'price paid beyond the middle of the book at arrival',
    definition: 'Average fill price against the mid when the order was sent, in the direction of the order, weighted by value.',
    formula: 'Σ value × side × (average fill − arrival mid) ÷ arrival mid ÷ Σ value × 10⁴',
    interpretation: 'Positive is a cost. Half the spread is the floor of an aggressive order; more is impact or delay.',
    unit: 'bps',
    gauge: 'slippageBps',
    because: costOfTrading,
  }),
  shortfall: figure({
    title: 'Implementation shortfall',
    means: 'distance of the real result of orders from the one on paper',
    definition:
      'Executed part against the price of the decision, the unfilled part against the price at the order’s end, plus fees (Perold 1988).',
    formula: '(Σ filled × (fill − decision) + Σ unfilled × (end − decision) + fees) ÷ Σ ordered × decision × 10⁴',
    interpretation: 'Slippage sees only what was filled; this also charges the trades that were missed.',
    unit: 'bps',
    gauge: 'shortfallBps',
    because: costOfTrading,
  }),
  makerShare: figure({
    title: 'Maker share',
    means: 'share of traded value that rested in the book',
    definition: 'Value of executions marked as maker over that of all executions that say whether they were.',
    formula: 'Σ maker value ÷ Σ value with a liquidity flag',
    interpretation: 'A market maker whose share falls pays the spread it wanted to earn.',
    unit: 'share',
    gauge: 'makerShare',
    because: 'a consequence of the style; fees are contained in net P&L',
  }),
  orderToTradeRatio: figure({
    title: 'Order-to-trade ratio',
    means: 'messages per trade in the session, of the instrument with the most',
    definition: 'Additions and deletions weigh one, modifications two, per trade, less one; per instrument and session (RTS 9, article 3).',
    formula: '(additions + deletions + 2 × modifications) ÷ trades − 1',
    interpretation: 'Venues fine above their limits. Undefined before the first trade of the session.',
    unit: 'ratio',
    gauge: 'orderToTradeRatio',
    because: 'limits are the venue’s and differ by instrument; publish the row and set an alarm of your own',
  }),
  venueRejects: figure({
    title: 'Orders refused by the venue',
    means: 'number of new orders that the venue refused',
    definition: 'New orders rejected by the venue since the beginning.',
    formula: 'count of rejections with source venue',
    interpretation: 'Funds, tick size, rate limits: the venue’s reasons, seen too late to be free.',
    unit: 'count',
    gauge: 'venueRejects',
    because: 'the reject share of the last minutes has the limit',
  }),
  riskRejects: figure({
    title: 'Orders refused by risk checks',
    means: 'number of new orders that a risk check refused before the venue',
    definition: 'New orders denied by pre-trade risk since the beginning.',
    formula: 'count of denials, and of rejections with source risk',
    interpretation: 'The net holds. Many mean that the strategy does not know its own limits.',
    unit: 'count',
    gauge: 'riskRejects',
    because: 'refusals in a row have a limit, whoever refuses',
  }),
  localRejects: figure({
    title: 'Orders refused by the bot',
    means: 'number of new orders that the bot itself refused',
    definition: 'New orders rejected locally, before they were sent, since the beginning.',
    formula: 'count of rejections with source local',
    interpretation: 'Usually no connection or a bad parameter.',
    unit: 'count',
    gauge: 'localRejects',
    because: 'refusals in a row have a limit, whoever refuses',
  }),
  cancelRejects: figure({
    title: 'Cancels refused',
    means: 'number of cancels and replaces that were refused',
    definition: 'Requests to cancel or replace an order that were refused since the beginning.',
    formula: 'count of rejections of cancels and replaces',
    interpretation: 'Too late to cancel is normal now and then; many mean that the bot’s picture of its orders is old.',
    unit: 'count',
    gauge: 'cancelRejects',
    because: 'a race with a fill is no fault; cancels without an answer have a limit',
  }),
} as const;
