/** The result of `score` for people. */
import { durationText } from '../../core/incidents/quantity-text.ts';
import type { Finding } from '../../core/ledger/finding.ts';
import type { LatencyFigures, ScoredPosition, StrategyScore } from '../../core/ledger/score.ts';
import type { ScoreResult } from '../../core/ledger/scorer.ts';
import { isoFromMs } from '../../core/time/instant.ts';

const shownRows = 20;

export function scoreText(result: ScoreResult, findings: readonly Finding[]): string {
  const parts = Object.entries(result.strategies).map(([id, score]) => strategyText(id, score));
  return `${[...parts, qualityText(result, findings)].join('\n\n')}\n`;
}

function strategyText(id: string, score: ScoreResult['strategies'][string]): string {
  const { n, annualization, riskFree } = score.returns;
  const money = (value: string | undefined) => (value === undefined ? '–' : `${value} ${score.currency ?? ''}`.trimEnd());
  const basis = `n ${n}, annualised × ${annualization}, risk-free ${percent(riskFree)}`;
  const rows: readonly (readonly [string, string])[] = [
    ['gross P&L', money(score.grossPnl)],
    ['− fees', `${money(score.fees)}${otherFees(score)}`],
    ['+ funding', money(score.funding)],
    ['= net P&L', money(score.netPnl)],
    ['unrealized', money(score.unrealizedPnl)],
    ['equity', money(score.equity)],
    [
      'round trips',
      `${score.trades} (${score.wins ?? '–'} won, ${score.losses ?? '–'} lost, ${score.breakeven ?? '–'} breakeven) from ${score.fills} fills`,
    ],
    ['win rate', percent(score.winRate)],
    ['profit factor', `${ratio(score.profitFactor)}, payoff ${ratio(score.payoffRatio)}, expectancy ${money(score.expectancy)}`],
    ['streaks', `longest ${score.longestWinStreak ?? '–'} won, ${score.longestLossStreak ?? '–'} lost in a row`],
    ['mean hold', score.meanHoldSeconds === undefined ? '–' : durationText(score.meanHoldSeconds)],
    ['Sharpe', `${ratio(score.sharpe)}  (${basis}${score.returns.provisional === true ? '; provisional below 60 returns' : ''})`],
    ['  windows', windowsText(score)],
    ['  probability', `${percent(score.probabilisticSharpe)} that it is above 0; believable after ${days(score.minimumTrackRecord)}`],
    ['Sortino', `${ratio(score.sortino)}, Calmar ${ratio(score.calmar)}, Omega ${ratio(score.omega)}`],
    ['CAGR', percent(score.cagr)],
    ['volatility', `${percent(score.volatility)}, downside ${percent(score.downsideDeviation)}`],
    ['VaR 95 %', `${percent(score.valueAtRisk)}, expected shortfall ${percent(score.conditionalValueAtRisk)} (from 100 returns on)`],
    ['tails', `ratio ${ratio(score.tailRatio)}, skewness ${ratio(score.skewness)}, excess kurtosis ${ratio(score.excessKurtosis)}`],
    ['max drawdown', `${percent(score.maxDrawdown)}; in money ${money(score.maxDrawdownMoney)}`],
    ['drawdown now', `${percent(score.currentDrawdown)}; in money ${money(score.currentDrawdownMoney)}`],
    ['under water', `${days(score.timeUnderWater)} now; longest recovery ${days(score.longestRecovery)}`],
    ['exposure', `gross ${money(score.exposure.gross)}, net ${money(score.exposure.net)}, leverage ${ratio(score.exposure.leverage)}`],
    ['in the market', `${percent(score.exposure.timeInMarket)} of the time; turnover ${ratio(score.turnover?.perDay)} × equity a day`],
    ...(score.beta === undefined ? [] : [['benchmark', `alpha ${percent(score.alpha)}, beta ${ratio(score.beta)}`] as const]),
    ['fill rate', percent(score.fillRate)],
    ['reject rate', percent(score.rejectRate)],
    ['ack latency', latency(score.ackLatencyMs)],
    ...orderRows(score),
  ];
  const warning = score.incomplete === undefined ? '' : `\n  numbers are INCOMPLETE: ${score.incomplete.join(', ')}`;
  return [`${id}${warning}`, ...rows.map(([name, value]) => `  ${name.padEnd(14)} ${value}`), ...positionRows(score.positions)].join('\n');
}

