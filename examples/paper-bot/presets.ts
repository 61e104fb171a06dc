import type { Instrument } from './instrument.ts';
import { type MeanReversionSettings, meanReversion, type Strategy, type TrendSettings, trendFollowing } from './strategy.ts';
import type { VenueProfile } from './venue.ts';
import { venues } from './venues.ts';

/** A bot as it can be started by name. */
export interface Preset {
  readonly strategyId: string;
  readonly botId: string;
  readonly accountId: string;
  readonly venue: VenueProfile;
  readonly instrument: Instrument;
  readonly capital: string;
  /** Largest position in quote currency. */
  readonly largest: number;
  /** The market that it trades in when candles are made up. */
  readonly startPrice: number;
  readonly trendShare: number;
  /** The strategy for bars of so many minutes: windows keep their length in time. */
  readonly strategy: (barMinutes: number) => Strategy;
}

const perpetual = (base: string, tickSize: string, lotSize: string): Instrument => ({
  instrumentId: `${base}-PERP`,
  baseCurrency: base,
  quoteCurrency: 'USDT',
  tickSize,
  lotSize,
  isPerpetual: true,
});

/** Windows in minutes. A bar's deviation grows with the square root of its length, so band and risk follow it. */
const trend =
  (minutes: Omit<TrendSettings, 'largest'>, largest: number) =>
  (barMinutes: number): Strategy =>
    trendFollowing({
      fast: minutes.fast / barMinutes,
      slow: minutes.slow / barMinutes,
      band: minutes.band / Math.sqrt(barMinutes),
      riskPerBar: minutes.riskPerBar * Math.sqrt(barMinutes),
      largest,
    });

const reversion =
  (minutes: Omit<MeanReversionSettings, 'largest'>, largest: number) =>
  (barMinutes: number): Strategy =>
    meanReversion({
      ...minutes,
      window: Math.round(minutes.window / barMinutes),
      patience: Math.round(minutes.patience / barMinutes),
      largest,
    });

/** The three of the fleet. */
export const fleetPresets: readonly Preset[] = [
  {
    strategyId: 'momentum-btc',
    botId: 'momentum-btc',
    accountId: 'paper-1',
    venue: venues['kraken-sim'],
    instrument: perpetual('BTC', '0.5', '0.001'),
    capital: '100000',
    largest: 20_000,
    startPrice: 43_000,
    trendShare: 0.6,
    strategy: trend({ fast: 120, slow: 480, band: 3, riskPerBar: 16 }, 20_000),
  },
  {
    strategyId: 'meanrev-eth',
    botId: 'meanrev-eth',
    accountId: 'paper-2',
    venue: venues['okx-sim'],
    instrument: perpetual('ETH', '0.05', '0.01'),
    capital: '100000',
    largest: 18_000,
    startPrice: 2_900,
    trendShare: 0.4,
    strategy: reversion({ window: 120, enter: 2.2, leave: 0.5, stop: 4.5, patience: 240 }, 18_000),
  },
  {
    strategyId: 'trend-sol',
    botId: 'trend-sol',
    accountId: 'paper-3',
    venue: venues['bybit-sim'],
    instrument: perpetual('SOL', '0.01', '0.1'),
    capital: '50000',
    largest: 12_000,
    startPrice: 140,
    trendShare: 0.55,
    strategy: trend({ fast: 180, slow: 720, band: 4, riskPerBar: 9 }, 12_000),
  },
];

/** All that the command line knows; the first is its default. */
export const presets: readonly Preset[] = [
  {
    strategyId: 'meanrev-btc',
    botId: 'meanrev-btc',
    accountId: 'paper-0',
    venue: venues['kraken-sim'],
    instrument: perpetual('BTC', '0.5', '0.001'),
    capital: '100000',
    largest: 20_000,
    startPrice: 43_000,
    trendShare: 0.4,
    strategy: reversion({ window: 150, enter: 2.2, leave: 0.5, stop: 4.5, patience: 300 }, 20_000),
  },
  ...fleetPresets,
];
