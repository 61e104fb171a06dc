/**
 * What `npm run bench` measures of the ledger, each in a process of its own: `ledger-measures.ts NAME` prints one JSON object. `FILLS` names a
 * file of fills; without it they are made up.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createStrategyStore } from '../../adapters/aws/strategy-store.ts';
import type { Item, Table } from '../../adapters/aws/table.ts';
import { createMemoryTable } from '../../adapters/memory/table.ts';
import { discoverConfig } from '../../core/config/discover.ts';
import { createLineSplitter } from '../../core/events/lines.ts';
import { parseLine } from '../../core/events/parse.ts';
import type { ExecutionEvent, HeartbeatEvent, NightdeskEvent } from '../../core/events/types.ts';
import { emptyPulse, foldPulse } from '../../core/health/pulse.ts';
import { averagePrice, plainContract } from '../../core/ledger/book.ts';
import { decodeState, encodeState } from '../../core/ledger/codec.ts';
import { openPositionsOf } from '../../core/ledger/days.ts';
import { foldBatch } from '../../core/ledger/fold.ts';
import { createScorer } from '../../core/ledger/scorer.ts';
import { settingsFor } from '../../core/ledger/settings.ts';
import { emptyState, type StrategyState, wholeRetention } from '../../core/ledger/state.ts';
import { strategyGauges } from '../../core/ledger/strategy-gauges.ts';
import { viewOf } from '../../core/ledger/view-of.ts';
import { formatDecimal, toApproximate } from '../../core/money/decimal.ts';
import { summarize } from '../../core/performance/summary.ts';
import { executionLine, fillRows } from './executions.ts';

export type Measured = Readonly<Record<string, number | string>>;

const executions = Number(process.env['EXECUTIONS'] ?? 100_000);
const rounds = 6;
const settings = settingsFor(undefined, 'bench');
const always = { receivedAtMs: Number.POSITIVE_INFINITY };

const lines = (count = executions): string[] => fillRows(process.env['FILLS'], count).map(executionLine);

export const measures = {
  /** The yardstick: the same lines through JSON.parse alone, cut out of the bytes beforehand. */
  json: () => {
    const texts = lines();
    return {
      ms: best(() => texts.reduce((sum, line) => sum + (JSON.parse(line) as { seq: number }).seq, 0)),
      longest: texts.reduce((max, line) => Math.max(max, line.length), 0),
    };
  },
  events: () => {
    const texts = lines();
    return { ms: best(() => texts.reduce((sum, line) => sum + (parseLine(line).kind === 'event' ? 1 : 0), 0)) };
  },
  /** From bytes to the result, as `nightdesk score` does it. */
  score: () => {
    const bytes = Buffer.from(`${lines().join('\n')}\n`);
    const run = () => {
      const splitter = createLineSplitter();
      const scorer = createScorer();
      for (let at = 0; at < bytes.length; at += 1 << 20)
        for (const line of splitter.push(bytes.subarray(at, at + (1 << 20)))) scorer.add(line);
      return scorer.result();
    };
    const { strategies } = run();
    return { ms: best(run), net: strategies['bench']?.netPnl ?? 'absent', trades: strategies['bench']?.trades ?? 0 };
  },
  /**
   * Decodes batches of 1,000, which is not timed, and folds them, which is: all into one state, and a tenth into each of ten. In time of
   * the processor, that of the garbage collector's threads with it, because a busy machine stretches any other.
   */
  fold: () => {
    const texts = lines();
    const tenth = Math.ceil(texts.length / 10);
    const whole = () => foldTime(texts, 0, texts.length);
    const parts = () => Array.from({ length: 10 }, (_, at) => foldTime(texts, at * tenth, tenth)).reduce((sum, ms) => sum + ms, 0);
    let [one, ten] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let round = 0; round < rounds; round++) {
      ten = Math.min(ten, parts());
      one = Math.min(one, whole());
    }
    return { perSecond: Math.round((texts.length / one) * 1000), growth: one / (ten / 10) };
  },
  cases: () => compareWithCases(),
  metrics: () => {
    const returns = Array.from({ length: 1260 }, (_, at) => Math.sin(at * 12.9898) * 0.01 + 0.0003);
    const ms = best(() => Array.from({ length: 100 }, () => summarize(returns, { periodsPerYear: 252, riskFree: 0.02 })).length);
    return { ms: ms / 100 };
  },
  refresh: () => refreshSpeed(),
  stateOne: () => storedState(only(lines(), 'BTC-USD')),
  stateFive: () => storedState(lines().map(executionOf)),
};

