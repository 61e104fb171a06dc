import {
  alpha,
  beta,
  captureRatio,
  downCapture,
  informationRatio,
  trackingError,
  treynor,
  upCapture,
  upDownCapture,
} from '../../../core/performance/benchmark.ts';
import {
  longestRecovery,
  maxDrawdown,
  moneyDrawdowns,
  timeUnderWater,
  ulcerIndex,
  ulcerPerformance,
} from '../../../core/performance/drawdown.ts';
import {
  annualGrowth,
  calendarGrowth,
  compoundReturn,
  cumulativeReturns,
  perPeriodRate,
  stability,
  volatility,
} from '../../../core/performance/growth.ts';
import { excessKurtosisOf, present, skewnessOf } from '../../../core/performance/moments.ts';
import { probabilisticSharpe } from '../../../core/performance/probabilistic.ts';
import {
  calmar,
  type DownsideDenominator,
  downsideDeviation,
  omega,
  sharpe,
  sortino,
  tailRatio,
} from '../../../core/performance/ratios.ts';
import { rollingMaxDrawdown, rollingSharpe, rollingSortino } from '../../../core/performance/rolling.ts';
import { conditionalValueAtRisk, normalValueAtRisk, valueAtRisk } from '../../../core/performance/tail-risk.ts';
import { choiceOf, flagOf, type Metric, type MetricInput, numberOf, numbersOf, returnsOf, seriesOf, Unsupported } from './input.ts';

const periods = (each: MetricInput) => numberOf(each, 'periods_per_year');
const ddof = (each: MetricInput, fallback = 1) => numberOf(each, 'ddof', fallback);

/** A risk-free rate or target per period, converted when it is stated as annual. */
function rateOf(each: MetricInput, name: string, kindName = 'rf_kind'): number {
  const rate = numberOf(each, name, 0);
  const kinds = ['per_period', 'annual', 'annual_geometric', 'annual_arithmetic'] as const;
  const kind = choiceOf(each, kindName, kinds, 'per_period');
  if (kind === 'per_period') return rate;
  if (kind === 'annual_arithmetic') return rate / periods(each);
  const converted = perPeriodRate(rate, periods(each));
  if (converted === undefined) throw new Unsupported(`an annual rate of ${rate}`);
  return converted;
}

/** A minimum acceptable return, by default the risk-free rate. */
function targetOf(each: MetricInput): number {
  const hasTarget = each.input['target'] !== undefined || each.params['target'] !== undefined;
  return hasTarget ? rateOf(each, 'target', 'target_kind') : rateOf(each, 'risk_free');
}

const denominators: Readonly<Record<string, DownsideDenominator>> = { all: 'all', losers: 'losers', std_losers: 'spreadOfLosers' };

function denominatorOf(each: MetricInput): DownsideDenominator {
  return denominators[choiceOf(each, 'denominator', ['all', 'losers', 'std_losers'], 'all')]!;
}

const counting = (each: MetricInput) => (flagOf(each, 'count_nan', true) ? 'counted' : 'skipped');
const bias = (each: MetricInput) => (flagOf(each, 'bias', false) ? 'population' : 'adjusted');

function shareOf(each: MetricInput): number {
  return each.params['confidence'] === undefined ? numberOf(each, 'cutoff', 0.05) : 1 - numberOf(each, 'confidence');
}

/** All windows, or those at the named places. */
function picked(each: MetricInput, values: readonly (number | undefined)[]): readonly (number | undefined)[] {
  const places = each.params['at_index'];
  return Array.isArray(places) ? places.map(at => values.at(Number(at))) : values;
}

function assumeRaw(each: MetricInput): void {
  choiceOf(each, 'kurtosis_arg', ['raw'], 'raw');
}