function positionRows(positions: readonly ScoredPosition[]): string[] {
  if (positions.length === 0) return ['  no open positions'];
  const cells = [
    ['account', 'instrument', 'quantity', 'average', 'realized', 'unrealized'],
    ...positions
      .slice(0, shownRows)
      .map(row => [row.accountId, row.instrumentId, row.qty, row.avgPx ?? '–', row.realizedPnl, row.unrealizedPnl]),
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map(row => row[column]!.length)));
  const rows = cells.map(
    row => `    ${row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  ')}`,
  );
  const more = positions.length - shownRows;
  return ['  open positions', ...rows, ...(more > 0 ? [`    … and ${more} more`] : [])];
}

function otherFees(score: StrategyScore): string {
  const others = Object.entries(score.feesByCurrency).filter(([currency]) => currency !== score.currency);
  return others.length === 0 ? '' : `  (of which ${others.map(([currency, amount]) => `${amount} ${currency}`).join(', ')})`;
}

function orderRows({ orders }: StrategyScore): readonly (readonly [string, string])[] {
  if (orders.submitted + orders.ended === 0 && orders.makerShare === undefined) return [];
  const { refused, slippage, shortfall, fillLatencyMs, cancelLatencyMs, filled } = orders;
  const busiest = Math.max(...orders.orderToTrade.flatMap(({ byNumber }) => byNumber ?? []));
  return [
    ['fill latency', latency(fillLatencyMs)],
    ['cancel latency', latency(cancelLatencyMs)],
    ['orders', `${orders.ended} ended (${percent(filled?.full)} in full, ${percent(filled?.any)} at all), ${orders.open} open`],
    [
      'refused',
      `${refused.venue} by the venue, ${refused.risk} by risk, ${refused.local} by the bot; ${refused.cancel + refused.replace} cancels`,
    ],
    ['slippage', `${basisPoints(slippage.bps)} to arrival (n ${slippage.n}), shortfall ${basisPoints(shortfall.bps)} (n ${shortfall.n})`],
    ['maker share', `${percent(orders.makerShare)}; order-to-trade ratio ${Number.isFinite(busiest) ? ratio(busiest) : '–'}`],
  ];
}

const basisPoints = (value: number | undefined): string => (value === undefined ? '–' : `${value.toFixed(2)} bp`);

function latency({ p50, p99, n }: LatencyFigures): string {
  return p50 === undefined || p99 === undefined ? '–' : `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (n ${n})`;
}

function qualityText({ quality }: ScoreResult, findings: readonly Finding[]): string {
  const { lines, accepted, duplicates, conflicting, late, logs, blank, rejected } = quality;
  const summary =
    `${lines} lines: ${accepted} accepted (${late} late), ${duplicates} duplicates, ${conflicting} conflicting, ` +
    `${rejected.length} rejected, ${logs} logs, ${blank} blank`;
  const bad = rejected.slice(0, shownRows).map(({ line, code, message }) => `  line ${line}: ${code}: ${message}`);
  const notes = findings.slice(0, shownRows).map(({ at, kind, message }) => `  ${isoFromMs(at)} ${kind}: ${message}`);
  return [
    summary,
    ...bad,
    ...(rejected.length > shownRows ? [`  … and ${rejected.length - shownRows} more rejected lines (--json lists all)`] : []),
    ...notes,
    ...(findings.length > shownRows ? [`  … and ${findings.length - shownRows} more findings`] : []),
  ].join('\n');
}

function windowsText({ windows }: StrategyScore): string {
  const full = Object.entries(windows).map(([size, figures]) => `${size} days ${ratio(figures?.sharpe)}`);
  return full.length === 0 ? 'none is full yet' : full.join(', ');
}

function days(count: number | undefined): string {
  return count === undefined ? '–' : `${Math.ceil(count)} ${count > 0 && count <= 1 ? 'day' : 'days'}`;
}

function percent(share: number | undefined): string {
  return share === undefined ? '–' : `${(share * 100).toFixed(2)} %`;
}

function ratio(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(3);
}
