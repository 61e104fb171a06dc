import { createStrategyStore } from '../../adapters/aws/strategy-store.ts';
import type { Table } from '../../adapters/aws/table.ts';
import { createMemoryTable } from '../../adapters/memory/table.ts';
import { createLineSplitter } from '../../core/events/lines.ts';
import { parseLine } from '../../core/events/parse.ts';
import type { NightdeskEvent } from '../../core/events/types.ts';
import { decodeState, encodeState } from '../../core/ledger/codec.ts';
import { foldBatch } from '../../core/ledger/fold.ts';
import { createScorer } from '../../core/ledger/scorer.ts';
import { settingsFor } from '../../core/ledger/settings.ts';
import { emptyState, storedRetention, wholeRetention } from '../../core/ledger/state.ts';
import { strategyGauges } from '../../core/ledger/strategy-gauges.ts';
import { summarize } from '../../core/performance/summary.ts';
import { executionLine, fillRows } from './executions.ts';

const executions = 100_000;
const rounds = 5;

export const bench = {
  name: 'score',
  run: async () => {
    const lines = fillRows(process.env['FILLS'] ?? process.argv[2], executions).map(executionLine);
    const longest = lines.reduce((max, line) => Math.max(max, line.length), 0);
    const bytes = Buffer.from(`${lines.join('\n')}\n`);
    print(`${lines.length} executions, lines up to ${longest} bytes`);
    compareWithParsing(lines, bytes);
    foldSpeed(lines);
    const events = lines.slice(0, 20_000).map(decoded);
    await storedState('five instruments', events);
    const one = events.filter(event => event.eventType === 'execution' && event.instrumentId === 'BTC-USD');
    await storedState('one instrument', one);
    metricSpeed();
    refreshSpeed();
  },
};

function compareWithParsing(lines: readonly string[], bytes: Uint8Array): void {
  const json = () => {
    let total = 0;
    for (const line of lines) total += (JSON.parse(line) as { seq: number }).seq;
    return total;
  };
  const score = () => {
    const splitter = createLineSplitter();
    const scorer = createScorer();
    for (const line of splitter.push(bytes)) scorer.add(line);
    for (const line of splitter.end()) scorer.add(line);
    return scorer.result().quality.accepted;
  };
  const events = () => lines.reduce((sum, line) => sum + (parseLine(line).kind === 'event' ? 1 : 0), 0);
  const times = best([json, events, score]);
  print(`JSON.parse alone ${ms(times[0]!)}, validated events ${ms(times[1]!)}, scored from bytes ${ms(times[2]!)}`);
  print(
    `score : JSON.parse = ${(times[2]! / times[0]!).toFixed(2)} (at most 3), events : JSON.parse = ${(times[1]! / times[0]!).toFixed(2)}`,
  );
}

/** Decodes a batch, which is not timed, and folds it, which is. */
function foldSpeed(lines: readonly string[]): void {
  const fold = (count: number) => () => {
    const state = emptyState(settingsFor(undefined, 'bench'), wholeRetention);
    let spent = 0;
    for (let at = 0; at < count; at += 1000) {
      const events = lines.slice(at, at + 1000).map(decoded);
      const start = performance.now();
      foldBatch(state, events, { receivedAtMs: Number.POSITIVE_INFINITY });
      spent += performance.now() - start;
    }
    return spent;
  };
  const tenth = Math.floor(lines.length / 10);
  const [small, large] = [fold(tenth), fold(lines.length)].map(run => Math.min(...Array.from({ length: rounds }, run)));
  print(
    `fold: ${rate(lines.length, large!)} executions/s (at least 500,000); 10 × the input takes ${(large! / small!).toFixed(1)} × the time`,
  );
}

/** Batches of ten through the store, as bytes of the items that it writes: parts, and the head with the list of all parts. */
async function storedState(name: string, events: readonly NightdeskEvent[]): Promise<void> {
  const table = createMemoryTable();
  let written = 0;
  const counting: Table = {
    ...table,
    put: (item, expected) => {
      written += JSON.stringify(item).length;
      return table.put(item, expected);
    },
    write: (puts, deletes) => {
      for (const item of puts) written += JSON.stringify(item).length;
      return table.write(puts, deletes);
    },
  };
  const store = createStrategyStore(counting);
  let state = emptyState(settingsFor(undefined, 'bench'), storedRetention);
  let encoded = encodeState(state);
  let version = 0;
  for (let at = 0; at < events.length; at += 10, version++) {
    foldBatch(state, events.slice(at, at + 10), { receivedAtMs: Number.POSITIVE_INFINITY });
    encoded = encodeState(state);
    if ((await store.save('bench', version, encoded)) !== 'saved') throw new Error('somebody else has written');
    if (version % 500 === 499) state = decodeState(encoded.head, encoded.parts);
  }
  const whole = Object.values(encoded.parts).reduce((sum, text) => sum + text.length, 0);
  print(
    `state of ${name}: head ${encoded.head.length} bytes, ${Object.keys(encoded.parts).length} parts of ${whole} bytes together, ${Math.round(written / version)} bytes written a batch of 10 (at most 4096)`,
  );
}

function metricSpeed(): void {
  const returns = Array.from({ length: 1260 }, (_, at) => Math.sin(at * 12.9898) * 0.01 + 0.0003);
  const [time] = best([() => Array.from({ length: 100 }, () => summarize(returns, { periodsPerYear: 252, riskFree: 0.02 })).length]);
  print(`all metrics over ${returns.length} returns: ${(time! / 100).toFixed(3)} ms (at most 0.5)`);
}

function refreshSpeed(): void {
  const day = 86_400_000_000_000n;
  const states = Array.from({ length: 1000 }, (_, id) => {
    const state = emptyState({ ...settingsFor(undefined, `s${id}`), initialCapital: '100000', currency: 'USD' });
    const events = Array.from({ length: 60 }, (_, at) =>
      decoded(executionLine(`${at + 1},0,BTC-USD,${at % 2 === 0 ? 1 : -1},${1 + (at % 7)},${6_500_000 + id * at},2,4,1000,1`)),
    ).map((event, at) => ({ ...event, strategyId: `s${id}`, tsEvent: BigInt(at) * day, transactTime: BigInt(at) * day }) as NightdeskEvent);
    return foldBatch(state, events, { receivedAtMs: Number.POSITIVE_INFINITY }).state;
  });
  const heap = process.memoryUsage().heapUsed;
  const [time] = best([() => states.reduce((sum, state) => sum + (strategyGauges(state, 61 * 86_400_000).returnCount ?? 0), 0)]);
  print(
    `1,000 strategies refreshed: ${ms(time!)} (at most 1 s), heap grew by ${Math.max(0, (process.memoryUsage().heapUsed - heap) / 1e6).toFixed(0)} MB`,
  );
}

function decoded(line: string): NightdeskEvent {
  const parsed = parseLine(line);
  if (parsed.kind !== 'event') throw new Error(`not an event: ${JSON.stringify(parsed)}`);
  return parsed.event;
}

/** Best of some rounds of each, in turn, so that a busy moment of the machine hits all alike. */
function best(runs: readonly (() => number)[]): number[] {
  const times = runs.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++) {
    runs.forEach((run, at) => {
      const start = performance.now();
      run();
      times[at] = Math.min(times[at]!, performance.now() - start);
    });
  }
  return times;
}

const ms = (value: number) => `${value.toFixed(0)} ms`;
const rate = (count: number, value: number) => Math.round((count / value) * 1000).toLocaleString('en-US');
const print = (text: string) => process.stdout.write(`${text}\n`);