export type MeasureName = keyof typeof measures;

/** Milliseconds of processor time. */
function foldTime(texts: readonly string[], from: number, count: number): number {
  const state = emptyState(settings, wholeRetention);
  let spent = 0;
  for (let at = from; at < from + count; at += 1000) {
    const events = texts.slice(at, Math.min(at + 1000, from + count)).map(executionOf);
    const start = process.cpuUsage();
    foldBatch(state, events, always);
    const { user, system } = process.cpuUsage(start);
    spent += (user + system) / 1000;
  }
  return spent;
}

interface FillCase {
  readonly metric: string;
  readonly input: { readonly symbol: string; readonly first_n_fills: number };
  readonly params: { readonly method: string };
  readonly expected: { readonly position: number; readonly realized_gross: number; readonly avg_px_open?: number };
}

/** Positions, gross profit and average prices of the scored lines against the cases of a `metric-cases.json` above the file of fills. */
function compareWithCases(): Measured {
  const path = join(dirname(process.env['FILLS'] ?? ''), '..', 'metric-cases.json');
  const cases = existsSync(path) ? fillCases(JSON.parse(readFileSync(path, 'utf8'))) : [];
  let [compared, differing] = [0, 0];
  for (const { input, params, expected } of cases) {
    const costMethod = params.method === 'avg' ? ('average' as const) : ('fifo' as const);
    const state = scoredState(input.first_n_fills, costMethod);
    const book = [...state.books.values()].find(({ instrumentId }) => instrumentId === input.symbol)!;
    const { position } = book;
    const average = averagePrice(position, plainContract);
    const pairs: readonly (readonly [number | undefined, number | undefined])[] = [
      [toApproximate({ units: position.quantity, scale: position.quantityScale }), expected.position],
      [toApproximate({ units: position.realized, scale: position.moneyScale }), expected.realized_gross],
      [average && toApproximate(average), expected.avg_px_open],
    ];
    compared += pairs.length;
    differing += pairs.filter(([ours, theirs]) => Math.abs((ours ?? 0) - (theirs ?? 0)) > 1e-9 * Math.max(1, Math.abs(theirs ?? 0))).length;
  }
  return { compared, differing };
}

const fillCases = (file: unknown): readonly FillCase[] =>
  (Array.isArray(file) ? file : (Object.values(file as object).find(Array.isArray) ?? [])).filter(
    (each: FillCase) => each.metric === 'fill_stream' && ['avg', 'fifo'].includes(each.params.method),
  );

const scored = new Map<string, StrategyState>();

/** Of the first lines, through the same scorer. */
function scoredState(count: number, costMethod: 'average' | 'fifo'): StrategyState {
  const key = `${count} ${costMethod}`;
  const config = discoverConfig([{ strategyId: 'bench' }]);
  const bots = config.bots.map(bot => ({ ...bot, strategies: bot.strategies.map(strategy => ({ ...strategy, costMethod })) }));
  const known = scored.get(key);
  if (known !== undefined) return known;
  const scorer = createScorer({ ...config, bots });
  for (const line of createLineSplitter().push(Buffer.from(`${lines(count).join('\n')}\n`))) scorer.add(line);
  const state = scorer.states().get('bench')!;
  scored.set(key, state);
  return state;
}

const only = (texts: readonly string[], instrument: string) => texts.map(executionOf).filter(event => event.instrumentId === instrument);

/** Bytes of an item as DynamoDB counts them: names and values; numbers about as long as their digits. */
function bytesOf(item: Item): number {
  return Object.entries(item).reduce(
    (sum, [name, value]) => sum + name.length + (value instanceof Uint8Array ? value.length : Buffer.byteLength(String(value))),
    0,
  );
}

/**
 * Batches of ten through the store, with everything that the ledger saves beside, and at the end what the items hold: after a tenth of the
 * executions and after all, both flat (closed by one more execution per instrument, as of the same time).
 */
async function storedState(events: readonly ExecutionEvent[]): Promise<Measured> {
  const tenth = await runThroughStore(events.slice(0, Math.floor(events.length / 10)));
  const whole = await runThroughStore(events);
  return { ...whole, stateAtTenth: tenth.state };
}

