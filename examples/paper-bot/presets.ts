import type { Instrument } from './instrument.ts';
import { meanReversion, type Strategy, trendFollowing } from './strategy.ts';
import type { VenueProfile } from './venue.ts';
import { venues } from './venues.ts';

/** A bot as it can be started by name. Windows of the strategies are in bars. */
export interface Preset {
  readonly strategyId: string;
  readonly botId: string;
  readonly accountId: string;
  readonly venue: VenueProfile;
  readonly instrument: Instrument;
  readonly capital: string;
  readonly largest: number;
  readonly startPrice: number;
  readonly strategy: () => Strategy;
}

const perpetual = (base: string, tickSize: string, lotSize: string): Instrument => ({
  instrumentId: `${base}-PERP`,
  baseCurrency: base,
  quoteCurrency: 'USDT',
  tickSize,
  lotSize,
  isPerpetual: true,
});

export const presets: readonly Preset[] = [
  {
    strategyId: 'momentum-btc',
    botId: 'momentum-btc',
    accountId: 'paper-1',
    venue: venues['kraken-sim'],
    instrument: perpetual('BTC', '0.5', '0.001'),
    capital: '100000',
    largest: 30_000,
    startPrice: 43_000,
    strategy: () => trendFollowing({ fast: 40, slow: 240, band: 1.5, riskPerBar: 25, largest: 30_000 }),
  },
  {
    strategyId: 'meanrev-eth',
    botId: 'meanrev-eth',
    accountId: 'paper-2',
    venue: venues['okx-sim'],
    instrument: perpetual('ETH', '0.05', '0.01'),
    capital: '100000',
    largest: 25_000,
    startPrice: 2_900,
    strategy: () => meanReversion({ window: 120, enter: 2.2, leave: 0.4, stop: 4, patience: 240, largest: 25_000 }),
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
    strategy: () => trendFollowing({ fast: 60, slow: 480, band: 2, riskPerBar: 12, largest: 12_000 }),
  },
];
