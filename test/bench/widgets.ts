/**
 * Custom widgets, warm: time from the call to the answer, with everything but the network. Fleets of 3 and of 100 strategies with a day of
 * minutes and a year of days behind each, over a table in memory; the bound of 200 ms is what a reader takes for immediate.
 */
import { createHistoryStore } from '../../adapters/aws/history-store.ts';
import { createIncidentStore } from '../../adapters/aws/incident-store.ts';
import { createOutput } from '../../adapters/aws/output.ts';
import { createSilenceStore } from '../../adapters/aws/silence-store.ts';
import { createMemoryTable } from '../../adapters/memory/table.ts';
import { alarmDefinitions } from '../../core/catalogue/alarm-definitions.ts';
import { discoverConfig } from '../../core/config/discover.ts';
import { newHealth } from '../../core/health/initial.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../core/ledger/history.ts';
import type { StrategyView } from '../../core/ledger/view.ts';
import { widget } from '../../lambdas/widgets/widgets.ts';
import type { Bench } from './bench.ts';

const LIMIT_MS = 200;
const now = Date.UTC(2026, 2, 9, 14);
const names = [
  'lights',
  'incidents',
  'heartbeats',
  'funnel',
  'curve',
  'scores',
  'attribution',
  'calendar',
  'positions',
  'results',
  'releases',
  'system',
  'cost',
];

const view: StrategyView = {
  schemaVersion: 1,
  at: now,
  currency: 'USDT',
  gauges: {
    equity: 1,
    netPnl: 2,
    grossPnl: 3,
    fees: 1,
    funding: 0,
    unrealizedPnl: 4,
    sharpe: 1.2,
    returnCount: 31,
    winRate: 0.5,
    tradeCount: 60,
    drawdown: 0.02,
  },
  positions: Array.from({ length: 20 }, (_, n) => ({
    instrumentId: `COIN${n}-PERP`,
    qty: '1.5',
    avgPx: '10',
    markPx: '11',
    unrealizedPnl: '1.5',
    currency: 'USDT',
    markedAtMs: now,
  })),
  orders: { submitted: 9, accepted: 8, rejected: 1, denied: 0, ended: 8, filledWhole: 7, filledPartly: 1 },
  attribution: {
    instruments: Array.from({ length: 20 }, (_, n) => [`COIN${n}-PERP`, '10', '0.5', '-0.1', '-1'] as const),
    account: ['0', '1', '0.25', '0'],
  },
};

async function fleet(strategies: number) {
  const config = discoverConfig(Array.from({ length: strategies }, (_, n) => ({ strategyId: `strategy-${n}` })));
  const ids = config.bots.flatMap(bot => bot.strategies.map(({ id }) => id));
  const table = createMemoryTable();
  const today = Math.floor(now / DAY_MS);
  for (const id of ids) {
    for (let hour = 0; hour < 26; hour++) {
      const first = Math.floor(now / HOUR_MS) * 60 - 60 * hour;
      const rows = Array.from({ length: 60 }, (_, n) => [first + n, 100_000 + n, n, 0.01]).filter(([at]) => at! * MINUTE_MS <= now);
      await table.put({
        pk: `STRATEGY#${id}`,
        sk: `HISTORY#MINUTES#${String(first / 60).padStart(7, '0')}`,
        version: 1,
        text: JSON.stringify(rows),
      });
    }
    const days = Array.from({ length: 365 }, (_, n) => [today - 365 + n, String(n * 10 - (n % 7) * 25), '0']);
    await table.put({
      pk: `STRATEGY#${id}`,
      sk: 'HISTORY#LEDGER',
      text: JSON.stringify({ schemaVersion: 1, at: now, currency: 'USDT', capital: '100000', days }),
    });
  }
  const beat = { at: now - 5_000, status: 'ok' as const, component: 'bot', intervalMs: 10_000 };
  const heads = new Map(
    ids.map(strategyId => [strategyId, { strategyId, version: 1, view, pulse: { schemaVersion: 1 as const, heartbeat: beat } }]),
  );
  const health = new Map(config.bots.map(({ id }) => [id, { version: 1, value: newHealth(now) }]));
  const states = new Map(
    alarmDefinitions(config).map(({ name }, n) => [name, { state: n % 50 === 0 ? ('ALARM' as const) : ('OK' as const) }]),
  );
  const incidents = createIncidentStore(table, () => now);
  return {
    config,
    sweeps: { read: async () => ({ heads, health, fired: new Map() }) },
    history: createHistoryStore(table),
    incidents,
    actions: { incidents, silences: createSilenceStore(table), wake: async () => undefined },
    alarms: { read: async () => states },
    now: () => now,
    output: createOutput(() => undefined),
  };
}

export const bench: Bench = {
  name: `custom widgets, warm (limit ${LIMIT_MS} ms)`,
  run: async ({ short }) => {
    for (const strategies of [3, 100]) {
      const tools = await fleet(strategies);
      for (const name of names) {
        const ranges = name === 'curve' ? [DAY_MS, 365 * DAY_MS] : [DAY_MS];
        for (const range of ranges) {
          const event = { widget: name, widgetContext: { timeRange: { start: now - range, end: now }, width: 900, height: 450 } };
          const times: number[] = [];
          let bytes = 0;
          for (let round = 0; round < (short ? 6 : 30); round++) {
            const from = performance.now();
            bytes = (await widget(event, tools as never)).length;
            times.push(performance.now() - from);
          }
          const warm = times.slice(1).sort((a, b) => a - b);
          const worst = warm.at(-1)!;
          const text = `${String(strategies).padStart(3)} strategies  ${`${name}${range > DAY_MS ? ' of a year' : ''}`.padEnd(16)} median ${warm[Math.floor(warm.length / 2)]!.toFixed(1).padStart(6)} ms  worst ${worst.toFixed(1).padStart(6)} ms  ${(bytes / 1024).toFixed(1).padStart(6)} KB`;
          process.stdout.write(`${text}\n`);
          if (warm[Math.floor(warm.length / 2)]! > LIMIT_MS) throw new Error(`${name} takes longer than ${LIMIT_MS} ms`);
        }
      }
    }
  },
};
