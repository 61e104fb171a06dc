import { describe, expect, it } from 'vitest';
import { announceChanges } from '../../adapters/aws/due-list.ts';
import { createIncidentStore } from '../../adapters/aws/incident-store.ts';
import type { Observations } from '../../adapters/aws/latency-metrics.ts';
import { createOutput } from '../../adapters/aws/output.ts';
import { createStrategyStore } from '../../adapters/aws/strategy-store.ts';
import { createSweepStore } from '../../adapters/aws/sweep-store.ts';
import type { Table } from '../../adapters/aws/table.ts';
import { createMemoryTable } from '../../adapters/memory/table.ts';
import { parseConfig } from '../../core/config/parse.ts';
import type { FastBreach } from '../../core/incidents/breach.ts';
import { incidentKey } from '../../core/incidents/key.ts';
import { decodeState } from '../../core/ledger/codec.ts';
import { scoreStrategy } from '../../core/ledger/score.ts';
import { createLedger } from '../../lambdas/ledger/ledger.ts';
import { ledgerReports } from '../../lambdas/ledger/reports.ts';
import { lineOf } from '../events/lines-of.ts';
import { story as notifierStory } from './notifier-story.ts';

const startMs = Date.parse('2026-03-09T13:30:00Z');
const iso = (second: number) => new Date(startMs + second * 1000).toISOString();
const parsed = parseConfig({ bots: [{ id: 's1', limits: { dailyLoss: '100' } }] });
if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
const config = parsed.value;

const fill = (id: string, side: 'buy' | 'sell', qty: string, px: string, second: number, more = {}) =>
  lineOf('execution', {
    execId: id,
    eventId: `${id}-${px}`,
    side,
    lastQty: qty,
    lastPx: px,
    settlCurrency: 'USDT',
    tsEvent: iso(second),
    transactTime: iso(second),
    ...more,
  });
const ack = (id: string, second: number) =>
  lineOf('order', { clOrdId: id, eventId: id, tsSubmitted: iso(second), tsAcked: iso(second + 0.02) });

/** Three messages: positions are opened; the limit is crossed, a duplicate, a conflict and a bust come; it goes on. */
const messages = [
  [lineOf('account', { equity: '10000' }), fill('x1', 'buy', '10', '100', 5), ack('o1', 5), fill('x2', 'buy', '1', '50', 6)],
  [
    fill('x1', 'buy', '10', '100', 5),
    fill('x2', 'buy', '1', '51', 6),
    fill('b1', 'buy', '1', '50', 12, { execType: 'tradeCancel', execRefId: 'x2' }),
    fill('x3', 'sell', '10', '85', 15),
    ack('o2', 14),
  ],
  [fill('x4', 'buy', '2', '85', 25), lineOf('heartbeat', { tsEvent: iso(26) })],
].map((lines, index) => ({
  messageId: `m${index}`,
  body: JSON.stringify({ v: 1, strategyId: 's1', receivedAt: iso(10 * index + 10), lines }),
  nowMs: startMs + (10 * index + 11) * 1000,
}));

/** The world that outlives a process, and what it was told. */
function world() {
  const table = createMemoryTable();
  const breaches: FastBreach[] = [];
  const observed: Observations[] = [];
  const lines: Record<string, unknown>[] = [];
  return { table, breaches, observed, lines };
}

type World = ReturnType<typeof world>;
type Plug = <T>(effect: () => T | Promise<T>) => Promise<T>;

/**
 * A process that dies at its nth step, before or after the step has had its effect: every later call never comes back, as if nobody
 * were there to make it. Counts the steps that it made.
 */
