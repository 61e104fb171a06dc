/** Invented but realistic answers of the web API, for developing the viewer and for its browser test. Deterministic. */

export const minute = 60_000;

/** 0 to 1, the same for the same text and number. */
function noise(name: string, at: number): number {
  let hash = 2166136261 ^ Math.imul(at | 0, 374761393);
  for (let index = 0; index < name.length; index += 1) hash = Math.imul(hash ^ name.charCodeAt(index), 16777619);
  hash = Math.imul(hash ^ (hash >>> 15), 2246822507);
  hash = Math.imul(hash ^ (hash >>> 13), 3266489909);
  return ((hash ^ (hash >>> 16)) >>> 0) / 4294967296;
}

/** A smooth wander around 0, roughly within ±1, made of several lengths. */
function wander(name: string, at: number): number {
  return [240, 60, 17, 5, 1].reduce((sum, length, octave) => {
    const base = Math.floor(at / length);
    const part = at / length - base;
    const ease = part * part * (3 - 2 * part);
    const value = noise(`${name}${octave}`, base) * (1 - ease) + noise(`${name}${octave}`, base + 1) * ease;
    return sum + (value - 0.5) * 2 * 0.55 ** octave;
  }, 0);
}

export interface Bot {
  readonly id: string;
  readonly venue: string;
  readonly capital: number;
}

export const fleet: readonly Bot[] = [
  { id: 'momentum-btc', venue: 'kraken', capital: 100_000 },
  { id: 'maker-eth', venue: 'bybit', capital: 250_000 },
  { id: 'basis-sol', venue: 'okx', capital: 60_000 },
];

type Dimensions = Readonly<Record<string, string>>;

const money = (name: string, at: number, scale: number, drift: number) => wander(name, at) * scale + drift * (at % 20_000) * 0.01;

/** Value of a metric in a minute since the epoch; undefined is a gap. */
const metrics: Readonly<Record<string, { readonly unit: string; readonly of: (who: string, at: number) => number | undefined }>> = {
  NetPnl: { unit: 'None', of: (who, at) => money(who, at, 900, 18) - 300 },
  GrossPnl: { unit: 'None', of: (who, at) => money(who, at, 900, 18) + 200 },
  RealizedPnl: { unit: 'None', of: (who, at) => money(who, Math.floor(at / 20) * 20, 700, 16) },
  UnrealizedPnl: { unit: 'None', of: (who, at) => wander(`${who}u`, at) * 350 },
  SessionPnl: { unit: 'None', of: (who, at) => wander(who, at) * 620 + 240 },
  Fees: { unit: 'None', of: (who, at) => 480 + (at % 20_000) * 0.02 + noise(who, 1) * 40 },
  Equity: { unit: 'None', of: (who, at) => (fleet.find(bot => bot.id === who)?.capital ?? 1e5) + money(who, at, 900, 18) },
  Drawdown: { unit: 'Percent', of: (who, at) => Math.max(0, 3.1 - wander(who, at) * 2.6) },
  MaxDrawdown: { unit: 'Percent', of: who => 4 + noise(who, 3) * 5 },
  Sharpe: { unit: 'None', of: (who, at) => 1.1 + noise(who, 5) + wander(`${who}s`, at / 50) * 0.1 },
  Sortino: { unit: 'None', of: (who, at) => 1.7 + noise(who, 6) + wander(`${who}s`, at / 50) * 0.2 },
  WinRate: { unit: 'Percent', of: (who, at) => 54 + noise(who, 7) * 8 + wander(`${who}w`, at / 20) },
  TradeCount: { unit: 'Count', of: (who, at) => Math.floor((at % 20_000) / (9 + noise(who, 2) * 20)) },
  OpenPositions: { unit: 'Count', of: (who, at) => Math.max(0, Math.round(1.4 + wander(`${who}p`, at) * 1.6)) },
  FillRate: { unit: 'Percent', of: (who, at) => 91 + wander(`${who}f`, at) * 5 },
  RejectShare: { unit: 'Percent', of: (who, at) => Math.max(0, 0.8 + wander(`${who}r`, at) * 1.2) },
  OrderAckLatency: { unit: 'Milliseconds', of: (who, at) => 38 + noise(who, 9) * 30 + Math.abs(wander(`${who}l`, at)) * 34 },
  OrderFillLatency: { unit: 'Milliseconds', of: (who, at) => 190 + Math.abs(wander(`${who}fl`, at)) * 160 },
  MarketDataLatency: { unit: 'Milliseconds', of: (who, at) => 12 + Math.abs(wander(`${who}m`, at)) * 14 },
  HeartbeatAge: { unit: 'Seconds', of: (who, at) => 4 + noise(`${who}h`, at) * 7 },
  CpuUsage: { unit: 'Percent', of: (who, at) => Math.max(2, 31 + wander(`${who}c`, at) * 24) },
  MemoryUsage: { unit: 'Percent', of: (who, at) => 46 + wander(`${who}mem`, at / 30) * 9 + ((at % 700) / 700) * 12 },
  DiskIo: { unit: 'Bytes/Second', of: (who, at) => Math.abs(wander(`${who}d`, at)) * 4e6 },
  NetworkBandwidth: { unit: 'Bytes/Second', of: (who, at) => 2.4e5 + Math.abs(wander(`${who}n`, at)) * 9e5 },
  NetworkLatency: { unit: 'Milliseconds', of: (who, at) => 21 + Math.abs(wander(`${who}nl`, at)) * 12 },
  ErrorCount: { unit: 'Count', of: (who, at) => Math.max(0, Math.round(wander(`${who}e`, at) * 3 - 0.7)) },
  EventCount: { unit: 'Count', of: (who, at) => 130 + Math.round(wander(`${who}ev`, at) * 60) },
  QueueLength: { unit: 'Count', of: (who, at) => Math.max(0, Math.round(wander(`${who}q`, at) * 9)) },
  HeartbeatCount: { unit: 'Count', of: (who, at) => (noise(`${who}hb`, at) > 0.04 ? 6 : 5) },
  Liveness: { unit: 'None', of: () => 1 },
  Silent: { unit: 'None', of: () => undefined },
};

