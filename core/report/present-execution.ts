/** How the orders went: speed, cost against the market, refusals. */
import { sketchQuantile } from '../orders/latency-sketch.ts';
import type { Block, Section } from './document.ts';
import { countText, dash, millisecondsText, moneyText, percentText, ratioText } from './figures.ts';
import type { StrategyReport } from './strategy-report.ts';

export function executionSection(report: StrategyReport): Section {
  return { title: 'Execution quality', blocks: blocksOf(report) };
}

function blocksOf({ log, money, limits }: StrategyReport): Block[] {
  if (log === undefined)
    return [{ kind: 'text', text: 'Not known here: orders are reported from a file of events (nightdesk report FILE).' }];
  const { ackLatency: ack, fillLatency: fill } = log;
  const answered = log.accepted + log.rejected;
  const share = (part: number, whole: number) => (whole > 0 ? part / whole : undefined);
  const basis = (text: string, n: number) => (n === 0 ? 'none' : `${text} ${countText(n)}`);
  const slippage = log.slippageNotional > 0 ? (log.slippageCost / log.slippageNotional) * 10_000 : undefined;
  const feeBps = money.fees === undefined || log.notional <= 0 ? undefined : (Number(money.fees) / log.notional) * 10_000;
  const rejectShare = share(log.rejected, answered);
  const limit = (value: number | undefined, most: number | undefined, text: string) =>
    value === undefined || most === undefined ? '' : value > most ? `over the limit of ${text}` : `limit ${text}`;
  const p99 = sketchQuantile(ack, 0.99);
  const rows: (readonly [string, string, string])[] = [
    ['Orders submitted', countText(log.submitted), ''],
    ['Fill rate, by quantity', percentText(share(log.filledQuantity, log.endedQuantity), 1), 'of orders that ended'],
    [
      'Rejected',
      percentText(rejectShare, 2),
      [basis('of', answered), limit(rejectShare, limits.rejectShare, percentText(limits.rejectShare, 1))]
        .filter(text => text !== '')
        .join(', '),
    ],
    ['Refused by the bot’s own checks', countText(log.denied), ''],
    ['Cancels rejected', countText(log.cancelRejected), ''],
    ['Acknowledged, p50', millisecondsText(sketchQuantile(ack, 0.5)), basis('n', ack.count)],
    ['Acknowledged, p95', millisecondsText(sketchQuantile(ack, 0.95)), basis('n', ack.count)],
    [
      'Acknowledged, p99',
      millisecondsText(p99),
      [basis('n', ack.count), limit(p99, limits.orderLatencyMs, `${limits.orderLatencyMs} ms`)].filter(text => text !== '').join(', '),
    ],
    ['First fill, p50', millisecondsText(sketchQuantile(fill, 0.5)), basis('n', fill.count)],
    ['First fill, p99', millisecondsText(sketchQuantile(fill, 0.99)), basis('n', fill.count)],
    [
      'Slippage against the arrival mid',
      slippage === undefined ? dash : `${ratioText(slippage)} bps`,
      slippage === undefined ? 'no execution names its arrival mid' : `${basis('n', log.slippageCount)}, positive is a cost`,
    ],
    [
      'Maker share, by value',
      percentText(share(log.makerNotional, log.liquidityNotional), 1),
      log.liquidityNotional > 0 ? '' : 'no execution says whether it made or took',
    ],
    ['Executions', countText(log.executions), ''],
    ['Traded value', moneyText(String(Number(log.notional.toFixed(2)))), 'quantity × price, all instruments'],
    ['Fees of the traded value', feeBps === undefined ? dash : `${ratioText(feeBps)} bps`, ''],
    ['Orders for one execution', log.executions > 0 ? ratioText(log.submitted / log.executions) : dash, ''],
  ];
  return [
    { kind: 'table', columns: [{ title: 'Figure' }, { title: 'Value', isNumber: true }, { title: 'Rests on' }], rows, whenEmpty: '' },
    ...(log.rejects.size === 0
      ? []
      : [
          {
            kind: 'table' as const,
            title: 'Why orders were refused',
            columns: [{ title: 'Reason' }, { title: 'Orders', isNumber: true }],
            rows: [...log.rejects]
              .sort(([, a], [, b]) => b - a)
              .slice(0, 20)
              .map(([why, count]) => [why, countText(count)]),
            whenEmpty: '',
          },
        ]),
  ];
}
