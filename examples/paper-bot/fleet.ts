import { randomCandles } from './market.ts';
import { createPaperBot, type HandOver, type PaperBot } from './paper-bot.ts';
import { fleetPresets, type Preset } from './presets.ts';
import { warmStart } from './warm-up.ts';

/** The bots that `nightdesk start` runs when it is given no input. */

/** What a config must say of one of them. */
export interface FleetMember {
  readonly botId: string;
  readonly strategyId: string;
  readonly accountId: string;
  readonly venue: string;
  readonly instrumentId: string;
  readonly currency: string;
  readonly initialCapital: string;
}

export const fleetMembers: readonly FleetMember[] = fleetPresets.map(preset => ({
  botId: preset.botId,
  strategyId: preset.strategyId,
  accountId: preset.accountId,
  venue: preset.venue.name,
  instrumentId: preset.instrument.instrumentId,
  currency: preset.instrument.quoteCurrency,
  initialCapital: preset.capital,
}));

export interface FleetLine {
  readonly botId: string;
  readonly strategyId: string;
  readonly line: string;
}

export interface FleetOptions {
  readonly seed: number;
  /** Part of all ids; give each start its own, or the ledger takes the new events for old ones. */
  readonly runId: string;
  readonly emit: (line: FleetLine) => void;
}

export interface Fleet {
  readonly bots: ReadonlyMap<string, PaperBot>;
  /** All bots trade through the minute that ends at `nowMs`. The first call decides when their markets begin. */
  readonly step: (nowMs: number) => void;
  /**
   * Event lines of the days before `endMs`, in bars of five minutes: orders, fills, cash, and marks and account each hour. Each bot then
   * carries on where its history ended: flat, at that price, with that equity. Call it at most once, before the first step.
   */
  readonly history: (days: number, endMs: number) => readonly FleetLine[];
}

const minuteMs = 60_000;
const historyBarMinutes = 5;
const historyBarMs = historyBarMinutes * minuteMs;
const dayMs = 1440 * minuteMs;

interface Past {
  readonly lines: readonly string[];
  readonly end: HandOver;
}

/** Trades days before `endMs` and ends flat. The last bar is the one that flattens. */
function tradePast(preset: Preset, options: FleetOptions, days: number, endMs: number): Past {
  const lines: string[] = [];
  const bars = Math.round((days * dayMs) / historyBarMs);
  const firstCloseMs = endMs - (bars - 1) * historyBarMs;
  const bot = createPaperBot({
    ...preset,
    seed: options.seed,
    strategy: preset.strategy(historyBarMinutes),
    intervalMs: historyBarMs,
    runId: `${options.runId}h`,
    detail: 'ledger',
    candles: randomCandles({ ...preset, seed: options.seed + fleetPresets.indexOf(preset), firstCloseMs, intervalMs: historyBarMs }),
    emit: line => lines.push(line),
  });
  for (let bar = 0; bar < bars - 2; bar++) bot.step(firstCloseMs + bar * historyBarMs);
  for (let bar = bars - 2; bar < bars; bar++) bot.flatten(firstCloseMs + bar * historyBarMs);
  const end = bot.handOver();
  if (end === undefined) throw new Error(`${preset.strategyId}: the history did not end flat`);
  return { lines, end };
}

export function createFleet(options: FleetOptions): Fleet {
  const pasts = new Map<Preset, HandOver>();
  const bots = new Map<string, PaperBot>();

  /** A bot whose strategy has already seen the minutes before, so that it trades from the first one. */
  const startBot = (preset: Preset, firstCloseMs: number): PaperBot => {
    const past = pasts.get(preset);
    const { candles, strategy } = warmStart(preset, {
      seed: options.seed + 1000 + fleetPresets.indexOf(preset),
      startPrice: past?.lastPrice ?? preset.startPrice,
      firstCloseMs,
    });
    return createPaperBot({
      ...preset,
      seed: options.seed,
      strategy,
      candles,
      runId: options.runId,
      capital: past?.capital ?? preset.capital,
      emit: line => options.emit({ botId: preset.botId, strategyId: preset.strategyId, line }),
    });
  };

  return {
    bots,
    step: nowMs => {
      if (bots.size === 0) for (const preset of fleetPresets) bots.set(preset.botId, startBot(preset, nowMs));
      for (const bot of bots.values()) bot.step(nowMs);
    },
    history: (days, endMs) => {
      if (bots.size > 0) throw new Error('the history comes before the first step');
      return fleetPresets.flatMap(preset => {
        const { lines, end } = tradePast(preset, options, days, endMs);
        pasts.set(preset, end);
        return lines.map(line => ({ botId: preset.botId, strategyId: preset.strategyId, line }));
      });
    },
  };
}
