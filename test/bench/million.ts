/**
 * A day of a million executions of one strategy, as a bad network delivers them: 1 % twice, 5 % up to five minutes late, in batches of 1,000,
 * each folded, saved, and every hundredth loaded again as a fresh process would. The result must be that of the ordered stream.
 */
import { createStrategyStore } from '../../adapters/aws/strategy-store.ts';
import { createMemoryTable } from '../../adapters/memory/table.ts';
import type { ExecutionEvent, NightdeskEvent } from '../../core/events/types.ts';
import { decodeState, encodeState } from '../../core/ledger/codec.ts';
import { foldBatch } from '../../core/ledger/fold.ts';
import { scoreStrategy } from '../../core/ledger/score.ts';
import { settingsFor } from '../../core/ledger/settings.ts';
import { emptyState, type StrategyState } from '../../core/ledger/state.ts';
import type { Bench } from './bench.ts';

const dayMs = 86_400_000;
const start = Date.UTC(2026, 2, 9);
const settings = { ...settingsFor(undefined, 's1'), initialCapital: '1000000', currency: 'USD' };
const symbols = ['BTC-USD', 'ETH-USD', 'SOL-USD'];

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The nth of `count` executions of the day; the same for every call. */
function execution(at: number, count: number): ExecutionEvent {
  const random = seeded(Math.imul(at + 1, 2654435761));
  random();
  const time = BigInt(start) * 1_000_000n + (BigInt(at) * BigInt(dayMs) * 1_000_000n) / BigInt(count);
  return {
    schemaVersion: 1,
    eventId: `e${at}`,
    eventType: 'execution',
    source: { system: 'bench' },
    environment: 'paper',
    strategyId: 's1',
    accountId: 'a1',
    tsEvent: time,
    tsSent: time,
    seq: at,
    execId: `x${at}`,
    execType: 'trade',
    instrumentId: symbols[Math.floor(random() * symbols.length)]!,
    venue: 'v1',
    side: random() < 0.5 ? 'buy' : 'sell',
    lastQty: (1 + Math.floor(random() * 30)).toString(),
    lastPx: (30_000 + Math.floor(random() * 100_000) / 100).toString(),
    transactTime: time,
    fees: [{ amount: '0.01', currency: 'USD' }],
  };
}

/** Numbers of the executions in the order of their arrival. */
function arrivals(count: number): Uint32Array {
  const random = seeded(11);
  const perFiveMinutes = Math.floor(count / 288);
  const due: { readonly at: number; readonly key: number }[] = [];
  for (let at = 0; at < count; at++) {
    due.push({ at, key: random() < 0.05 ? at + random() * perFiveMinutes : at });
    if (random() < 0.01) due.push({ at, key: at + random() * perFiveMinutes });
  }
  due.sort((a, b) => a.key - b.key || a.at - b.at);
  return Uint32Array.from(due, each => each.at);
}

interface Run {
  readonly state: StrategyState;
  readonly seconds: number;
  readonly largestParts: number;
  readonly heapMb: number;
}

async function deliver(order: Uint32Array, count: number): Promise<Run> {
  const store = createStrategyStore(createMemoryTable());
  let state = emptyState(settings);
  let largestParts = 0;
  let heapMb = 0;
  const begun = performance.now();
  for (let from = 0, version = 0; from < order.length; from += 1000, version++) {
    const events: NightdeskEvent[] = Array.from(order.subarray(from, from + 1000), at => execution(at, count));
    foldBatch(state, events, { receivedAtMs: start + dayMs });
    const encoded = encodeState(state);
    if ((await store.save('s1', version, encoded)) !== 'saved') throw new Error('somebody else has written');
    largestParts = Math.max(
      largestParts,
      Object.values(encoded.parts).reduce((sum, text) => sum + text.length, encoded.head.length),
    );
    heapMb = Math.max(heapMb, process.memoryUsage().rss / 1e6);
    if (version % 100 !== 99) continue;
    const stored = await store.load('s1');
    state = decodeState(stored!.encoded.head, stored!.encoded.parts, settings);
  }
  return { state, seconds: (performance.now() - begun) / 1000, largestParts, heapMb };
}

/** Everything of the result that does not count deliveries. */
const resultOf = ({ state }: Run): string => JSON.stringify(scoreStrategy(state));

export const bench: Bench = {
  name: 'a million executions in a day for one strategy, some twice and some late, against the ordered stream',
  run: async ({ short }) => {
    const count = short ? 50_000 : 1_000_000;
    const ordered = await deliver(
      Uint32Array.from({ length: count }, (_, at) => at),
      count,
    );
    const messy = await deliver(arrivals(count), count);
    const print = (name: string, { seconds, largestParts, heapMb, state }: Run) =>
      process.stdout.write(
        `${name}: ${seconds.toFixed(1)} s, state at most ${(largestParts / 1024).toFixed(0)} KB, process ${heapMb.toFixed(0)} MB (at most 512), ${state.counts.duplicates} duplicates, ${state.counts.late} late\n`,
      );
    print('ordered', ordered);
    print('messy  ', messy);
    if (resultOf(ordered) !== resultOf(messy)) throw new Error(`another result:\n${resultOf(ordered)}\n${resultOf(messy)}`);
    process.stdout.write(`same result: net ${scoreStrategy(messy.state).netPnl}\n`);
  },
};
