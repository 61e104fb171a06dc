import type { Observations } from '../../adapters/aws/latency-metrics.ts';
import { functionValues, gaugesToEmf, sketchRow, strategyValues } from '../../core/catalogue/emit.ts';
import { metricName } from '../../core/catalogue/names.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import type { LatencySketches } from '../../core/ledger/fold.ts';
import type { StrategyView } from '../../core/ledger/view.ts';
import { sketchValues } from '../../core/orders/latency-sketch.ts';
import type { BatchSums } from './batch-sums.ts';

const kinds = ['orderAck', 'orderFill', 'orderCancel', 'marketData'] as const satisfies readonly (keyof LatencySketches)[];

/** What the ledger publishes, under the names of the catalogue. */
export function ledgerReports(namespace: string, config: NightdeskConfig) {
  return {
    gaugeLines: (strategyId: string, view: StrategyView) =>
      gaugesToEmf(namespace, strategyValues(view.gauges, config), { Strategy: strategyId }, view.at),
    // What was accepted is told strategy by strategy.
    countLines: ({ accepted: _, ...sums }: BatchSums, nowMs: number) => gaugesToEmf(namespace, functionValues(sums, config), {}, nowMs),
    throughputLines: (strategyId: string, accepted: number, nowMs: number) =>
      accepted === 0 ? [] : gaugesToEmf(namespace, functionValues({ accepted }, config), { Strategy: strategyId }, nowMs),
    observations: (strategyId: string, sketches: LatencySketches, atMs: number): readonly Observations[] =>
      kinds.flatMap(kind => {
        const row = sketchRow(kind, config);
        if (row === undefined || sketches[kind].count === 0) return [];
        const series = { metricName: metricName(row), dimensions: { Strategy: strategyId }, unit: 'Milliseconds' as const };
        return [{ ...series, ...sketchValues(sketches[kind]), atMs }];
      }),
  };
}