function processOf({ table, breaches, observed, lines }: World, dies?: { readonly at: number; readonly when: 'before' | 'after' }) {
  let steps = 0;
  let isDead = false;
  let die = () => {};
  const death = new Promise<'died'>(resolve => {
    die = () => resolve('died');
  });
  const kill = () => {
    isDead = true;
    die();
  };
  const step: Plug = async effect => {
    if (isDead) return new Promise<never>(() => {});
    const isLast = dies !== undefined && steps === dies.at;
    steps++;
    if (isLast && dies.when === 'before') kill();
    if (isDead) return new Promise<never>(() => {});
    const result = await effect();
    if (isLast) kill();
    return isDead ? new Promise<never>(() => {}) : result;
  };
  const mortal: Table = {
    get: key => step(() => table.get(key)),
    getAll: keys => step(() => table.getAll(keys)),
    put: (item, expected) => step(() => table.put(item, expected)),
    range: (pk, bounds) => step(() => table.range(pk, bounds)),
    newest: (pk, limit) => step(() => table.newest(pk, limit)),
    // The items of a batch are written one after the other: a process can die between any two of them.
    write: async (puts, deletes) => {
      for (const item of puts) await step(() => table.write([item], []));
      for (const key of deletes) await step(() => table.write([], [key]));
    },
  };
  const written = createOutput(line => void lines.push(JSON.parse(line) as Record<string, unknown>));
  // Standard output is synchronous: to die at it is to throw, and whatever the process does after that has no effect.
  const say = (effect: () => void) => {
    if (isDead) throw new Error('nobody is there');
    const isLast = dies !== undefined && steps === dies.at;
    steps++;
    if (!isLast || dies.when === 'after') effect();
    if (!isLast) return;
    kill();
    throw new Error('killed');
  };
  let nowMs = startMs;
  const ledger = createLedger({
    config,
    strategies: createStrategyStore(mortal),
    sweeps: createSweepStore(mortal),
    announceChanges: nowMs => announceChanges(mortal, nowMs),
    topics: { publish: breach => step(() => void breaches.push(breach)) },
    latencies: { put: data => step(() => void observed.push(...data)) },
    output: {
      ...written,
      metrics: metricLines => say(() => written.metrics(metricLines)),
      warn: (message, fields) => say(() => written.warn(message, fields)),
      error: (message, fields) => {
        if (!isDead) written.error(message, fields);
      },
    },
    now: () => nowMs,
    ...ledgerReports('Nightdesk/demo', config),
  });
  return {
    steps: () => steps,
    take: (message: (typeof messages)[number]) => {
      nowMs = message.nowMs;
      const { messageId, body } = message;
      return Promise.race([ledger({ Records: [{ messageId, body }] } as unknown as Parameters<typeof ledger>[0]), death]);
    },
  };
}

/** What is there in the end: state, result, incidents, and the reasons and values that were told, each once however often. */
async function outcome({ table, breaches, observed, lines }: World) {
  const stored = await createStrategyStore(table).load('s1');
  const { head, parts } = stored!.encoded;
  const notifier = notifierStory();
  for (const breach of breaches) await notifier.deliver(notifier.fast(breach.alarm, breach.state, 0, breach));
  const incidents = await createIncidentStore(notifier.table, () => startMs).list(10);
  return {
    head,
    parts,
    score: scoreStrategy(decodeState(head, parts)),
    pulse: stored!.beside?.pulse,
    view: stored!.beside?.view,
    incidents: incidents.map(({ key, status }) => `${key} ${status}`),
    pages: notifier.told(),
    breaches: [...new Set(breaches.map(({ alarm, dimensions, state }) => `${incidentKey(alarm, dimensions)} ${state}`))],
    findings: [...new Set(lines.filter(line => line['message'] === 'finding' || 'kind' in line).map(line => JSON.stringify(line)))].sort(),
    observed: [...new Set(observed.map(series => JSON.stringify(series)))].sort(),
    gauges: lines.findLast(line => line['Equity'] !== undefined),
  };
}

async function undisturbed() {
  const calm = world();
  const process = processOf(calm);
  for (const message of messages) expect(await process.take(message)).toEqual({ batchItemFailures: [] });
  return { outcome: await outcome(calm), steps: process.steps() };
}

describe('the ledger, killed', () => {
  it('has something to lose: a limit is crossed, and there are reasons to tell', async () => {
    const calm = await undisturbed();
    expect(calm.steps).toBeGreaterThan(20);
    expect(calm.outcome.breaches).toEqual([expect.stringContaining('session-loss')]);
    expect(calm.outcome.incidents).toHaveLength(1);
    expect(calm.outcome.findings).toHaveLength(2);
    expect(calm.outcome.score).toMatchObject({ fills: 3, grossPnl: '-150', positions: [{ qty: '2' }] });
  });

  it.each(['before', 'after'] as const)('%s any step, changes no number and loses none once its message comes again', async when => {
    const calm = await undisturbed();
    for (let at = 0; at < calm.steps; at++) {
      const troubled = world();
      let process = processOf(troubled, { at, when });
      let deaths = 0;
      for (const message of messages) {
        while ((await process.take(message)) === 'died') {
          deaths++;
          process = processOf(troubled);
        }
      }
      expect(deaths, `step ${at}`).toBe(1);
      expect(await outcome(troubled), `killed ${when} step ${at}`).toEqual(calm.outcome);
    }
  });
});
