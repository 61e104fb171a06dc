import type { StrategyHead } from '../../adapters/aws/strategy-store.ts';
import { durationText, moneyText } from '../../core/incidents/quantity-text.ts';
import { gaugesAt } from '../../core/ledger/view.ts';
import { tableHtml } from './html.ts';

const unknown = '–';

export function positionsTable(heads: readonly StrategyHead[], nowMs: number): string {
  const rows = heads.flatMap(({ strategyId, view }) =>
    (view?.positions ?? []).map(({ instrumentId, qty, avgPx, markPx, unrealizedPnl, currency, markedAtMs }) => [
      strategyId,
      instrumentId,
      qty,
      avgPx ?? unknown,
      markPx ?? unknown,
      unrealizedPnl === undefined ? unknown : `${unrealizedPnl}${currency === undefined ? '' : ` ${currency}`}`,
      markedAtMs === undefined ? 'no mark' : durationText((nowMs - markedAtMs) / 1000),
    ]),
  );
  const columns = ['Strategy', 'Instrument', 'Quantity', 'Average price', 'Mark', 'Unrealized', 'Mark age'];
  return tableHtml('Open positions', columns, rows, 'No open positions.');
}

/** How each result comes about: gross, less fees, plus funding, is net; with unrealized and capital, equity. */
export function resultsTable(heads: readonly StrategyHead[], nowMs: number): string {
  const rows = heads.map(({ strategyId, view, pulse }) => {
    const { grossPnl, fees, funding, netPnl, unrealizedPnl, equity, sessionPnl, incomplete } = view?.gauges ?? {};
    const money = (value: number | undefined) => (value === undefined ? unknown : moneyText(value, undefined));
    return [
      incomplete === 1 ? `${strategyId} (incomplete)` : strategyId,
      view?.currency ?? unknown,
      ...[grossPnl, fees === undefined ? undefined : -fees, funding, netPnl, unrealizedPnl, equity, sessionPnl].map(money),
      pulse?.lastEventMs === undefined ? 'never heard' : `${durationText((nowMs - pulse.lastEventMs) / 1000)} ago`,
    ];
  });
  const columns = ['Strategy', 'Currency', 'Gross', '→ fees', '→ funding', '→ net', 'Unrealized', '→ equity', 'Session', 'Last heard'];
  return tableHtml('Profit and loss', columns, rows, 'No strategies.');
}

/** Ratios beside the number that they rest on; undefined ones are a dash. */
export function ratiosTable(heads: readonly StrategyHead[], nowMs: number): string {
  const rows = heads.map(({ strategyId, view }) => {
    const gauges = view === undefined ? {} : gaugesAt(view, nowMs);
    const number = (value: number | undefined) => (value === undefined ? unknown : value.toFixed(2));
    const percent = (value: number | undefined) => (value === undefined ? unknown : `${(value * 100).toFixed(1)} %`);
    return [
      strategyId,
      `${number(gauges.sharpe)} (${gauges.returnCount ?? 0} days)`,
      number(gauges.sortino),
      percent(gauges.drawdown),
      percent(gauges.maxDrawdown),
      `${percent(gauges.winRate)} (${gauges.tradeCount ?? 0} trades)`,
      percent(gauges.fillRate),
      percent(gauges.rejectShare),
      gauges.openOrders === undefined ? unknown : String(gauges.openOrders),
    ];
  });
  const columns = ['Strategy', 'Sharpe', 'Sortino', 'Drawdown', 'Deepest', 'Win rate', 'Fill rate', 'Rejects', 'Open orders'];
  return tableHtml('Ratios', columns, rows, 'No strategies.');
}
