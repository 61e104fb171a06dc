/**
 * A day of a million executions of one strategy, as a bad network delivers them: 1 % twice, 5 % up to five minutes late. They go a thousand at a time
 * through the real bundles: log group, ingest, FIFO queue, ledger, table. The result must be that of the ordered stream, to the last digit, and the
 * functions must stay below 512 MB. Needs `npm run build`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createStrategyStore } from '../../adapters/aws/strategy-store.ts';
import type { Io } from '../../bin/command.ts';
import { openStack } from '../../bin/start/open-stack.ts';
import { discoverConfig } from '../../core/config/discover.ts';
import { parseLine } from '../../core/events/parse.ts';
import { decodeState } from '../../core/ledger/codec.ts';
import { foldBatch } from '../../core/ledger/fold.ts';
import { scoreStrategy } from '../../core/ledger/score.ts';
import { settingsFor } from '../../core/ledger/settings.ts';
import { emptyState, type StrategyState } from '../../core/ledger/state.ts';
import { rank } from '../../local/clock.ts';
import type { LocalStack } from '../../local/stack.ts';
import { stateTable } from '../../local/summary.ts';
import type { Bench } from './bench.ts';
import { type Figure, failPastLimits, figureLine } from './limits.ts';

const dayMs = 86_400_000;
const start = Date.UTC(2026, 2, 9);
const batch = 1000;
const config = discoverConfig([{ strategyId: 's1' }]);
const symbols = ['BTC-USD', 'ETH-USD', 'SOL-USD'];

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The line of the nth of `count` executions of the day; the same for every call. */
function line(at: number, count: number): string {
  const random = seeded(Math.imul(at + 1, 2654435761));
  random();
  const time = new Date(start + Math.floor((at * dayMs) / count)).toISOString();
  return JSON.stringify({
    schemaVersion: 1,
    eventId: `e${at}`,
    eventType: 'execution',
    source: { system: 'bench' },
    environment: 'paper',
    strategyId: 's1',
    accountId: 'a1',
    tsEvent: time,
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
  });
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

/** The perfect stream, folded here. */
function inOrder(count: number): StrategyState {
  const state = emptyState(settingsFor(config, 's1'));
  for (let from = 0; from < count; from += batch) {
    const events = Array.from({ length: Math.min(batch, count - from) }, (_, at) => parseLine(line(from + at, count)));
    foldBatch(
      state,
      events.flatMap(parsed => (parsed.kind === 'event' ? [parsed.event] : [])),
      { receivedAtMs: start + dayMs },
    );
  }
  return state;
}

/** Appends a thousand lines to the bot's log group each time the clock has come to when the last of them would arrive. */
async function deliver(stack: LocalStack, order: Uint32Array, count: number): Promise<void> {
  const group = config.bots[0]!.logGroup.name;
  const batches = Math.ceil(order.length / batch);
  const last = start + dayMs + 600_000;
  for (let nth = 0; nth < batches; nth++) {
    const atMs = start + Math.ceil(((nth + 1) * dayMs) / batches);
    stack.clock.at(atMs, rank.input, () => {
      for (const at of order.subarray(nth * batch, (nth + 1) * batch)) stack.logs.append(group, 'bot', atMs, line(at, count));
    });
  }
  await stack.clock.run(last);
}

/** Most memory that each function's process has ever had, in MB; empty where the system does not tell (other than Linux). */
function peaks(): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const pid of process.platform === 'linux' ? readdirSync('/proc').filter(name => /^\d+$/.test(name)) : []) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      if (Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) !== process.pid) continue;
      const name = /AWS_LAMBDA_FUNCTION_NAME=([^\0]*)/.exec(readFileSync(`/proc/${pid}/environ`, 'utf8'))?.[1];
      const peak = Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]) / 1024;
      if (name !== undefined) found.set(name, Math.max(peak, found.get(name) ?? 0));
    } catch {
      // The process has ended meanwhile.
    }
  }
  return found;
}

async function throughBundles(order: Uint32Array, count: number) {
  const { stdin } = process;
  const io: Io = { env: {}, stdout: () => {}, stderr: text => process.stderr.write(text), cwd: process.cwd(), stdin, isTty: false };
  const options = { drainMs: 0, deliverySeconds: 1, headless: true, untilEnd: false, json: false, fresh: false, sends: false };
  const stack = await openStack({ config, startMs: start, speed: 'max', port: 0 }, options, io);
  try {
    const begun = performance.now();
    await deliver(stack, order, count);
    const seconds = (performance.now() - begun) / 1000;
    const stored = (await createStrategyStore(stateTable(stack)).load('s1'))!;
    const counted = (label: string) => stack.counts.get(label)!;
    const peakOf = (label: string) => {
      const name = stack.functions.find(definition => definition.label === label)!.name;
      return peaks().get(name) ?? Number.NaN;
    };
    return {
      state: decodeState(stored.encoded.head, stored.encoded.parts, settingsFor(config, 's1')),
      seconds,
      invocations: counted('ledger').invocations,
      errors: counted('ledger').errors + counted('ingest').errors,
      waiting: stack.queues.reduce((sum, queue) => sum + queue.counts().visible, 0),
      ledgerMb: peakOf('ledger'),
      ingestMb: peakOf('ingest'),
    };
  } finally {
    await stack.close();
  }
}

export const bench: Bench = {
  name: 'a million executions in a day for one strategy through the real bundles, some twice and some late, against the ordered stream',
  run: async ({ short }) => {
    const count = short ? 20_000 : 1_000_000;
    const order = arrivals(count);
    const [ordered, ran] = [inOrder(count), await throughBundles(order, count)];
    const { counts } = ran.state;
    const whole = (value: number) => value.toLocaleString('en-US');
    const mb = (value: number) => `${value.toFixed(0)} MB`;
    const figures: Figure[] = [
      { what: 'executions delivered', value: order.length, text: whole },
      { what: 'accepted', value: counts.accepted, least: count, most: count, text: whole },
      { what: 'duplicates', value: counts.duplicates, least: order.length - count, most: order.length - count, text: whole },
      { what: 'conflicting', value: counts.conflicting, most: 0, text: whole },
      { what: 'failed invocations, messages left over', value: ran.errors + ran.waiting, most: 0, text: whole },
      { what: 'invocations of the ledger', value: ran.invocations, text: whole },
      { what: 'executions a second, everything included', value: Math.round(order.length / ran.seconds), text: whole },
      ...(Number.isNaN(ran.ledgerMb) ? [] : [{ what: 'peak memory of the ledger', value: ran.ledgerMb, most: 512, text: mb }]),
      ...(Number.isNaN(ran.ingestMb) ? [] : [{ what: 'peak memory of ingest', value: ran.ingestMb, most: 512, text: mb }]),
    ];
    for (const figure of figures) process.stdout.write(`${figureLine(figure)}\n`);
    const [wanted, got] = [scoreStrategy(ordered), scoreStrategy(ran.state)].map(score => JSON.stringify(score));
    if (wanted !== got) throw new Error(`another result than that of the ordered stream:\n${wanted}\n${got}`);
    process.stdout.write(`the result of the ordered stream, to the last digit: net ${scoreStrategy(ran.state).netPnl}\n`);
    failPastLimits(figures, { short });
  },
};
