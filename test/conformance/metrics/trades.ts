import { parseDecimal, toApproximate } from '../../../core/money/decimal.ts';
import { implementationShortfall, orderToTradeRatio, slippageBps, type TradeSide } from '../../../core/performance/execution-quality.ts';
import { perTradeSharpe } from '../../../core/performance/ratios.ts';
import { tradeStatistics, type ZeroTrades } from '../../../core/performance/trades.ts';
import { choiceOf, type Metric, type MetricInput, numberOf, numbersOf, textOf, Unsupported } from './input.ts';

function statisticsOf(each: MetricInput) {
  const zero: ZeroTrades = choiceOf(each, 'zero', ['excluded', 'counted'], 'excluded');
  return tradeStatistics(numbersOf(each, 'trade_pnls'), zero);
}

function sideOf(each: MetricInput): TradeSide {
  const side = textOf(each, 'side');
  if (side === 'buy' || side === 'sell') return side;
  throw new Unsupported(`side ${side}`);
}

/** Pairs of quantity and price, or objects with these names. */
function pricedFills(each: MetricInput) {
  const fills = each.input['fills'];
  if (!Array.isArray(fills)) return [];
  return fills.map(fill => {
    const [quantity, price] = Array.isArray(fill) ? fill : [fill.qty ?? fill.quantity, fill.px ?? fill.price];
    return { quantity: parseDecimal(String(quantity)), price: parseDecimal(String(price)) };
  });
}

export const tradeMetrics: Readonly<Record<string, Metric>> = {
  win_rate: each => statisticsOf(each).winRate,
  profit_factor: each => statisticsOf(each).profitFactor,
  expectancy: each => statisticsOf(each).expectancy,
  expectancy_ratio: each => statisticsOf(each).expectancyRatio,
  trade_stats: each => {
    const found = statisticsOf(each);
    return {
      win_rate: found.winRate,
      loss_rate: found.lossRate,
      payoff_ratio: found.payoffRatio,
      profit_factor: found.profitFactor,
      expectancy: found.expectancy,
      expectancy_ratio: found.expectancyRatio,
      mean: found.mean,
      std: found.deviation,
      sqn: found.systemQuality,
      avg_win: found.averageWin,
      avg_loss: found.averageLoss === undefined ? undefined : -found.averageLoss,
      gross_profit: found.grossProfit,
      gross_loss: found.grossLoss,
      wins: found.wins,
      losses: found.losses,
      breakeven: found.breakeven,
      max_win_streak: found.longestWinStreak,
      max_loss_streak: found.longestLossStreak,
    };
  },
  per_trade_sharpe: each => perTradeSharpe(numbersOf(each, 'trade_pnls'), numberOf(each, 'ddof', 1)),
  slippage_bps: each => slippageBps(sideOf(each), parseDecimal(textOf(each, 'arrival_mid')), pricedFills(each)),
  implementation_shortfall: each => {
    const found = implementationShortfall({
      side: sideOf(each),
      orderQuantity: parseDecimal(textOf(each, 'order_qty')),
      decisionPrice: parseDecimal(textOf(each, 'decision_px')),
      endPrice: parseDecimal(textOf(each, 'end_px')),
      fills: pricedFills(each),
      fees: parseDecimal(textOf(each, 'fees', '0')),
    });
    return {
      execution_cost: toApproximate(found.executionCost),
      opportunity_cost: toApproximate(found.opportunityCost),
      fees: toApproximate(found.fees),
      total: toApproximate(found.total),
      bps: found.bps,
    };
  },
  order_to_trade_ratio: each => {
    const found = orderToTradeRatio({
      added: numberOf(each, 'new', 0),
      modified: numberOf(each, 'modify', 0),
      deleted: numberOf(each, 'cancel', 0),
      transactions: numberOf(each, 'trades', 0),
      orderVolume: numberOf(each, 'order_volume', 0),
      tradedVolume: numberOf(each, 'traded_volume', 0),
    });
    return { by_number: found.byNumber, by_volume: found.byVolume };
  },
};
