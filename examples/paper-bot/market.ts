import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createRandom } from './random.ts';

/** One bar of trading. Prices are floats here and become whole ticks at the venue. */
export interface Candle {
  /** When the bar ends, ms since 1970. */
  readonly closeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** The next bar each time it is asked; undefined when there are no more. */
export type CandleSource = () => Candle | undefined;

const header = 'timestamp,open,high,low,close,volume';

/** A time without zone is taken as UTC: `2021-12-31 23:01:00.000000`. */
function readTime(text: string): number {
  return Date.parse(`${text.trim().replace(' ', 'T').slice(0, 23).replace(/Z$/, '')}Z`);
}

function readRow(row: string, line: number): Candle {
  const [time = '', ...cells] = row.split(',');
  const [open, high, low, close] = cells.map(Number);
  const closeMs = readTime(time);
  if (![closeMs, open, high, low, close].every(Number.isFinite))
    throw new Error(`line ${line}: not a candle: ${JSON.stringify(row.slice(0, 80))}`);
  return { closeMs, open: open!, high: high!, low: low!, close: close! };
}

/**
 * The candles of a CSV text with the header timestamp,open,high,low,close,volume; the timestamp is the end of the bar in UTC.
 * @throws Error naming the line that is no candle.
 */
export function parseCandles(csv: string): Candle[] {
  const rows = csv.trim().split(/\r?\n/);
  if (rows[0]?.trim().toLowerCase() !== header) throw new Error(`line 1: the header must be ${header}`);
  return rows.slice(1).map((row, at) => readRow(row, at + 2));
}

/** The candles of a `.csv` or `.csv.gz` file. */
export function readCandleFile(path: string): Candle[] {
  const bytes = readFileSync(path);
  return parseCandles((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'));
}

export function candlesFrom(candles: readonly Candle[]): CandleSource {
  let at = 0;
  return () => candles[at++];
}

/** How the price behaves for a while. Rates are per minute. */
interface Regime {
  readonly drift: number;
  readonly volatility: number;
  /** Share of the distance to the anchor that is undone each minute. */
  readonly pull: number;
  readonly meanMinutes: number;
}

const ranging: readonly Regime[] = [
  { drift: 0, volatility: 0.0005, pull: 0.014, meanMinutes: 480 },
  { drift: 0, volatility: 0.0008, pull: 0.02, meanMinutes: 300 },
];

const trending: readonly Regime[] = [
  { drift: 0.000028, volatility: 0.0005, pull: 0, meanMinutes: 540 },
  { drift: -0.000028, volatility: 0.0005, pull: 0, meanMinutes: 540 },
  { drift: -0.00001, volatility: 0.001, pull: 0, meanMinutes: 120 },
];

export interface RandomMarket {
  readonly seed: number;
  readonly startPrice: number;
  /** Share of the regimes that have a trend, 0 to 1. */
  readonly trendShare: number;
  /** End of the first bar, ms since 1970. */
  readonly firstCloseMs: number;
  readonly intervalMs: number;
}

/**
 * Endless candles: a geometric random walk whose drift, volatility and pull to an anchor change with the regime.
 * The same settings give the same candles.
 */
export function randomCandles(market: RandomMarket): CandleSource {
  const random = createRandom(market.seed, 'market');
  const strides = 4;
  const minutes = market.intervalMs / 60_000 / strides;
  const start = Math.log(market.startPrice);
  let logPrice = start;
  let anchor = start;
  let regime = ranging[0]!;
  let minutesLeft = 0;
  let closeMs = market.firstCloseMs;

  const changeRegime = () => {
    const kinds = random.next() < market.trendShare ? trending : ranging;
    regime = kinds[random.between(0, kinds.length - 1)]!;
    minutesLeft = regime.meanMinutes * (0.5 + random.next());
    anchor = logPrice;
  };

  const stride = () => {
    if (minutesLeft <= 0) changeRegime();
    minutesLeft -= minutes;
    const home = 0.000_01 * (start - logPrice);
    const pull = (1 - Math.exp(-regime.pull * minutes)) * (anchor - logPrice);
    logPrice += (regime.drift + home) * minutes + pull + regime.volatility * Math.sqrt(minutes) * random.gaussian();
    return Math.exp(logPrice);
  };

  return () => {
    const open = Math.exp(logPrice);
    const prices = Array.from({ length: strides }, stride);
    const candle = { closeMs, open, high: Math.max(open, ...prices), low: Math.min(open, ...prices), close: prices[strides - 1]! };
    closeMs += market.intervalMs;
    return candle;
  };
}
