import { expect, it } from 'vitest';
import { createDetectorStore } from '../../adapters/aws/detector-store.ts';
import { createMemoryTable } from '../../adapters/memory/table.ts';
import { anomalyRows, type DetectorStates, strategyAnomalies } from '../../core/anomaly/strategy-anomalies.ts';
import { parseConfig } from '../../core/config/parse.ts';
import { createAnomalies } from '../../lambdas/heartbeat/anomalies.ts';
import { DAY, dailyWave, HOUR, MINUTE, pointsOf, START } from '../anomaly/series.ts';
import { lineOf } from '../events/lines-of.ts';
import { pathStory } from './path-story.ts';

const bots = [{ id: 's1' }];

function configOf(input: unknown) {
  const parsed = parseConfig(input);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}

/** Exposure that doubles after three days, as each fifth sweep sees it. */
const doubled = pointsOf({ days: 3.25, valueAt: (at, noise) => dailyWave(at, noise) * (at >= START + 3 * DAY ? 2 : 1) }).map(
  ({ at, value }) => ({ nowMs: at + 4 * MINUTE, gauges: { grossExposure: value } }),
);

it('publishes from the table what a replay computes in memory, though no process remembers anything', async () => {
  const config = configOf({ bots, publish: ['exposureAnomaly'] });
  const table = createMemoryTable();
  const rows = anomalyRows(config);
  let states: DetectorStates = {};
  const live: unknown[] = [];
  const replayed: unknown[] = [];
  for (const { nowMs, gauges } of doubled) {
    live.push(await createAnomalies(config, createDetectorStore(table))('s1', gauges, nowMs));
    const next = strategyAnomalies(rows, states, gauges, { calendar: '24x7', nowMs });
    states = next.states;
    replayed.push(next.values);
  }
  expect(live).toEqual(replayed);
  const above = doubled.filter((_, index) => ((live[index] as { exposureAnomaly?: number }).exposureAnomaly ?? 0) > 1);
  expect(above[0]!.nowMs - (START + 3 * DAY)).toBeLessThan(2 * HOUR);
  expect([...table.items.keys()]).toHaveLength(1);
});

it('reads and writes nothing between its minutes, or when the config publishes no such row', async () => {
  const table = createMemoryTable();
  const asked = createAnomalies(configOf({ bots, publish: ['exposureAnomaly'] }), createDetectorStore(table));
  const unasked = createAnomalies(configOf({ bots }), createDetectorStore(table));
  expect(await asked('s1', { grossExposure: 5 }, START + MINUTE)).toEqual({});
  expect(await unasked('s1', { grossExposure: 5 }, START + 4 * MINUTE)).toEqual({});
  expect([...table.items.keys()]).toEqual([]);
});

it('is part of the sweep', async () => {
  const s = pathStory({ bots, publish: ['exposureAnomaly'] });
  await s.ingest(s.at(0).logs(lineOf('heartbeat', { eventId: 'h', tsEvent: s.iso(0), tsSent: s.iso(0) })));
  await s.fold();
  await s.at(270).sweep();
  expect([...s.table.items.values()].map(({ sk }) => sk)).toContain('DETECTOR#exposureAnomaly');
});
