import { type CandleSource, type RandomMarket, randomCandles } from './market.ts';
import type { Preset } from './presets.ts';
import type { Strategy } from './strategy.ts';

export interface WarmStart {
  /** Goes on where the warm-up ended. */
  readonly candles: CandleSource;
  /** Has seen the closes of the warm-up. */
  readonly strategy: Strategy;
}

const minuteMs = 60_000;
const leastMinutes = 1440;
/** A start in which nothing happens is no demonstration: the warm-up goes on until the strategy wants a position. */
const mostMinutes = 10 * leastMinutes;

/** A made-up market of one-minute candles and the preset's strategy, which has already watched it for a day or more. */
export function warmStart(preset: Preset, market: Omit<RandomMarket, 'intervalMs' | 'trendShare'>): WarmStart {
  const candles = randomCandles({ ...market, trendShare: preset.trendShare, intervalMs: minuteMs });
  const strategy = preset.strategy(1);
  let wants = false;
  for (let minute = 0; minute < leastMinutes || (!wants && minute < mostMinutes); minute++) {
    wants = (strategy.onClose(candles()!.close, 0)?.notional ?? 0) !== 0;
  }
  return { candles, strategy };
}