export const returnMetrics: Readonly<Record<string, Metric>> = {
  max_drawdown: each => maxDrawdown(returnsOf(each), flagOf(each, 'include_start', true) ? 'capital' : 'firstValue'),
  cagr: each => annualGrowth(returnsOf(each), periods(each), counting(each)),
  volatility: each => volatility(returnsOf(each), periods(each), ddof(each)),
  calmar: each => calmar(returnsOf(each), periods(each), counting(each)),
  omega: each => omega(returnsOf(each), periods(each), rateOf(each, 'risk_free'), numberOf(each, 'required_return_annual', 0)),
  sharpe: each => sharpe(returnsOf(each), periods(each), rateOf(each, 'risk_free'), ddof(each)),
  downside_deviation: each => downsideDeviation(returnsOf(each), periods(each), targetOf(each), denominatorOf(each)),
  sortino: each => sortino(returnsOf(each), periods(each), targetOf(each), denominatorOf(each)),
  alpha_beta: each => {
    const [own, benchmark] = [returnsOf(each), seriesOf(each, 'benchmark')];
    return [alpha(own, benchmark, periods(each), rateOf(each, 'risk_free')), beta(own, benchmark)];
  },
  alpha: each => alpha(returnsOf(each), seriesOf(each, 'benchmark'), periods(each), rateOf(each, 'risk_free')),
  beta: each => beta(returnsOf(each), seriesOf(each, 'benchmark')),
  treynor: each => treynor(returnsOf(each), seriesOf(each, 'benchmark'), periods(each), rateOf(each, 'risk_free')),
  tracking_error: each => trackingError(returnsOf(each), seriesOf(each, 'benchmark'), periods(each), ddof(each)),
  information_ratio: each => informationRatio(returnsOf(each), seriesOf(each, 'benchmark'), periods(each), ddof(each)),
  up_capture: each => upCapture(returnsOf(each), seriesOf(each, 'benchmark'), periods(each)),
  down_capture: each => downCapture(returnsOf(each), seriesOf(each, 'benchmark'), periods(each)),
  up_down_capture: each => upDownCapture(returnsOf(each), seriesOf(each, 'benchmark'), periods(each)),
  capture_ratio: each => captureRatio(returnsOf(each), seriesOf(each, 'benchmark'), periods(each)),
  stability_r2: each => stability(returnsOf(each)),
  tail_ratio: each => tailRatio(returnsOf(each)),
  value_at_risk: each => {
    const method = choiceOf(each, 'method', ['historical_linear', 'historical', 'normal', 'parametric_normal'], 'historical_linear');
    return method.startsWith('historical')
      ? valueAtRisk(returnsOf(each), shareOf(each))
      : normalValueAtRisk(returnsOf(each), shareOf(each));
  },
  conditional_value_at_risk: each => {
    const rule = 'mean_of_lowest_floor((n-1)*cutoff)+1';
    choiceOf(each, 'method', [rule], rule);
    return conditionalValueAtRisk(returnsOf(each), shareOf(each));
  },
  rolling_sharpe: each =>
    picked(each, rollingSharpe(returnsOf(each), numberOf(each, 'window'), periods(each), rateOf(each, 'risk_free'), ddof(each))),
  rolling_sortino: each => picked(each, rollingSortino(returnsOf(each), numberOf(each, 'window'), periods(each), targetOf(each))),
  rolling_max_drawdown: each => picked(each, rollingMaxDrawdown(returnsOf(each), numberOf(each, 'window'))),
  cumulative_returns: each => cumulativeReturns(returnsOf(each), numberOf(each, 'starting_value', 0)),
  compound_intraday: each => compoundReturn(returnsOf(each)),
  skewness: each => skewnessOf(present(returnsOf(each)), bias(each)),
  kurtosis_excess: each => excessKurtosisOf(present(returnsOf(each)), bias(each)),
  probabilistic_sharpe: each => {
    assumeRaw(each);
    return probabilisticSharpe(returnsOf(each), numberOf(each, 'benchmark_sharpe_per_period', 0), rateOf(each, 'risk_free'), bias(each));
  },
  cagr_calendar: each =>
    calendarGrowth(numberOf(each, 'start'), numberOf(each, 'end'), numberOf(each, 'days'), numberOf(each, 'days_per_year', 365)),
  max_recovery_days: each => longestRecovery(numbersOf(each, 'equity_daily'), flagOf(each, 'only_recovered', true) ? 'skipped' : 'counted'),
  time_under_water: each => timeUnderWater(numbersOf(each, 'equity_daily')),
  ulcer_index: each => {
    const ulcer = ulcerIndex(numbersOf(each, 'prices'), ddof(each, 0));
    return choiceOf(each, 'unit', ['percent', 'fraction'], 'fraction') === 'percent' && ulcer !== undefined ? ulcer * 100 : ulcer;
  },
  ulcer_performance_index: each => ulcerPerformance(numbersOf(each, 'prices'), ddof(each, 0), rateOf(each, 'risk_free')),
  drawdown_money_and_ratio: each => {
    const drawdowns = moneyDrawdowns(numbersOf(each, 'trade_pnls'), numberOf(each, 'starting_balance', 0));
    const { money, ratio } = choiceOf(each, 'pick_max_by', ['ratio', 'money'], 'ratio') === 'ratio' ? drawdowns.byRatio : drawdowns.byMoney;
    return [money, ratio];
  },
};