async function runThroughStore(events: readonly ExecutionEvent[]) {
  const table = createMemoryTable();
  let written = 0;
  const counting: Table = {
    ...table,
    put: (item, expected) => {
      written += bytesOf(item);
      return table.put(item, expected);
    },
    write: (puts, deletes) => {
      for (const item of puts) written += bytesOf(item);
      return table.write(puts, deletes);
    },
  };
  const store = createStrategyStore(counting);
  let state = emptyState(settings);
  let pulse = emptyPulse;
  let version = 0;
  const commit = async (batch: readonly NightdeskEvent[]) => {
    const nowMs = Number(batch[0]!.tsEvent / 1_000_000n);
    foldBatch(state, batch, always);
    pulse = foldPulse(pulse, batch, nowMs);
    const saved = await store.saveWith('bench', version++, encodeState(state), { pulse, view: viewOf(state, nowMs) });
    if (saved !== 'saved') throw new Error('somebody else has written');
  };
  for (let at = 0; at < events.length; at += 10) {
    await commit(events.slice(at, at + 10));
    if (version % 500 !== 0) continue;
    const stored = await store.load('bench');
    state = decodeState(stored!.encoded.head, stored!.encoded.parts);
  }
  const perBatch = Math.round(written / version);
  const last = events.at(-1)!;
  await commit([...closingOf(state, last), heartbeatAfter(last, 1)]);
  // What a commit has replaced is deleted with the next.
  await commit([heartbeatAfter(last, 2)]);
  const items = [...table.items.values()];
  const sizeOf = (belongs: (sk: string) => boolean) => items.filter(({ sk }) => belongs(sk)).reduce((sum, item) => sum + bytesOf(item), 0);
  const isMemory = (sk: string) => /^PART#(seen|events)-/.test(sk);
  return {
    head: sizeOf(sk => sk === 'HEAD'),
    state: sizeOf(sk => !isMemory(sk)),
    identities: sizeOf(isMemory),
    remembered: state.seen.size,
    kept: state.journal.entryCount,
    perBatch,
  };
}

function closingOf(state: StrategyState, last: ExecutionEvent): ExecutionEvent[] {
  return openPositionsOf(state).map(({ book, position }) => ({
    ...last,
    eventId: `close:${book.instrumentId}`,
    execId: `close:${book.instrumentId}`,
    instrumentId: book.instrumentId,
    side: position.quantity > 0n ? 'sell' : 'buy',
    lastQty: formatDecimal({ units: position.quantity < 0n ? -position.quantity : position.quantity, scale: position.quantityScale }),
    lastPx: formatDecimal({ units: position.lastPrice, scale: position.lastPriceScale }),
  }));
}

function heartbeatAfter(last: ExecutionEvent, nth: number): HeartbeatEvent {
  const { schemaVersion, source, environment, strategyId, accountId } = last;
  const tsEvent = last.tsEvent + BigInt(nth) * 1_000_000_000n;
  const envelope = { schemaVersion, source, environment, strategyId, accountId, tsEvent, tsSent: tsEvent };
  return { ...envelope, eventId: `beat:${nth}`, eventType: 'heartbeat', component: 'main', status: 'ok', intervalMs: 10_000 };
}

/** The heap's growth is that of one refresh, garbage included as far as nothing has collected it. */
function refreshSpeed(): Measured {
  const day = 86_400_000_000_000n;
  const states = Array.from({ length: 1000 }, (_, id) => {
    const state = emptyState({ ...settingsFor(undefined, `s${id}`), initialCapital: '100000', currency: 'USD' });
    const events = Array.from({ length: 60 }, (_, at) =>
      executionOf(executionLine(`${at + 1},0,BTC-USD,${at % 2 === 0 ? 1 : -1},${1 + (at % 7)},${6_500_000 + id * at},2,4,1000,1`)),
    ).map((event, at) => ({ ...event, strategyId: `s${id}`, tsEvent: BigInt(at) * day, transactTime: BigInt(at) * day }));
    return foldBatch(state, events, always).state;
  });
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const refresh = () => states.reduce((sum, state) => sum + (strategyGauges(state, 61 * 86_400_000).returnCount ?? 0), 0);
  refresh();
  const heapMb = Math.max(0, (process.memoryUsage().heapUsed - before) / 1e6);
  return { ms: best(refresh), heapMb };
}

function executionOf(line: string): ExecutionEvent {
  const parsed = parseLine(line);
  if (parsed.kind !== 'event' || parsed.event.eventType !== 'execution') throw new Error(`not an execution: ${line}`);
  return parsed.event;
}

/** Milliseconds of processor time of the best of some rounds: the one that was disturbed least. */
function best(run: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const name = process.argv[2] as MeasureName;
  process.stdout.write(`${JSON.stringify(await measures[name]())}\n`);
}
