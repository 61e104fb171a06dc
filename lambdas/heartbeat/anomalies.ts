import type { DetectorStore } from '../../adapters/aws/detector-store.ts';
import { anomalyRows, isDetectorMinute, strategyAnomalies } from '../../core/anomaly/strategy-anomalies.ts';
import type { MetricValues } from '../../core/catalogue/emit.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import type { StrategyGauges } from '../../core/ledger/gauges.ts';
import { settingsFor } from '../../core/ledger/settings.ts';

/** Scores of the rows that the config publishes, every fifth sweep; without such rows nothing is read or written. */
export function createAnomalies(config: NightdeskConfig, detectors: DetectorStore) {
  const rows = anomalyRows(config);
  return async (strategyId: string, gauges: StrategyGauges, nowMs: number): Promise<MetricValues> => {
    if (rows.length === 0 || !isDetectorMinute(nowMs)) return {};
    const stored = await detectors.read(strategyId, rows);
    const before = Object.fromEntries([...stored].flatMap(([id, { state }]) => (state === undefined ? [] : [[id, state]])));
    const { states, values } = strategyAnomalies(rows, before, gauges, { calendar: settingsFor(config, strategyId).calendar, nowMs });
    // In a conflict another sweep has learnt from the same minute.
    await Promise.all(
      rows.map(row => {
        const { version, state } = stored.get(row.id)!;
        const next = states[row.id];
        return next === undefined || next === state ? undefined : detectors.save(strategyId, row, version, next);
      }),
    );
    return values;
  };
}