const bucket = (stat: string, values: readonly number[]): number | undefined => {
  if (values.length === 0) return undefined;
  if (stat === 'SampleCount') return values.length;
  if (stat === 'Sum') return values.reduce((a, b) => a + b, 0);
  if (stat === 'Maximum') return Math.max(...values);
  if (stat === 'Minimum') return Math.min(...values);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const percentile = /^p(\d+)/.exec(stat)?.[1];
  return percentile === undefined ? mean : mean * (1 + Math.max(0, Number(percentile) - 50) / 28);
};

export interface Outage {
  readonly botId: string;
  readonly fromMs: number;
  toMs: number;
}

export interface Asked {
  readonly fromMs: number;
  readonly toMs: number;
  readonly periodSeconds: number;
}

/** History begins six hours before the stack started, in virtual time. */
export const historyMs = 6 * 3_600_000;

export function readSeries(
  what: { readonly metricName: string; readonly dimensions: Dimensions; readonly stat: string },
  asked: Asked,
  at: { startMs: number; nowMs: number; outages: readonly Outage[] },
) {
  const metric = metrics[what.metricName];
  const who = what.dimensions['Strategy'] ?? what.dimensions['Bot'] ?? what.dimensions['Function'] ?? 'all';
  const timestamps: number[] = [];
  const values: number[] = [];
  const step = asked.periodSeconds * 1000;
  const from = Math.max(asked.fromMs, at.startMs - historyMs);
  for (
    let time = Math.floor(from / step) * step;
    metric !== undefined && time + step <= Math.min(asked.toMs, at.nowMs) + minute;
    time += step
  ) {
    const samples: number[] = [];
    for (let each = time; each < time + step; each += minute) {
      const isOut = at.outages.some(outage => outage.botId === who && each >= outage.fromMs && each < outage.toMs);
      const value = isOut || each > at.nowMs ? undefined : metric.of(who, Math.floor(each / minute));
      if (value !== undefined) samples.push(value);
    }
    const value = bucket(what.stat, samples);
    if (value === undefined) continue;
    timestamps.push(time);
    values.push(Math.round(value * 1e4) / 1e4);
  }
  return { timestamps, values, unit: metric?.unit ?? 'None' };
}
