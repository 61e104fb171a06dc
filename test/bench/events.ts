import { parseLine } from '../../core/events/parse.ts';
import type { Bench } from './bench.ts';

/** Lines of executions as a bot writes them, about 440 bytes each. */
export function executionLines(count: number): string[] {
  const start = Date.UTC(2026, 0, 5);
  return Array.from({ length: count }, (_, at) => {
    const time = new Date(start + at * 431).toISOString().replace('Z', '123Z');
    return JSON.stringify({
      schemaVersion: 1,
      eventId: `e-${at}`,
      eventType: 'execution',
      source: { system: 'bench' },
      environment: 'live',
      strategyId: 'momentum',
      accountId: 'A-1',
      tsEvent: time,
      seq: at + 1,
      execId: `X-${at}`,
      execType: 'trade',
      instrumentId: 'BTC-PERP',
      venue: 'SIM',
      side: at % 2 === 0 ? 'buy' : 'sell',
      lastQty: `0.${1 + (at % 9)}`,
      lastPx: `${42_000 + (at % 977)}.5`,
      transactTime: time,
      liquidity: 'taker',
      fees: [{ amount: '2.1', currency: 'USDT' }],
    });
  });
}

function milliseconds(run: () => void): number {
  const from = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - from) / 1e6;
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;

export interface ParseRatio {
  readonly lines: number;
  readonly bytesPerLine: number;
  readonly jsonMs: number;
  readonly parseMs: number;
  /** Time of JSON.parse, validation and conversion over that of JSON.parse alone; medians of interleaved rounds. */
  readonly ratio: number;
}

/** Measures reading `count` executions against JSON.parse of the same lines alone. */
export function measureParse(count = 100_000, rounds = 7): ParseRatio {
  const lines = executionLines(count);
  let sink = 0;
  const json = () => {
    for (const line of lines) sink += (JSON.parse(line) as { seq: number }).seq;
  };
  const parse = () => {
    for (const line of lines) sink += parseLine(line).kind === 'event' ? 1 : 0;
  };
  json();
  parse();
  const jsonMs: number[] = [];
  const parseMs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    jsonMs.push(milliseconds(json));
    parseMs.push(milliseconds(parse));
  }
  if (sink === 0) throw new Error('nothing was read');
  const bytesPerLine = lines.reduce((sum, line) => sum + line.length, 0) / count;
  return { lines: count, bytesPerLine, jsonMs: median(jsonMs), parseMs: median(parseMs), ratio: median(parseMs) / median(jsonMs) };
}

export const bench: Bench = {
  name: 'reading events',
  run: async ({ short }) => {
    const { lines, bytesPerLine, jsonMs, parseMs, ratio } = measureParse(short ? 20_000 : 100_000);
    console.log(
      `${lines} executions of ${bytesPerLine.toFixed(0)} bytes: JSON.parse ${jsonMs.toFixed(0)} ms, parseLine ${parseMs.toFixed(0)} ms, ratio ${ratio.toFixed(2)} (at most 1.8)`,
    );
  },
};
